"""Reads of workbooks of grades: the version to use, what came back, what evidence stands beside each grade."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from django.db.models import QuerySet

from awarding.accounts.models import User
from awarding.accounts.standing import Standing
from awarding.frameworks.queries import adopted_document
from awarding.spreadsheets.comparison import Held, Place, put_in
from qtag.models import GradeSheet, GradeUpload, Judgement, Submission
from qtag.queries.facts import learner_facts, submission_facts
from qtag.queries.submissions import judgement_rows, latest_steps
from qtag.rules.eligibility import eligibility_findings
from qtag.rules.judgement import best_shown, proposal_findings

GRADE = "grade"


def current_sheet(submission: Submission, person: User | None) -> GradeSheet | None:
    """The newest version that this person was given."""
    sheets = GradeSheet.objects.filter(submission=submission, issued_by=person, superseded_at=None)
    return sheets.order_by("-version").first()


def own_uploads(standing: Standing, submission: Submission) -> QuerySet[GradeUpload]:
    """The workbooks that this person sent, newest first. Nobody else's: their cohorts may be others (QTG-17)."""
    rows = GradeUpload.objects.filter(submission=submission, uploaded_by=standing.person)
    return rows.select_related("file", "sheet", "uploaded_by").order_by("-id")


def waiting_upload(standing: Standing, submission: Submission) -> GradeUpload | None:
    """The person's newest upload that was checked, would change something, and is not applied yet."""
    waiting = own_uploads(standing, submission).filter(state=GradeUpload.State.CHECKED, sheet__superseded_at=None)
    return waiting.exclude(changes=[]).first()


def uploaded_before(sheet: GradeSheet, person: User | None) -> dict[Place, str]:
    """What this person's earlier uploads of the version put into the portal."""
    earlier = GradeUpload.objects.filter(sheet=sheet, uploaded_by=person, state=GradeUpload.State.APPLIED)
    return put_in(earlier.order_by("applied_at").values_list("changes", flat=True))


def held_grades(rows: Iterable[Judgement]) -> dict[Place, Held]:
    """What the portal holds now, by row key and column."""
    return {
        (row.row_key, GRADE): Held(
            row.grade.code if row.grade else "", row.grade_version, row.graded_by_id, row.graded_at
        )
        for row in rows
    }


def evidence_summaries(standing: Standing, submission: Submission) -> list[tuple[Judgement, dict[str, str]]]:
    """Each learner of the submission whom this person sees, with a few words on what stands beside the grade.

    {"evidence", "shows", "told", "missing"}: how many pieces of which kinds, the best grade that they show, the day on
    which the learner was told, what the checks still ask for. A fixed number of queries.
    """
    rows = list(judgement_rows(standing, submission))
    about, facts = submission_facts(submission), learner_facts(rows)
    codes = (
        dict(submission.qualification.scale.grades.values_list("rank", "code"))
        if submission.qualification.scale
        else {}
    )
    types = about.document.evidence_types
    found = []
    for row in rows:
        learner = facts[row.pk]
        kinds = Counter(types[piece.type].label if piece.type in types else piece.type for piece in learner.evidence)
        best = best_shown(about.document, learner.evidence)
        missing = [*eligibility_findings(about, learner), *proposal_findings(about.document, learner)]
        words = {
            "evidence": ", ".join(f"{kind} × {count}" if count > 1 else kind for kind, count in kinds.items()),
            "shows": codes.get(best, "") if best is not None else "",
            "told": row.told_on.strftime("%d %B %Y") if row.told_on else "",
            # That no grade is given the column beside it shows.
            "missing": " ".join(str(finding.what) for finding in missing if finding.code != "no_grade"),
        }
        found.append((row, words))
    return found


def steps_in_words(submission: Submission) -> str:
    """How many of the framework's steps are recorded, and which (QTG-12)."""
    steps, done = adopted_document(submission.adoption).steps, latest_steps(submission)
    labels = "; ".join(step.label for code, step in steps.items() if code in done)
    return f"{len(done)}/{len(steps)}" + (f": {labels}" if labels else "")
