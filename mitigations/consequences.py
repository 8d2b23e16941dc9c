"""What another adoption of a framework would change for claims, documents and learners (CLM-02, MIT-06, CLM-06)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db.models import (
    Case,
    Count,
    DecimalField,
    ExpressionWrapper,
    F,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from awarding.catalogue.models import Qualification
from awarding.frameworks.consequences import ROWS_SHOWN, Consequence, Proposal, Row, consequence_source
from awarding.frameworks.document import FrameworkDocument
from awarding.tenancy.scope import current_ao
from mitigations.models import ChecklistSheet, ChecklistTemplate, Claim, ClaimLearner, ClaimUnit, EracDocument, Outcome
from mitigations.queries.claims import claim_url
from mitigations.queries.impact import impacted_registrations
from mitigations.rules.evidence import THRESHOLD
from mitigations.rules.outcome import OUT_OF_SCOPE, permitted_outcomes
from mitigations.workflow import CLAIM, EDITABLE_STATES

_SHARE = DecimalField(max_digits=12, decimal_places=4)


@consequence_source
def superseded_documents(proposal: Proposal) -> list[Consequence]:
    """Workbooks that are out and could no longer be uploaded (CLM-02)."""
    if proposal.adoption is None:
        return []
    out = {"superseded_at": None, "adoption": proposal.adoption, "claim__state__in": EDITABLE_STATES}
    eracs: set[int] = set(EracDocument.objects.filter(**out).values_list("claim_id", flat=True))
    sheets: set[int] = set(ChecklistSheet.objects.filter(**out).values_list("claim_id", flat=True))
    claims = Claim.objects.filter(pk__in=sorted(eracs | sheets)).select_related("centre", "ao").order_by("number")
    rows = []
    for claim in claims[:ROWS_SHOWN]:
        which = [_("eRAC")] * (claim.pk in eracs) + [_("checklist")] * (claim.pk in sheets)
        rows.append(_claim_row(claim, ", ".join(which)))
    meaning = _("What was typed into these workbooks is refused on upload; their centres download them again.")
    heading = _("Claims whose workbooks are superseded")
    return [Consequence(heading, len(eracs | sheets), meaning, tuple(rows))]


@consequence_source
def claims_under_way(proposal: Proposal) -> list[Consequence]:
    """Claims that keep the settings they were made under, and those that take the new ones along."""
    if proposal.adoption is None:
        return []
    final = [state.name for state in CLAIM.states if state.is_final]
    under_way = Claim.objects.filter(adoption=proposal.adoption).exclude(state__in=final)
    counts = dict(under_way.order_by().values_list("state").annotate(n=Count("id")))
    rows = tuple(Row(state.label, str(counts[state.name])) for state in CLAIM.states if state.name in counts)
    meaning = _(
        "Each keeps the settings it was made under, but for the days until which things can be done. Those with their centre "
        "take the rest along when a workbook is issued anew."
    )
    return [Consequence(_("Claims under way"), sum(counts.values()), meaning, rows)]


@consequence_source
def learners_impacted(proposal: Proposal) -> list[Consequence]:
    """Who would be impacted and is not, or the other way about (MIT-06)."""
    after = impacted_registrations(proposal.after)
    heading = _("Registrations that would be impacted")
    if proposal.before is None:
        rows = _by_qualification(after)
        meaning = _("They can be claimed for with a mitigation once their qualification has an outcome.")
        return [Consequence(heading, after.count(), meaning, rows)]
    before = impacted_registrations(proposal.before)
    new, gone = after.exclude(pk__in=before.values("pk")), before.exclude(pk__in=after.values("pk"))
    return [
        Consequence(heading, new.count(), _("They are not impacted as it is now."), _by_qualification(new)),
        Consequence(
            _("Registrations that would no longer be impacted"), gone.count(),
            _("Claims under way for them keep their mitigation; new ones are told case by case."), _by_qualification(gone),
        ),
    ]  # fmt: skip


def _by_qualification(registrations: QuerySet[Any]) -> tuple[Row, ...]:
    counted = (
        registrations.order_by().values("qualification_id").annotate(n=Count("id")).order_by("-n", "qualification_id")
    )
    counts = {row["qualification_id"]: row["n"] for row in counted[:ROWS_SHOWN]}
    found = {row.pk: row for row in Qualification.objects.filter(pk__in=counts)}
    return tuple(
        Row(str(found[pk]), ngettext("%(n)s registration", "%(n)s registrations", n) % {"n": n}, _qualification_url(found[pk]))
        for pk, n in counts.items()
    )  # fmt: skip


@consequence_source
def evidence_expected(proposal: Proposal) -> list[Consequence]:
    """Learners on claims with their centre who would fall below the expected share, or reach it (CLM-06)."""
    if proposal.before is None or proposal.adoption is None:
        return []
    below_now, below_then = _below(proposal.before, "now"), _below(proposal.after, "then")
    rows = _shares(proposal)
    fall = rows.filter(below_then).exclude(below_now)
    rise = rows.filter(below_now).exclude(below_then)
    return [
        Consequence(
            _("Learners who would have less evidence than is expected"), fall.count(),
            _("Their claims would go to approval in principle."), _by_claim(fall),
        ),
        Consequence(
            _("Learners who would have as much evidence as is expected"), rise.count(),
            _("Nothing would be missing for the panel to decide."), _by_claim(rise),
        ),
    ]  # fmt: skip


def _shares(proposal: Proposal) -> QuerySet[Any]:
    """The learners of claims with their centre, with what their evidence counts `now` and `then`, and their units."""
    units = ClaimUnit.objects.filter(claim_id=OuterRef("claim_id")).order_by().values("claim_id")
    number = units.annotate(n=Count("id")).values("n")
    # Of a claim that goes on from another only the returned part is open; its shares are not worked out here.
    learners = ClaimLearner.objects.filter(
        claim__adoption=proposal.adoption, claim__state__in=EDITABLE_STATES, claim__continues=None
    )
    assert proposal.before is not None  # noqa: S101 - the caller has seen it
    return learners.annotate(
        units_open=Subquery(number, output_field=IntegerField()),
        now=_counted(proposal.before), then=_counted(proposal.after),
    )  # fmt: skip


def _counted(document: FrameworkDocument) -> Any:
    cases = [
        When(evidence_entries__status=code, then=Value(Decimal(str(state.counts)), output_field=_SHARE))
        for code, state in document.component_states.items()
    ]
    nothing = Value(Decimal(0), output_field=_SHARE)
    return Coalesce(Sum(Case(*cases, default=nothing, output_field=_SHARE)), nothing, output_field=_SHARE)


def _below(document: FrameworkDocument, name: str) -> Q:
    """Which learners have less than the document expects of their claim's mitigation; none where it expects nothing."""
    codes = [code for code, outcome in document.outcomes.items() if outcome.allows("evidence_threshold")]
    needed = document.threshold(THRESHOLD) if codes and document.in_force("CLM-06") else None
    if needed is None:
        return Q(pk__in=[])
    wanted = ExpressionWrapper(F("units_open") * Value(Decimal(str(needed)), output_field=_SHARE), output_field=_SHARE)
    return Q(claim__mitigation__in=codes) & Q(**{f"{name}__lt": wanted})


def _by_claim(learners: QuerySet[Any]) -> tuple[Row, ...]:
    counts: dict[int, int] = {}
    for claim_id in learners.values_list("claim_id", flat=True):
        counts[claim_id] = counts.get(claim_id, 0) + 1
    claims = Claim.objects.filter(pk__in=counts).select_related("centre", "ao").order_by("number")
    return tuple(
        _claim_row(claim, ngettext("%(n)s learner", "%(n)s learners", counts[claim.pk]) % {"n": counts[claim.pk]})
        for claim in claims[:ROWS_SHOWN]
    )


@consequence_source
def outcomes_not_offered(proposal: Proposal) -> list[Consequence]:
    """Qualifications whose outcome would not be permitted any more (MIT-01)."""
    held = Outcome.objects.filter(framework_code=proposal.after.id, superseded_at=None).exclude(kind=OUT_OF_SCOPE)
    permitted: dict[str, set[str]] = {}
    rows = []
    for outcome in held.select_related("qualification").order_by("qualification__title", "id"):
        category = outcome.qualification.category
        if category not in permitted:
            permitted[category] = {row.outcome.code for row in permitted_outcomes(proposal.after, category)}
        if outcome.kind not in permitted[category]:
            rows.append(
                Row(
                    str(outcome.qualification),
                    outcome.kind.replace("_", " "),
                    _qualification_url(outcome.qualification),
                )
            )
    meaning = _("Set another outcome for each: new claims of theirs would be made without a mitigation.")
    heading = _("Qualifications whose outcome would no longer be permitted")
    return [Consequence(heading, len(rows), meaning, tuple(rows[:ROWS_SHOWN]))]


@consequence_source
def templates_outdated(proposal: Proposal) -> list[Consequence]:
    """Checklist templates that name kinds of evidence which are no more, or may not stand alone any more."""
    kinds = proposal.after.evidence_types
    rows = []
    held = ChecklistTemplate.objects.filter(framework_code=proposal.after.id, superseded_at=None)
    for template in held.select_related("qualification").order_by("qualification__title", "id"):
        lost = [code for code in template.expected if code not in kinds or not kinds[code].is_evidence]
        lost += [c for c in template.standing_alone if c not in kinds or not kinds[c].may_stand_alone]
        if lost:
            words = ", ".join(code.replace("_", " ") for code in dict.fromkeys(lost))
            url = reverse(
                "mitigations:checklist_template", kwargs={"ao": current_ao().slug, "qan": template.qualification.qan}
            )
            rows.append(Row(str(template.qualification), words, f"{url}?framework={template.framework_code}"))
    meaning = _("What the framework no longer has is passed over. Save a new version of each template.")
    return [Consequence(_("Checklist templates to look at"), len(rows), meaning, tuple(rows[:ROWS_SHOWN]))]


def _claim_row(claim: Claim, detail: str) -> Row:
    return Row(claim.number, f"{claim.centre}: {detail}", claim_url(claim))


def _qualification_url(qualification: Qualification) -> str:
    return reverse("catalogue:qualification", kwargs={"ao": current_ao().slug, "qan": qualification.qan})
