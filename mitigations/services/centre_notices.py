"""Rounds of notices to centres: beginning one, making and sending each notice, and what centres answer."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from awarding.accounts.models import User
from awarding.accounts.roles import Permission
from awarding.accounts.standing import Process, Standing
from awarding.audit.services import record
from awarding.catalogue.models import Qualification
from awarding.files.services import store_files
from awarding.findings.finding import Finding, Severity
from awarding.frameworks.models import Adoption
from awarding.frameworks.queries import adopted_document
from awarding.jobs.services import start_job
from awarding.notices.models import Notice, Urgency
from awarding.notices.services import notify_in_bulk
from awarding.spreadsheets.writer import XLSX
from awarding.workflow.services import GuardedError, StalePageError, apply_transition, write_beginnings, write_event
from centres.models import Centre
from mitigations.models import CentreNotice, NoticeLine, NoticeRound
from mitigations.queries.centre_notices import (
    NoticeContents,
    contacts_of,
    impacted_counts,
    last_number,
)
from mitigations.services.telling import tell_moved
from mitigations.workbooks_impact import notice_file_name
from mitigations.workflow import CENTRE_NOTICE, NOTICE_LINE
from mitigations.workflow_impact import refuse_superseded

ROUND_JOB = "centre_notices.round"
RESEND_JOB = "centre_notices.resend"
MAKER = Process("centre_notices")


class RoundSupersededError(Exception):
    """A newer round began while this one was being made: what is left of it is not sent."""


@dataclass(frozen=True)
class MadeNotice:
    """The workbook of one centre's notice, with what it holds."""

    contents: NoticeContents
    workbook: bytes


# --- the AO --------------------------------------------------------------------------------------


@transaction.atomic
def begin_round(
    *, actor: Standing, adoption: Adoption, answer_by: dt.date, remind_every_days: int, message: str = "",
    expected_number: int | None = None,
) -> NoticeRound:  # fmt: skip
    """Begins a round of notices under a framework and the job that makes them; an earlier round is superseded (MIT-09).

    `expected_number` is the number of the round that the page showed, 0 for none: a second click is told. Raises
    StalePageError, or GuardedError when nobody is impacted.
    """
    actor.require(Permission.IMPACT_MANAGE)
    fresh = Adoption.objects.select_for_update(of=("self",)).select_related("framework").get(pk=adoption.pk)
    document = adopted_document(fresh)
    last = last_number(fresh.framework.code)
    if expected_number is not None and expected_number != last:
        raise StalePageError(_("Somebody has begun a round meanwhile. Look at it first: nothing of yours was sent."))
    if not impacted_counts(document)["learners"]:
        raise GuardedError([_nobody(document.short_title)])
    now = timezone.now()
    NoticeRound.objects.filter(framework_code=document.id, superseded_at=None).update(superseded_at=now)
    made = NoticeRound.objects.create(
        framework_code=document.id, adoption=fresh, number=last + 1, message=message.strip(), answer_by=answer_by,
        remind_every_days=remind_every_days, begun_by=actor.person, begun_at=now,
    )  # fmt: skip
    title = _("Notices to centres, %(framework)s, round %(number)s") % {
        "framework": document.short_title,
        "number": made.number,
    }
    made.job = start_job(
        actor=actor, kind=ROUND_JOB, title=title, key=f"centre-notices-{made.pk}", parameters={"round": made.pk},
        back_to=round_url(made),
    )  # fmt: skip
    made.save(update_fields=["job"])
    facts = {"number": made.number, "answer_by": answer_by.isoformat(), "remind_every_days": remind_every_days}
    record("notice_round.begun", actor=actor, target=made, data=facts)
    return made


def _nobody(framework: str) -> Finding:
    return Finding(
        "MIT-09", Severity.BLOCKS, framework, _("No registered learner is impacted, so there is nobody to write to."),
        _("Set the impact date under “Frameworks”, or wait for registrations."), "nobody_impacted",
    )  # fmt: skip


@transaction.atomic
def make_notices(*, round_id: int, made: Sequence[MadeNotice]) -> int:
    """Stores the notices of some centres and tells their quality contacts; who has a notice already gets no second one.

    A centre without a quality contact keeps its notice unsent: the AO sees it (MIT-09). Answers how many were made. Raises
    RoundSupersededError. Done by the job, in a handful of statements however many centres.
    """
    round_ = NoticeRound.objects.select_for_update(of=("self",)).select_related("ao").get(pk=round_id)
    if round_.superseded_at is not None:
        raise RoundSupersededError
    ids = [one.contents.centre_id for one in made]
    there = set(CentreNotice.objects.filter(round=round_, centre_id__in=ids).values_list("centre_id", flat=True))
    contacts = contacts_of(ids)
    numbers = dict(Centre.objects.filter(pk__in=ids).values_list("pk", "number"))
    now = timezone.now()
    new = [one for one in made if one.contents.centre_id not in there]
    names = (notice_file_name(numbers[one.contents.centre_id], round_) for one in new)
    books = (one.workbook for one in new)
    files = store_files(actor=MAKER, purpose="notice", contents=zip(names, books, strict=True), media_type=XLSX)
    rows = [
        CentreNotice(
            ao=round_.ao, round=round_, centre_id=one.contents.centre_id, file=stored,
            documents=len(one.contents.documents), learners=len(one.contents.learners),
            learners_without_claim=one.contents.without_claim,
            state="sent" if contacts.get(one.contents.centre_id) else CENTRE_NOTICE.initial,
            sent_at=now if contacts.get(one.contents.centre_id) else None,
        )
        for one, stored in zip(new, files, strict=True)
    ]  # fmt: skip
    CentreNotice.objects.bulk_create(rows)
    for name, state in (("send", "sent"), ("make", CENTRE_NOTICE.initial)):
        begun = [row for row in rows if row.state == state]
        write_beginnings(begun, name, actor=MAKER, data={"round": round_.number})
    notify_in_bulk(
        _letter(row, person, f"centre-notice-{row.pk}")
        for row in rows
        for person in contacts.get(row.centre_id, ())
    )  # fmt: skip
    return len(rows)


def _letter(notice: CentreNotice, person: User, key: str, *, is_reminder: bool = False) -> Notice:
    """What one quality contact is told about their centre's notice. The learners stand in the workbook only."""
    round_ = notice.round
    day = date_format(round_.answer_by, "j F Y")
    subject = _("Notice of impacted learners: please confirm by %(day)s") % {"day": day}
    if is_reminder:
        subject = _("Reminder: your notice of impacted learners waits for your answer")
    body = _(
        "Your notice names %(learners)s impacted learners on %(documents)s eRACs or cohorts. Open it, compare the workbook "
        "with your own records, and confirm that nobody is missing or report who is. We ask for your answer by %(day)s."
    ) % {"learners": notice.learners, "documents": notice.documents, "day": day}
    return Notice(
        person=person, centre_id=notice.centre_id, key=key, urgency=Urgency.URGENT, subject=subject,
        body=f"{body}\n\n{round_.message}".strip(), url=notice_url(notice), target_type=notice._meta.label_lower,
        target_id=notice.pk,
    )  # fmt: skip


@transaction.atomic
def remind_notice(*, notice: CentreNotice, on: dt.date) -> bool:
    """Sends an unsent notice to a contact who is there now, or reminds about one that waits; the number of the reminder
    makes its key, so that none is sent twice. Answers whether anybody was there to tell. Holds the row's lock."""
    people = contacts_of([notice.centre_id]).get(notice.centre_id, [])
    if not people:
        return False
    if notice.state == "made":
        changes = {"sent_at": timezone.now()}
        sent = apply_transition(CENTRE_NOTICE, notice, "send", actor=MAKER, changes=changes)
        notify_in_bulk(_letter(sent, person, f"centre-notice-{sent.pk}") for person in people)
        return True
    number = notice.reminders + 1
    CentreNotice.objects.filter(pk=notice.pk).update(reminders=number, reminded_on=on)
    key = f"centre-notice-{notice.pk}-reminder-{number}"
    notify_in_bulk(_letter(notice, person, key, is_reminder=True) for person in people)
    record("centre_notice.reminded", actor=MAKER, target=notice, data={"number": number, "on": on.isoformat()})
    return True


@transaction.atomic
def send_again(*, actor: Standing, round_: NoticeRound, notice_ids: Sequence[int]) -> int:
    """Asks for a job that writes again to the centres of these notices that have not answered. Answers how many.

    0, and no job, when none of them waits or the round is superseded.
    """
    actor.require(Permission.IMPACT_MANAGE)
    rows = CentreNotice.objects.filter(round=round_, round__superseded_at=None, pk__in=notice_ids)
    ids = list(rows.filter(state__in=("made", "sent", "settled")).order_by("pk").values_list("pk", flat=True))
    if ids:
        start_job(
            actor=actor, kind=RESEND_JOB, title=_("Writing again to %(count)s centres") % {"count": len(ids)},
            key=f"centre-notices-again-{round_.pk}", parameters={"notices": ids}, back_to=round_url(round_),
        )  # fmt: skip
    return len(ids)


@transaction.atomic
def settle_line(
    *, actor: Standing, line: NoticeLine, move: str, answer: str = "", expected_version: int | None = None
) -> NoticeLine:  # fmt: skip
    """The AO answers one reported line: add, explain or refuse, with its reason (MIT-10).

    A learner is not added while there is no registration (MIT-07). With the last line the notice goes back to its centre.
    Raises as `apply_transition`.
    """
    actor.require(Permission.IMPACT_MANAGE)
    notice = CentreNotice.objects.select_for_update(of=("self",)).get(pk=line.notice_id)
    moved = apply_transition(
        NOTICE_LINE, line, move, actor=actor, reason=answer, expected_version=expected_version,
        changes={"answer": answer.strip()},
    )  # fmt: skip
    _settle_notice(notice)
    return moved


@transaction.atomic
def take_back_line(*, actor: Standing, line: NoticeLine, expected_version: int | None = None) -> NoticeLine:
    """The centre takes back a line that it reported by mistake. Raises as `apply_transition`."""
    actor.require(Permission.IMPACT_ANSWER, line.centre_id)
    notice = CentreNotice.objects.select_for_update(of=("self",)).get(pk=line.notice_id)
    moved = apply_transition(NOTICE_LINE, line, "take_back", actor=actor, expected_version=expected_version)
    _settle_notice(notice)
    return moved


def _settle_notice(notice: CentreNotice) -> None:
    """With the last of its lines answered a notice is its centre's again."""
    if notice.state != "reported" or notice.lines.filter(state="open").exists():
        return
    settled = apply_transition(CENTRE_NOTICE, notice, "settle", actor=MAKER)
    tell_moved(
        actor=MAKER, workflow=CENTRE_NOTICE, subject=settled, move="settle", url=notice_url(settled),
        title=_("What you reported about your notice is answered"),
        body=_("Read the answers, then confirm the notice or say what is still missing."),
    )  # fmt: skip


# --- the centre ------------------------------------------------------------------------------------


@transaction.atomic
def confirm_notice(*, actor: Standing, notice: CentreNotice, expected_version: int | None = None) -> CentreNotice:
    """The centre says that nobody is missing from its notice (MIT-10). Raises as `apply_transition`."""
    changes = {"answered_by": actor.person, "answered_at": timezone.now()}
    return apply_transition(
        CENTRE_NOTICE, notice, "confirm", actor=actor, expected_version=expected_version, changes=changes
    )


@transaction.atomic
def report_missing(
    *, actor: Standing, notice: CentreNotice, kind: str, details: str, qualification: Qualification | None = None,
    qan: str = "", learner_name: str = "", uln: str = "",
) -> NoticeLine:  # fmt: skip
    """The centre reports one learner or programme that is missing from its notice (MIT-10).

    Raises GuardedError when the notice is superseded or the same line waits already.
    """
    actor.require(Permission.IMPACT_ANSWER, notice.centre_id)
    locked = CentreNotice.objects.select_for_update(of=("self",)).select_related("round", "ao").get(pk=notice.pk)
    found = refuse_superseded(locked) + _twice(locked, kind, qan, learner_name, uln)
    if found:
        raise GuardedError(found)
    line = NoticeLine.objects.create(
        notice=locked, centre_id=locked.centre_id, kind=kind, qualification=qualification, qan=qan,
        learner_name=learner_name.strip(), uln=uln, details=details.strip(), state=NOTICE_LINE.initial,
        reported_by=actor.person,
    )  # fmt: skip
    write_event(line, "report", "", actor=actor, reason=line.details)
    if locked.state != "reported":
        changes = {"answered_by": actor.person, "answered_at": timezone.now()}
        moved = apply_transition(CENTRE_NOTICE, locked, "report", actor=actor, changes=changes)
        tell_moved(
            actor=actor, workflow=CENTRE_NOTICE, subject=moved, move="report", url=notice_url(moved),
            title=_("%(centre)s says that its notice is not complete") % {"centre": moved.centre.name}, body=line.details,
        )  # fmt: skip
    return line


def _twice(notice: CentreNotice, kind: str, qan: str, learner_name: str, uln: str) -> list[Finding]:
    same = notice.lines.filter(state="open", kind=kind, qan=qan, uln=uln, learner_name=learner_name.strip())
    if not same.exists():
        return []
    return [
        Finding(
            "MIT-10", Severity.BLOCKS, _("The line"), _("You have reported this already; it waits for an answer."),
            _("Take the earlier line back first if its details are wrong."), "reported_already",
        )
    ]  # fmt: skip


def notice_url(notice: CentreNotice) -> str:
    """The address of a notice's page."""
    return reverse("mitigations:centre_notice", kwargs={"ao": notice.ao.slug, "centre_notice_id": notice.pk})


def round_url(round_: NoticeRound) -> str:
    """The address of a round's page."""
    return reverse("mitigations:notice_round", kwargs={"ao": round_.ao.slug, "round_id": round_.pk})
