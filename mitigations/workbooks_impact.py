"""The notice to a centre as a workbook: its eRACs, its impacted learners, what to do."""

from __future__ import annotations

import io
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from awarding.spreadsheets.writer import WrittenColumn, WrittenSheet, write_sheets
from mitigations.models import NoticeRound
from mitigations.queries.centre_notices import NoticeContents

DOCUMENT_COLUMNS = (
    WrittenColumn(gettext_lazy("eRAC"), width=20),
    WrittenColumn(gettext_lazy("State"), width=24),
    WrittenColumn(gettext_lazy("QAN"), width=12),
    WrittenColumn(gettext_lazy("Qualification"), width=50),
    WrittenColumn(gettext_lazy("Cohort"), width=20),
    WrittenColumn(gettext_lazy("Mitigation"), width=28),
    WrittenColumn(gettext_lazy("Impacted learners"), "integer", 12),
)
LEARNER_COLUMNS = (
    WrittenColumn(gettext_lazy("Learner"), width=30),
    WrittenColumn(gettext_lazy("ULN"), width=13),
    WrittenColumn(gettext_lazy("Your reference"), width=16),
    WrittenColumn(gettext_lazy("QAN"), width=12),
    WrittenColumn(gettext_lazy("Qualification"), width=50),
    WrittenColumn(gettext_lazy("Cohort"), width=20),
    WrittenColumn(gettext_lazy("eRAC"), width=20),
    WrittenColumn(gettext_lazy("Mitigation"), width=28),
    WrittenColumn(gettext_lazy("Planned end"), "date", 12),
    WrittenColumn(gettext_lazy("Why impacted"), width=40),
)


Rows = list[tuple[Any, ...]]


def notice_rows(contents: NoticeContents) -> tuple[Rows, Rows]:
    """The rows of the two sheets, in the order of their columns."""
    none_yet = _("none yet")
    documents: Rows = [
        (row.number or none_yet, row.state, row.qan, row.title, row.cohort, row.mitigation, row.impacted)
        for row in contents.documents
    ]
    learners: Rows = [
        (
            row.name, row.uln, row.reference, row.qan, row.title, row.cohort, row.document or none_yet, row.mitigation,
            row.ends_on, row.why,
        )
        for row in contents.learners
    ]  # fmt: skip
    return documents, learners


def notice_workbook(contents: NoticeContents, round_: NoticeRound, framework: str) -> bytes:
    """The workbook of one notice, as .xlsx (MIT-09)."""
    documents, learners = notice_rows(contents)
    target = io.BytesIO()
    write_sheets(
        target,
        title=_("Notice of impacted learners"),
        sheets=(
            WrittenSheet(_("eRACs"), DOCUMENT_COLUMNS, documents),
            WrittenSheet(_("Learners"), LEARNER_COLUMNS, learners),
        ),
        facts=notice_facts(contents, round_, framework),
    )
    return target.getvalue()


def notice_facts(contents: NoticeContents, round_: NoticeRound, framework: str) -> list[tuple[str, str]]:
    """What the last sheet says about the notice: (label, value)."""
    return [
        (_("Centre"), contents.centre_name),
        (_("Framework"), framework),
        (_("Notice"), str(round_.number)),
        (_("Made on"), date_format(round_.begun_at, "j F Y")),
        (_("Answer by"), date_format(round_.answer_by, "j F Y")),
        (_("Impacted learners"), str(len(contents.learners))),
        (_("Of these on no eRAC yet"), str(contents.without_claim)),
        (_("What to do"), _("Compare with your own records. Then open the notice in the portal: confirm that nobody is "
                            "missing, or report each learner or programme that is.")),
        (_("From the awarding organisation"), round_.message),
    ]  # fmt: skip


def notice_file_name(centre_number: str, round_: NoticeRound) -> str:
    """notice-2-4101.xlsx"""
    return f"notice-{round_.number}-{centre_number}.xlsx"
