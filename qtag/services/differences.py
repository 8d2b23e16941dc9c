"""Saying why grades differ from earlier years (SNS-09), and what the AO makes of it. No grade is touched (SNS-10)."""

from __future__ import annotations

from collections.abc import Collection

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from awarding.accounts.roles import Permission, Role
from awarding.accounts.standing import Standing
from awarding.audit.services import record
from awarding.notices.services import notify_roles
from awarding.ui.addresses import address
from awarding.workflow.services import ReasonMissingError, StalePageError
from qtag.models import DifferenceDraft, DifferenceReason, SenseRow
from qtag.queries.differences import newest_reasons, readable_reasons
from qtag.queries.sense_rows import figures_shown, visible_rows, words_of

MOST_LETTERS = 4000


@transaction.atomic
def record_reason(
    *, actor: Standing, row_id: int, kinds: Collection[str], text: str, shown_digest: str
) -> DifferenceReason:
    """Records the comparison as it was shown and the centre's reason for it (SNS-09). Earlier reasons are kept.

    `shown_digest` is that of the page: when a run has found other numbers since, StalePageError, and what was typed is
    the caller's to keep. ReasonMissingError says which part is missing. SenseRow.DoesNotExist when it is out of sight.
    """
    row = _locked(actor, row_id)
    if row.digest != shown_digest:
        raise StalePageError(
            _("The numbers have changed since you opened the page. Read them again: your text is kept below.")
        )
    chosen, said = _checked(kinds, text)
    reason = DifferenceReason.objects.create(
        centre_id=row.centre_id, level=row.level, qualification_id=row.qualification_id, key=row.key, label=row.label,
        shown=figures_shown(row) | {"words": words_of(row)}, shown_digest=row.digest, kinds=chosen, text=said,
        recorded_by=actor.person,
    )  # fmt: skip
    DifferenceDraft.objects.filter(centre_id=row.centre_id, key=row.key).delete()
    record("difference.explained", actor=actor, target=reason, data={"key": row.key, "kinds": chosen})
    return reason


@transaction.atomic
def save_draft(*, actor: Standing, row_id: int, kinds: Collection[str], text: str) -> DifferenceDraft:
    """Keeps what somebody has typed, whole or not, for themselves and their colleagues."""
    row = _locked(actor, row_id)
    known = [kind for kind in DifferenceReason.Kind.values if kind in kinds]
    draft, _made = DifferenceDraft.objects.update_or_create(
        centre_id=row.centre_id, key=row.key,
        defaults={
            "kinds": known, "text": text.strip()[:MOST_LETTERS], "saved_by": actor.person, "saved_at": timezone.now(),
        },
    )  # fmt: skip
    record("difference.drafted", actor=actor, target=draft, data={"key": row.key})
    return draft


@transaction.atomic
def view_reason(*, actor: Standing, reason_id: int, view: str, note: str) -> DifferenceReason:
    """The AO says what it makes of the reason in force (SNS-09). Asking more tells the centre.

    StalePageError when the centre has given another reason since the page was read.
    """
    actor.require(Permission.SENSE_MANAGE)
    reason: DifferenceReason = DifferenceReason.objects.select_for_update(of=("self",)).get(pk=reason_id)
    if not readable_reasons().filter(pk=reason.pk).exists():
        if newest_reasons().filter(pk=reason.pk).exists():
            raise DifferenceReason.DoesNotExist
        raise StalePageError(_("The centre has given another reason since. Read that one."))
    if view not in DifferenceReason.View.values:
        raise ReasonMissingError(_("Choose what you make of the reason."))
    if view == DifferenceReason.View.ASKED and not note.strip():
        raise ReasonMissingError(_("Say what you ask of the centre."))
    reason.view, reason.view_note, reason.viewed_by = view, note.strip()[:MOST_LETTERS], actor.person
    reason.viewed_at = timezone.now()
    reason.save()
    record("difference.viewed", actor=actor, target=reason, data={"view": view})
    if view == DifferenceReason.View.ASKED:
        _ask(actor, reason)
    return reason


def _ask(actor: Standing, reason: DifferenceReason) -> None:
    """Tells the centre that there is a question; which numbers it is about stands on the page only (QTG-17)."""
    row = SenseRow.objects.filter(centre_id=reason.centre_id, key=reason.key).first()
    url = address("qtag:sense_group", ao=actor.ao.slug, row_id=row.pk) if row else ""
    notify_roles(
        roles={Role.QUALITY_CONTACT, Role.HEAD_OF_CENTRE}, centre_id=reason.centre_id,
        key=f"difference-{reason.pk}-{reason.viewed_at:%Y%m%d%H%M%S}",
        subject=_("A question about a comparison with earlier years"), body=reason.view_note, url=url, target=reason,
        besides=actor.person,
    )  # fmt: skip


def _locked(actor: Standing, row_id: int) -> SenseRow:
    """The row, if this person may explain it and its history is open (SNS-01)."""
    seen = visible_rows(actor).filter(pk=row_id).values_list("centre_id", flat=True).first()
    if seen is None:
        raise SenseRow.DoesNotExist
    actor.require(Permission.SENSE_EXPLAIN, seen)
    row: SenseRow = SenseRow.objects.select_related("qualification").select_for_update(of=("self",)).get(pk=row_id)
    return row


def _checked(kinds: Collection[str], text: str) -> tuple[list[str], str]:
    chosen = [kind for kind in DifferenceReason.Kind.values if kind in kinds]
    if not chosen:
        raise ReasonMissingError(_("Tick at least one kind of reason."))
    said = text.strip()
    if not said:
        raise ReasonMissingError(_("Say in your own words why this year differs."))
    if len(said) > MOST_LETTERS:
        raise ReasonMissingError(_("The reason is longer than %(most)d characters.") % {"most": MOST_LETTERS})
    return chosen, said
