"""Which address shows a page with something on it, in the demonstration's data, and who can open it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import F
from django.test import Client
from django.urls import reverse

from awarding.accounts.models import Invitation, Membership, User
from awarding.accounts.roles import PERMISSIONS, Role
from awarding.catalogue.models import GradeScale, QualificationFamily, QualificationUnit
from awarding.enquiries.models import Enquiry, HelpSession, PublishedAnswer, RoutingRule, Topic
from awarding.jobs.models import Job
from awarding.notices.models import Notice
from awarding.tenancy.models import AwardingOrganisation
from awarding.tenancy.scope import open_scope
from centres.models import (
    Centre,
    Cohort,
    DeclaredInterest,
    DirectClaimsStatus,
    PriorAchievement,
    Registration,
    RegistrationUpload,
)
from demonstration.people import PEOPLE
from mitigations.models import (
    Appeal,
    AppealFile,
    AppealStage,
    AssessmentDate,
    BulkAnswer,
    CentreNotice,
    ChecklistUpload,
    Claim,
    ClaimLearner,
    ComponentTag,
    DelayQuestion,
    EracUpload,
    ImpactCase,
    NoticeLine,
    NoticeRound,
    OutcomeDispute,
    PanelCase,
    PanelCondition,
    PanelDecision,
    SizeMove,
    VerifierRecord,
)
from qa_sampling.models import EvidenceFile, SamplePick
from results.models import Certificate, QualificationResult
from tests.factories.sign_in import sign_in
from tests.matrix.routes import Route, all_routes
from tests.system.qtag_addresses import qtag_things

AO = "aim"
# The state in which a claim's page has its form; any other page of a claim is looked at while it is drafted.
STATES = {
    "mitigations:receipt": "queued",
    "mitigations:case": "queued",
    "mitigations:resume": "approved_in_principle",
    "mitigations:conditions": "approved_in_principle",
    "mitigations:condition": "approved_in_principle",
    "mitigations:condition_file": "approved_in_principle",
    "mitigations:decision_letter": "approved_in_principle",
    "mitigations:sign_off": "with_iv",
    "mitigations:unstick": "with_iv",
    "mitigations:confirm_direct": "with_dcv",
    "mitigations:verifier_record": "with_dcv",
    "mitigations:verifier_record_file": "with_dcv",
    "qa_sampling:allocate": "unallocated",
    "qa_sampling:take_back": "allocated",
    "qa_sampling:sample": "allocated",
    "qa_sampling:decide": "allocated",
    "qa_sampling:evidence": "allocated",
    "results:claim": "processed",
}
# Tried in this order: whoever is first to see the page shows it.
WITNESSES = (
    "helen.marsh@aim.example",
    "sam.okafor@northfield.example",
    "adaeze.obi@aim.example",
    "tomasz.wisniewski@verifiers.example",
    "megan.rhys@brynglas.example",
    "naomi.clarke@harbourside.example",
    "ruth.ellery@northfield.example",
    "colin.fry@northfield.example",
    "yusuf.demir@larkhill.example",
    "bill.hardcastle@oakmead.example",
    "ines.carvalho@larkhill.example",
    "dawud.rahman@northfield.example",
    "grace.lindqvist@northfield.example",
)

# Pages on which somebody else than the AO's admin has the form.
SEEN_BY = {
    "mitigations:claim": WITNESSES[1],
    "mitigations:grid": WITNESSES[1],
    "mitigations:checklist": WITNESSES[1],
    "mitigations:evidence": WITNESSES[1],
    "mitigations:workbook": WITNESSES[1],
    "mitigations:bulk": WITNESSES[1],
    "mitigations:checklist_workbook": WITNESSES[1],
    "mitigations:upload": WITNESSES[6],
    "centres:home": WITNESSES[1],
    "qtag:grid": "ruth.ellery@northfield.example",
    "qtag:learner": "ruth.ellery@northfield.example",
    "qtag:units": "ruth.ellery@northfield.example",
    "qtag:flags": "ruth.ellery@northfield.example",
    "qtag:deputy_name": "grace.lindqvist@northfield.example",
    "qtag:steps": "ruth.ellery@northfield.example",
    "qtag:moves": "ruth.ellery@northfield.example",
    "mitigations:case": WITNESSES[2],
    "mitigations:panel_queue": WITNESSES[2],
    "mitigations:panel_batch": WITNESSES[2],
    "mitigations:component_tag": WITNESSES[2],
    "mitigations:condition": WITNESSES[1],
    "mitigations:conditions": WITNESSES[1],
    "centres:interests": WITNESSES[2],
}
# What a page wants to be told after the question mark.
QUERIES = {
    "qa_sampling:decide": "?learner={learner_row}",
    "mitigations:generate": "?cohort={free_cohort}",
    "mitigations:panel_batch": "?claim={queued_claim}",
    "mitigations:panel_release": "?case={panel_case}",
    "qtag:flags": "?unit={qtag_unit}",
    "qtag:message": "?only=open",
    "enquiries:ask": "?about={erac_number}",
}


@dataclass(frozen=True)
class Stop:
    """One page to be looked at: the route's name, its address, and as whom."""

    name: str
    url: str
    person: User


def role_holder(role: Role) -> User:
    """The demonstration person who shows what a role sees at the AO."""
    email = next(person.email for person in PEOPLE if any(s == AO and r == role for s, r, _key in person.roles))
    return User.objects.get(email=email)


def page_routes() -> list[Route]:
    """The portal's own routes. What they answer to GET is found by asking; programs' addresses have no pages."""
    own = [route for route in all_routes() if not route.is_library and "token" not in route.parameters]
    return [route for route in own if not route.name.startswith("api:")]


def find_parameters(route: Route) -> Iterator[dict[str, Any]]:
    """Values for the route's parameters that are there in the demonstration, the likeliest first. Needs the AO's scope."""
    centre = Centre.objects.order_by("number").first()
    # One that goes on from another's returned pieces has few learners: it comes last.
    in_state = Claim.objects.filter(state=STATES.get(route.name, "drafted"))
    if "component_tag" in route.name:
        in_state = in_state.filter(mitigation="component_tag")
    claims = in_state.order_by(F("continues").asc(nulls_first=True), "id")
    if route.name == "qa_sampling:decide":
        claims = claims.filter(sample_picks__isnull=False)
    if route.name == "mitigations:upload":
        claims = claims.filter(uploads__isnull=False)
    fixed = {
        "ao": AO,
        "qan": "60339858",
        "typed": "60339858",
        "code": "erf_2020",
        "rule_id": "CLM-01",
        "centre_id": centre.pk if centre else 0,
        "cohort_id": _first(Cohort.objects.filter(centre=centre)),
        "registration_id": _first(Registration.objects.filter(centre=centre, impact_cases=None)),
        "learner_id": Registration.objects.filter(centre=centre).order_by("id").values_list("learner_id", flat=True).first(),
        "upload_id": _first(RegistrationUpload.objects.all()),
        "status_id": _first(DirectClaimsStatus.objects.filter(state="granted")),
        "move": "freeze",
        "record_id": _first(VerifierRecord.objects.filter(claim__state="with_dcv")),
        "interest_id": _first(DeclaredInterest.objects.all()),
        "invitation_id": _first(Invitation.objects.all()),
        "membership_id": _first(Membership.objects.filter(role=Role.TEACHER)),
        "scale_id": _first(GradeScale.objects.all()),
        "place_id": _first(QualificationUnit.objects.filter(qualification__qan="60339858")),
        "group_id": QualificationUnit.objects.filter(qualification__qan="60339858").values_list("group_id", flat=True).first(),
        "notice_id": _first(Notice.objects.all()),
        "job_id": _first(Job.objects.all()),
        "evidence_id": _first(EvidenceFile.objects.all()),
        "result_id": _first(QualificationResult.objects.all()),
        "certificate_id": _first(Certificate.objects.filter(state="active")),
        "version": 1,
        "round_id": _first(NoticeRound.objects.all()),
        "centre_notice_id": _first(CentreNotice.objects.filter(state="sent")),
        "line_id": _first(NoticeLine.objects.filter(state="open")),
        "delay_question_id": _first(DelayQuestion.objects.filter(state="asked")),
        "assessment_date_id": _first(AssessmentDate.objects.all()),
        "queued_claim": _first(Claim.objects.filter(state="queued", cases=None)),
        "panel_case": _first(PanelCase.objects.filter(state="decided")),
        "case_id": _first(ImpactCase.objects.filter(state="raised")),
        "dispute_id": _first(OutcomeDispute.objects.filter(state="raised")),
        "decision_id": _first(PanelDecision.objects.filter(appeals=None).exclude(verdict="sufficient")),
        "appeal_id": _first(Appeal.objects.filter(state="lodged")),
        "appeal_file_id": _first(AppealFile.objects.all()),
        "stage_id": _first(AppealStage.objects.filter(dropped_at=None)),
        "enquiry_id": _first(Enquiry.objects.filter(state="asked")),
        "answer_id": _first(PublishedAnswer.objects.filter(withdrawn_at=None)),
        "session_id": _first(HelpSession.objects.all()),
        "topic_id": _first(Topic.objects.all()),
        "rule_row_id": _first(RoutingRule.objects.all()),
        "erac_number": Claim.objects.filter(centre=centre).order_by("id").values_list("number", flat=True).first(),
        "free_cohort": _first(Cohort.objects.filter(centre=centre, claims=None)),
    }  # fmt: skip
    fixed |= qtag_things(route.name) if route.name.startswith("qtag:") else {}
    fixed |= _combination_addresses(route)
    fixed |= _certificate_address() if "check" in route.name else {}
    picks = SamplePick.objects.filter(verdict="open", claim__state="allocated").order_by("id")
    if "pick_id" in route.parameters:
        for pick in picks[:3]:
            yield fixed | {"pick_id": pick.pk}
    elif "claim_id" in route.parameters:
        for claim in claims[:6]:
            learner = ClaimLearner.objects.filter(claim=claim).order_by("position").first()
            of_claim = (
                {"upload_id": _first(EracUpload.objects.filter(claim=claim))}
                if route.name == "mitigations:upload"
                else {}
            )
            yield fixed | of_claim | {"claim_id": claim.pk, "row_key": learner.row_key if learner else "",
                           "bulk_id": _first(BulkAnswer.objects.filter(claim=claim)),
                           "checklist_upload_id": _first(ChecklistUpload.objects.filter(claim=claim)),
                           "decision_id": _first(PanelDecision.objects.filter(claim=claim)),
                           "condition_id": _first(PanelCondition.objects.filter(decision__claim=claim)),
                           "learner_row": learner.pk if learner else 0}  # fmt: skip
    else:
        yield fixed


def _first(rows: Any) -> int:
    return rows.order_by("id").values_list("pk", flat=True).first() or 0


# A request is changed while it is drafted, and read best while it waits.
_TAG_STATES = {"mitigations:edit_component_tag": "drafted"}


def _combination_addresses(route: Route) -> dict[str, Any]:
    """A learner who brings units, one who could move to another size, a request to do so, a family of sizes."""
    found: dict[str, Any] = {
        "family_id": _first(QualificationFamily.objects.all()),
        "size_move_id": _first(SizeMove.objects.filter(state="requested")),
        "component_tag_id": _first(ComponentTag.objects.filter(state=_TAG_STATES.get(route.name, "requested"))),
    }
    prior = PriorAchievement.objects.filter(ended_at=None).order_by("id").first()
    if prior is not None and route.name.startswith("centres:prior"):
        found |= {"prior_id": prior.pk, "registration_id": prior.registration_id}
    if route.name == "mitigations:ask_size_move":
        found["registration_id"] = _first(Registration.objects.filter(qualification__size=2, size_moves=None))
    return found


def _certificate_address() -> dict[str, str]:
    certificate = Certificate.objects.filter(state="active").order_by("id").first()
    return {"number": certificate.number, "code": certificate.check_code} if certificate else {}


def find_stops() -> tuple[list[Stop], list[str]]:
    """A stop for each route that answers a GET with a page; and the routes that nobody could open at all.

    A route that redirects, hands out a file or takes posts only is neither: it has no page to be looked at.
    """
    ao = AwardingOrganisation.objects.get(slug=AO)
    witnesses = [_Witness(ao, email) for email in WITNESSES]
    stops, closed = [], []
    for route in page_routes():
        with open_scope(ao):
            urls = [url for parameters in find_parameters(route) if (url := _address(route, parameters))]
        found = _ask(route, urls, witnesses)
        if isinstance(found, Stop):
            stops.append(found)
        elif not found:
            closed.append(route.name)
    return stops, closed


class _Witness:
    """Somebody who is signed in, and what they may do at the AO."""

    def __init__(self, ao: AwardingOrganisation, email: str) -> None:
        self.person = User.objects.get(email=email)
        self.client = Client()
        sign_in(self.client, self.person)
        with open_scope(ao):
            roles = Membership.objects.filter(person=self.person, ended_at=None).values_list("role", flat=True)
            self.permissions = {permission for role in roles for permission in PERMISSIONS[Role(role)]}

    def may(self, route: Route) -> bool:
        wanted = route.audience.permissions if route.audience else ()
        return not wanted or any(permission in self.permissions for permission in wanted)


def _address(route: Route, parameters: dict[str, Any]) -> str:
    if any(not parameters.get(name) for name in route.parameters):
        return ""
    url = reverse(route.name, kwargs={name: parameters[name] for name in route.parameters})
    return url + QUERIES.get(route.name, "").format(**parameters)


def _ask(route: Route, urls: list[str], witnesses: list[_Witness]) -> Stop | bool:
    """The stop; or whether anybody was answered otherwise than that there is nothing for them."""
    first, answered = SEEN_BY.get(route.name, ""), False
    asked = sorted((w for w in witnesses if w.may(route)), key=lambda w: w.person.email != first)
    for url in urls:
        for witness in asked:
            response = witness.client.get(url)
            is_page = response.headers.get("Content-Type", "").startswith("text/html")
            if response.status_code == 200 and is_page and "Content-Disposition" not in response.headers:
                return Stop(route.name, url, witness.person)
            if response.status_code not in (403, 404):
                answered = True
                break
    return answered
