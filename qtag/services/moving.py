"""Moving judgements on: proposing, endorsing, agreeing, submitting, returning single learners, reopening by the AO."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from awarding.accounts.roles import AO_ROLES
from awarding.accounts.standing import Process, Standing
from awarding.findings.finding import Finding, blocking
from awarding.notices.services import notify_roles
from awarding.workflow.services import GuardedError, TransitionError, apply_transition
from centres.models import Centre
from qtag.models import DeclarationPart, Judgement, Submission
from qtag.queries.facts import learner_facts, submission_facts
from qtag.queries.submissions import missing_steps, submission_url, submission_window
from qtag.queries.visibility import visible_judgements
from qtag.rules.eligibility import eligibility_findings
from qtag.rules.judgement import proposal_findings
from qtag.services.asking import compare_once_judged
from qtag.services.locking import locked_in_order
from qtag.services.reopening import reopening_followers
from qtag.workflow import DECLARATION_PART, JUDGEMENT

CHECKED = frozenset({"propose", "submit"})
REOPENED = Process("reopening of a Q-TAG")
SUBMITTED = Process("submission of further Q-TAGs")


class WindowClosedError(TransitionError):
    """Submission has not opened yet. Being late is no error: it is accepted and marked (QTG-10)."""


class StepsMissingError(TransitionError):
    """Not all of the framework's steps have been recorded (QTG-12)."""


@dataclass(frozen=True)
class Outcome:
    """What became of a bulk move: the judgements that moved, and by id why the others did not."""

    moved: list[Judgement]
    refused: dict[int, str]


@transaction.atomic
def move_judgements(
    *, actor: Standing, submission: Submission, move: str, judgement_ids: Sequence[int], versions: dict[int, int]
) -> Outcome:
    """Moves many learners along one transition, each by itself: one that is refused does not hold up the rest.

    `versions` are those that the page showed; a row that moved since is refused. Proposing and submitting check the
    learner first. Submitting needs the steps (StepsMissingError, QTG-12) and an open window (WindowClosedError);
    after its close it is accepted, marked late and said so (QTG-10).
    """
    today = timezone.localdate()
    changes: dict[str, Any] = {}
    if move == "submit":
        _wait_for_signature(submission.centre_id)
    submission = _as_it_is_now(submission.pk)
    if move == "submit":
        changes = _submission_changes(submission, today)
    elif move == "propose":
        changes = {"proposed_by": actor.person}
    rows = visible_judgements(actor).filter(submission=submission, pk__in=judgement_ids)
    locked = locked_in_order(rows)
    found = _findings(submission, locked) if move in CHECKED else {}
    moved, refused = [], {}
    for judgement in locked:
        try:
            with transaction.atomic():
                stopping = blocking(found.get(judgement.pk, []))
                if stopping:
                    raise GuardedError(stopping)
                moved.append(
                    apply_transition(
                        JUDGEMENT, judgement, move, actor=actor, expected_version=versions.get(judgement.pk),
                        changes=changes,
                    )
                )  # fmt: skip
        except TransitionError as error:
            refused[judgement.pk] = str(error)
    if moved and move == "submit":
        _void_parts(submission, SUBMITTED, [row.pk for row in moved])
    if moved:
        _tell(actor, submission, move, moved)
        if move in CHECKED:
            compare_once_judged(submission)
    return Outcome(moved, refused)


@transaction.atomic
def return_judgement(
    *, actor: Standing, judgement: Judgement, move: str, reason: str, expected_version: int
) -> Judgement:
    """Returns a single learner to the teacher with a reason (QTG-11); the grade and its history stay (QTG-13)."""
    moved = apply_transition(JUDGEMENT, judgement, move, actor=actor, reason=reason, expected_version=expected_version)
    _tell(actor, moved.submission, move, [moved])
    return moved


@transaction.atomic
def reopen_judgement(*, actor: Standing, judgement: Judgement, reason: str, expected_version: int) -> Judgement:
    """The AO reopens one named learner's Q-TAG (QTG-13). The signed part that covered it is void from now on (HOC-04)."""
    _wait_for_signature(judgement.centre_id)
    moved = apply_transition(
        JUDGEMENT, judgement, "reopen", actor=actor, reason=reason, expected_version=expected_version,
        changes={"submitted_at": None, "is_late": False},
    )  # fmt: skip
    _void_parts(moved.submission, REOPENED, [moved.pk])
    for follow in reopening_followers():
        follow(actor, moved, reason)
    _tell(actor, moved.submission, "reopen", [moved])
    return moved


def _as_it_is_now(submission_id: int) -> Submission:
    """The submission read anew and held: what is checked is what is stored, whatever object the caller had in hand."""
    rows = Submission.objects.select_related("ao", "qualification", "adoption__framework")
    return rows.select_for_update(of=("self",), no_key=True).get(pk=submission_id)


def _wait_for_signature(centre_id: int) -> None:
    """Nothing is submitted or reopened while the head signs: a signature covers exactly what it found (HOC-04)."""
    Centre.objects.select_for_update(of=("self",), no_key=True).get(pk=centre_id)


def _void_parts(submission: Submission, process: Process, judgement_ids: list[int]) -> None:
    """What was signed for this submission no longer covers it: its part alone is void (HOC-04)."""
    parts = DeclarationPart.objects.filter(submission=submission, state="covering").order_by("pk")
    for part in parts.select_for_update(of=("self",)):
        apply_transition(DECLARATION_PART, part, "void", actor=process, data={"judgements": judgement_ids})


def _submission_changes(submission: Submission, today: date) -> dict[str, Any]:
    missing = missing_steps(submission)
    if missing:
        raise StepsMissingError(_("Record these steps first: %(steps)s.") % {"steps": "; ".join(missing)})
    window = submission_window(submission)
    if not window.has_opened(today):
        raise WindowClosedError(
            _("Submission opens on %(day)s. Everything else can be prepared until then.")
            % {"day": window.opens.strftime("%d %B %Y") if window.opens else ""}
        )
    return {"submitted_at": timezone.now(), "is_late": window.has_closed(today)}


def _findings(submission: Submission, judgements: list[Judgement]) -> dict[int, list[Finding]]:
    about = submission_facts(submission)
    facts = learner_facts(judgements)
    return {
        pk: [*eligibility_findings(about, learner), *proposal_findings(about.document, learner)]
        for pk, learner in facts.items()
    }


def _tell(actor: Standing, submission: Submission, move: str, moved: list[Judgement]) -> None:
    """Tells whose turn it is now. The message says how many and for which qualification, never a grade (QTG-17)."""
    roles = set(JUDGEMENT.transition(move).notifies) or set(JUDGEMENT.state(moved[0].state).roles)
    roles -= AO_ROLES
    if not roles:
        return
    body = _("%(count)d learners of %(qualification)s: %(what)s.") % {
        "count": len(moved), "qualification": submission.qualification, "what": JUDGEMENT.event_label(move),
    }  # fmt: skip
    last = moved[-1]
    notify_roles(
        roles=roles, centre_id=submission.centre_id, key=f"qtag-{submission.pk}-{move}-{last.pk}-{last.version}",
        subject=_("Q-TAGs: %(what)s") % {"what": JUDGEMENT.event_label(move)}, body=body, url=submission_url(submission),
        target=submission, besides=actor.person,
    )  # fmt: skip
