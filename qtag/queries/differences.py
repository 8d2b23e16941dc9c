"""What a centre still has to say about its differences before its head signs (HOC-05), and what the AO has to read."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from django.db.models import Count, Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from awarding.findings.finding import Finding
from qtag.models import DifferenceDraft, DifferenceReason, Judgement, SenseRow, SenseRun, SenseSettings, Submission
from qtag.queries.sense_gate import missing_judgements, open_rows
from qtag.queries.sense_rows import GroupView, group_name, with_reasons
from qtag.rules.difference import stale_finding, uncompared_finding, unexplained_finding

# How many groups a sentence names before it counts.
NAMED = 3


def has_been_run() -> bool:
    """Whether the AO has ever finished a run: before, there is nothing that could be compared or explained."""
    return SenseRun.objects.exclude(finished_at=None).exists()


def sense_settings() -> SenseSettings:
    """The AO's settings; the published values, unsaved, where it has decided nothing."""
    found: SenseSettings | None = SenseSettings.objects.first()
    return found or SenseSettings()


def material_differences(centre_id: int, submissions: Sequence[Submission]) -> list[GroupView]:
    """The flagged, open groups of which some of these submissions is part, the strongest evidence first, with their reasons.

    A qualification that is not among what is signed stops nobody's signature (HOC-05): its results came another way, or
    it is still judged. A wider group counts as soon as one of its members is signed for.
    """
    signed = {row.qualification_id for row in submissions}
    rows = open_rows(SenseRow.objects.filter(centre_id=centre_id, verdict=SenseRow.Verdict.FLAGGED))
    found = rows.select_related("centre", "qualification").order_by("q", "p", "key")
    return with_reasons([row for row in found if signed & _qualifications_of(row)])


def _qualifications_of(row: SenseRow) -> set[int]:
    """Whose grades a row compares."""
    if row.level == SenseRow.Level.QUALIFICATION:
        return {row.qualification_id} if row.qualification_id else set()
    return set(row.figures.get("members", ()))


def uncompared(submissions: Sequence[Submission]) -> list[Submission]:
    """Those whose grades are all recorded and that no run has seen as they are now. Three queries.

    A group compared by grades is as the run saw it while its grades count the same; one compared by volume while it has
    a row at all.
    """
    ids = [row.pk for row in submissions]
    closed = set(missing_judgements().filter(submission__in=ids).values_list("submission_id", flat=True))
    counted: dict[int, dict[str, int]] = defaultdict(dict)
    graded = Judgement.objects.filter(submission__in=ids).exclude(grade=None)
    for pk, code, count in graded.values_list("submission_id", "grade__code").annotate(n=Count("pk")).order_by():
        counted[pk][code] = count
    centres = {row.centre_id for row in submissions}
    rows = {
        (row.centre_id, row.qualification_id): row
        for row in SenseRow.objects.filter(centre_id__in=centres, level=SenseRow.Level.QUALIFICATION)
    }
    found = []
    for submission in submissions:
        row = rows.get((submission.centre_id, submission.qualification_id))
        if submission.pk not in closed and counted[submission.pk] and not _is_as_seen(row, counted[submission.pk]):
            found.append(submission)
    return found


def _is_as_seen(row: SenseRow | None, counts: dict[str, int]) -> bool:
    if row is None:
        return False
    if row.by_volume:
        return True
    seen = {code: n for code, n in zip(row.figures.get("grades", []), row.figures.get("now", []), strict=False) if n}
    return seen == counts


def signing_findings(centre_id: int, submissions: Sequence[Submission]) -> list[Finding]:
    """What keeps the head of centre from signing (HOC-05): differences without a reason that speaks about today's numbers.

    Groups that were not compared stop a signature only where the AO has run the check and has signing wait for it.
    """
    found = []
    for view in material_differences(centre_id, submissions):
        if view.waits:
            make = unexplained_finding if view.reason is None else stale_finding
            found.append(make(group_name(view.row), ("sense_row", view.row.pk)))
    if has_been_run() and sense_settings().signing_waits:
        waiting = uncompared(submissions)
        if waiting:
            # One finding however many they are: one comparison of the centre mends them all.
            found.append(uncompared_finding(named(waiting), ("submission", waiting[0].pk)))
    return found


def named(submissions: Sequence[Submission]) -> str:
    """The first few by name, and how many more there are."""
    words = "; ".join(str(row.qualification) for row in submissions[:NAMED])
    rest = len(submissions) - NAMED
    if rest <= 0:
        return words
    more = ngettext("%(words)s; and %(n)d more", "%(words)s; and %(n)d more", rest)
    return more % {"words": words, "n": rest}


def find_draft(row: SenseRow) -> DifferenceDraft | None:
    """What somebody has typed about the group and not recorded yet."""
    rows = DifferenceDraft.objects.filter(centre_id=row.centre_id, key=row.key).select_related("saved_by")
    found: DifferenceDraft | None = rows.first()
    return found


def reasons_of(row: SenseRow) -> list[DifferenceReason]:
    """Every reason that was given for the group, the newest first (SNS-09)."""
    rows = DifferenceReason.objects.filter(centre_id=row.centre_id, key=row.key)
    return list(rows.select_related("recorded_by", "viewed_by").order_by("-id"))


def newest_reasons() -> QuerySet[DifferenceReason]:
    """The reason that holds of each group of the AO: no later one was given."""
    later = DifferenceReason.objects.filter(centre_id=OuterRef("centre_id"), key=OuterRef("key"), pk__gt=OuterRef("pk"))
    return DifferenceReason.objects.filter(~Exists(later))


def readable_reasons() -> QuerySet[DifferenceReason]:
    """Reasons in force of groups that the AO may see: wholly submitted (QTG-17)."""
    row = SenseRow.objects.filter(centre_id=OuterRef("centre_id"), key=OuterRef("key"), is_submitted=True)
    return newest_reasons().filter(Exists(row))


def reasons_for_sample(centre_id: int, qualification_id: int) -> list[DifferenceReason]:
    """What the centre said about its qualification and about itself, for whoever samples it (SNS-09)."""
    levels = (SenseRow.Level.QUALIFICATION, SenseRow.Level.CENTRE)
    rows = readable_reasons().filter(centre_id=centre_id, level__in=levels).select_related("recorded_by")
    return [row for row in rows if row.qualification_id in (None, qualification_id)]


def explained_for_sample(centre_id: int, qualification_id: int) -> list[tuple[DifferenceReason, list[str]]]:
    """Those reasons with their kinds in words."""
    return [(reason, kind_words(reason.kinds)) for reason in reasons_for_sample(centre_id, qualification_id)]


def kind_words(kinds: Sequence[str]) -> list[str]:
    """What the codes of a reason's kinds mean."""
    labels = dict(DifferenceReason.Kind.choices)
    return [str(labels[kind]) for kind in kinds if kind in labels]


def comparison_note(submissions: Sequence[Submission]) -> str:
    """One sentence for the declaration's page about where the comparison stands; "" when there is nothing to add."""
    if not has_been_run():
        return _("No comparison with earlier years has been made yet, so none stands here.")
    waiting = uncompared(submissions)
    if waiting:
        return _("Not compared since its grades were given: %(what)s.") % {"what": named(waiting)}
    return ""
