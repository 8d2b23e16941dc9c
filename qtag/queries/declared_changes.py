"""What became different since the head signed, learner by learner: which grade, who changed it, when and why (HOC-04)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from awarding.workflow.models import StatusEvent
from qtag.models import DeclarationPart, GradeChange, Judgement, Submission

# One learner of a signed part, as `Declaration.content` holds it, by registration id.
Declared = Mapping[int, Mapping[str, Any]]


@dataclass(frozen=True)
class LearnerChange:
    """One learner whose signed line is no longer true; `after` is "" while nothing is submitted.

    `who`, `when` and `why` are those of the last act.
    """

    registration_id: int
    name: str
    uln: str
    before: str
    after: str
    what: str
    who: str
    when: datetime | None
    why: str

    @property
    def bound(self) -> dict[str, Any]:
        """As the next signature binds it."""
        return {
            "registration": self.registration_id, "before": self.before, "after": self.after, "what": self.what,
            "who": self.who, "when": self.when.isoformat() if self.when else "", "why": self.why,
        }  # fmt: skip


def declared_learners(parts: Iterable[DeclarationPart]) -> dict[int, Declared]:
    """By submission id, the learners that a part's declaration bound. The parts come with `declaration` and `submission`."""
    found: dict[int, Declared] = {}
    for part in parts:
        books = part.declaration.content.get("qualifications", ())
        mine = next((book for book in books if book["qan"] == part.submission.qualification.qan), {"learners": ()})
        found[part.submission_id] = {row["registration"]: row for row in mine["learners"]}
    return found


def changes_since(
    declared: Mapping[int, Declared], judgements: Mapping[int, Sequence[Judgement]]
) -> dict[int, list[LearnerChange]]:
    """By submission id, every learner whose line differs from what was signed. Two queries, however many they are.

    The judgements come with `registration__learner` and `grade`. A grade that came back to what it was is named as well:
    it was open in between.
    """
    different = []
    for pk, lines in declared.items():
        different += [row for row in judgements.get(pk, ()) if _differs(row, lines.get(row.registration_id))]
    ids = [row.pk for row in different]
    regraded: dict[int, list[GradeChange]] = defaultdict(list)
    for change in GradeChange.objects.filter(judgement__in=ids).select_related("changed_by").order_by("id"):
        regraded[change.judgement_id].append(change)
    moves: dict[int, StatusEvent] = {}
    events = StatusEvent.objects.filter(
        target_type=Judgement._meta.label_lower, target_id__in=ids, transition__in=["submit", "reopen"]
    )
    for event in events.select_related("actor").order_by("id"):
        moves[event.target_id] = event
    found: dict[int, list[LearnerChange]] = defaultdict(list)
    for row in different:
        line = declared[row.submission_id].get(row.registration_id)
        found[row.submission_id].append(_change(row, line, regraded[row.pk], moves.get(row.pk)))
    return dict(found)


def _differs(row: Judgement, line: Mapping[str, Any] | None) -> bool:
    if row.state != "submitted":
        return line is not None
    code = row.grade.code if row.grade else ""
    return line is None or line["grade"] != code or line["version"] != row.grade_version


def _change(
    row: Judgement, line: Mapping[str, Any] | None, changes: Sequence[GradeChange], move: StatusEvent | None
) -> LearnerChange:
    learner = row.registration.learner
    before = str(line["grade"]) if line else ""
    newer = [change for change in changes if line is not None and change.version > line["version"]]
    is_sent = row.state == "submitted"
    after = row.grade.code if is_sent and row.grade else ""
    if line is None:
        what = _("Submitted since")
    elif not is_sent:
        what = _("Reopened, not submitted again yet")
    else:
        what = _("Grade changed") if before != after else _("Changed and changed back")
    who, when, why = "", None, ""
    if newer and is_sent:
        last = newer[-1]
        who, when, why = str(last.changed_by), last.changed_at, last.reason
    elif move is not None:
        who, when, why = str(move.actor or ""), move.at, move.reason
    return LearnerChange(row.registration_id, learner.full_name, learner.uln, before, after, what, who, when, why)


def judgements_by_submission(submissions: Iterable[Submission]) -> dict[int, list[Judgement]]:
    """The judgements of some submissions with what `changes_since` needs. One query."""
    rows: dict[int, list[Judgement]] = defaultdict(list)
    judgements = Judgement.objects.filter(submission__in=[row.pk for row in submissions])
    for row in judgements.select_related("registration__learner", "grade").order_by("registration__learner__uln", "id"):
        rows[row.submission_id].append(row)
    return rows
