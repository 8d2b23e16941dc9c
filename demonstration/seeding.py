"""Putting the demonstration together: register, frameworks, then each awarding organisation in one transaction."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from django.utils import timezone

import mitigations.tasks  # noqa: F401 - registers the job that makes notices
import qtag.tasks  # noqa: F401 - registers the job that compares with earlier years
import results.tasks  # noqa: F401 - registers the job that makes results and certificates
from awarding.accounts.models import Invitation, User
from awarding.accounts.roles import Role
from awarding.accounts.services.invitations import invite_person
from awarding.accounts.standing import Standing
from awarding.catalogue.models import Qualification, RegisterLoad
from awarding.catalogue.register.reading import read_register_file
from awarding.catalogue.services.organisations import load_organisations
from awarding.catalogue.services.register import load_register
from awarding.frameworks.services import store_frameworks
from awarding.jobs.models import Job, JobState
from awarding.jobs.services import perform_job
from awarding.notices.models import Notice
from awarding.tenancy.models import AwardingOrganisation
from awarding.tenancy.scope import open_scope
from centres.models import Centre, Cohort, Learner, Registration
from centres.queries import COHORT_ROLES
from centres.services.cohorts import assign_staff
from centres.services.interests import declare_interest
from demonstration import claims
from demonstration.awards import BODIES, Body, find_body, seed_awards
from demonstration.checklists import seed_checklist, seed_templates
from demonstration.claims import Cast, Story
from demonstration.combinations import seed_prior, seed_rules, seed_size_moves
from demonstration.component_tags import seed_component_tags
from demonstration.direct_claims import GIVEN, give_status
from demonstration.enquiries import seed_enquiries
from demonstration.impact import answer_notices, seed_cases, seed_delays, seed_round
from demonstration.learners import COHORT, CohortPlan, LearnerSource, seed_learners
from demonstration.objections import seed_appeals, seed_disputes
from demonstration.outcomes import seed_outcomes
from demonstration.people import seed_centre_people, seed_staff
from demonstration.places import seed_places
from demonstration.qtag_results import seed_qtag_results
from demonstration.qtags import HANDS, seed_deputies, seed_going_on, seed_hold, seed_message, seed_qtags
from demonstration.sense import explain_a_difference, seed_history, seed_learners_groups
from demonstration.uploads import seed_returned_workbook, seed_upload
from mitigations.models import Claim
from mitigations.services.bundles import BUNDLE_JOB
from mitigations.services.centre_notices import ROUND_JOB
from mitigations.services.documents import issue_document
from qtag.services.asking import SENSE_CHECK
from results.models import PROCESS_JOB
from results.services.processing import process_claim
from results.services.qtags import QTAG_JOB

FIRST_CENTRE = {"aim": 4101, "ncfe": 62010}
# The n-th verifier and panel member acts; the second of each has an interest in the third centre.
CENTRE_OF_INTEREST = 2
CONTACT = {Role.QUALITY_CONTACT}
WAITED_FOR = (PROCESS_JOB, QTAG_JOB, ROUND_JOB, BUNDLE_JOB, SENSE_CHECK)


@dataclass(frozen=True)
class Scene:
    """A cohort and what became of it: numbers of the award and the centre, how many learners, the story (None: no claim).

    `early`: how many of the learners were to finish before the closures.
    """

    award: int
    centre: int
    story: Story | None
    learners: int = 7
    is_processed: bool = False
    early: int = 0


# In this order, so that what waits for the panel comes last and nothing is decided out of turn.
SCENES = (
    Scene(1, 0, claims.verified, 5, is_processed=True),
    Scene(0, 1, claims.verified, 4, is_processed=True),
    Scene(0, 0, claims.verified),
    Scene(2, 0, claims.partly_returned, 6),
    Scene(0, 2, claims.answered),
    Scene(1, 1, claims.asked, 8),
    Scene(2, 1, claims.allocated, 9),
    Scene(0, 3, claims.unallocated),
    Scene(3, 0, claims.unallocated, 6),
    Scene(1, 2, claims.approved_in_principle),
    Scene(1, 0, claims.conditions_met, 4),
    Scene(1, 1, claims.fallen_due, 4),
    Scene(2, 1, claims.agreed, 4),
    Scene(2, 0, claims.differing, 4),
    Scene(1, 0, claims.second_awaited, 4),
    Scene(2, 1, claims.held_back, 4),
    Scene(2, 3, claims.returned),
    Scene(4, 1, claims.withdrawn, 4),
    Scene(1, 3, claims.with_direct_verifier, 4),
    Scene(3, 0, claims.with_internal_verifier, 5),
    Scene(0, 3, claims.resumed, 6),
    Scene(1, 0, claims.submitted, 12),
    Scene(4, 2, claims.blank, 5),
    Scene(2, 2, claims.submitted),
    Scene(1, 3, claims.direct_queued, 4),
    Scene(1, 3, claims.ready),
    Scene(0, 0, claims.begun, 10),
    Scene(3, 2, claims.drafted, 5),
    Scene(0, 0, None, 9, early=4),
    Scene(1, 1, None, 8),
    Scene(2, 3, None, 6),
    # Beside another of its centre and qualification: two that can be decided together.
    Scene(1, 3, claims.direct_queued, 5),
)

# Of category B2, with no outcome under the framework of 2020.
COMPONENTS_OF = "60345366"


@dataclass(frozen=True)
class Counts:
    """What is in the demonstration, as the command's last line tells."""

    aos: int
    centres: int
    learners: int
    claims: int


def seed(*, seed: int = 1, register: Path | None = None, organisations: Path | None = None, scale: int = 1) -> Counts:
    """Makes what is missing of the demonstration; what is there is left as people have changed it since.

    An AO is made in one transaction: killed at any instant, it is there wholly or not at all, and the next run goes on.
    `register` and `organisations` are files of the public register. `scale` multiplies the learners of every cohort.
    """
    load_public_register(register, organisations)
    store_frameworks()
    bodies = [(number, body, find_body(body)) for number, body in enumerate(BODIES)]
    for number, body, ao in bodies:
        with open_scope(ao):
            if not Centre.objects.exists():
                _Seeding(body, ao, LearnerSource(seed, number), scale).run()
        _perform_waiting(ao)
        with open_scope(ao):
            answer_notices()
            explain_a_difference()
    return count([ao for _number, _body, ao in bodies])


def load_public_register(register: Path | None, organisations: Path | None) -> None:
    """Loads the register's files, unless their very content was loaded before."""
    if register is None:
        return
    digest = hashlib.sha256(register.read_bytes()).hexdigest()
    if RegisterLoad.objects.filter(sha256=digest).exists():
        return
    if organisations is not None:
        load_organisations(read_register_file(organisations))
    load_register(read_register_file(register), as_of=timezone.localdate())


def _perform_waiting(ao: AwardingOrganisation) -> None:
    """Does what is asked for and not done yet: results, certificates, notices, bundles, comparisons with earlier years."""
    with open_scope(ao):
        waiting = list(
            Job.objects.filter(kind__in=WAITED_FOR, state=JobState.QUEUED).order_by("id").values_list("pk", flat=True)
        )
    for job_id in waiting:
        perform_job(ao, job_id)


def count(aos: list[AwardingOrganisation]) -> Counts:
    centres = learners = made = 0
    for ao in aos:
        with open_scope(ao):
            centres += Centre.objects.count()
            learners += Learner.objects.count()
            made += Claim.objects.count()
    return Counts(len(aos), centres, learners, made)


class _Seeding:
    """One AO's rows. Needs its scope."""

    def __init__(self, body: Body, ao: AwardingOrganisation, source: LearnerSource, scale: int) -> None:
        self.body, self.ao, self.source, self.scale = body, ao, source, scale
        self.staff: dict[str, Standing] = {}
        self.people: dict[str, Standing] = {}
        self.centres: list[Centre] = []

    def run(self) -> None:
        self.staff = seed_staff(self.ao)
        admin = self.who(Role.AO_ADMIN)
        qualifications = seed_awards(self.body, admin)
        seed_outcomes(self.body, admin, qualifications)
        seed_rules(admin, qualifications)
        seed_templates(admin, qualifications.values())
        places = seed_places(self.ao, admin, FIRST_CENTRE[self.body.slug])
        self.people = seed_centre_people(self.ao, places)
        self.centres = list(places.values())
        self.declare_interests()
        taught = [qualifications[award.qan] for award in self.body.awards if award.subjects]
        cohorts = self.register(taught)
        self.grant_direct_claims(taught)
        for scene, cohort in zip(SCENES, cohorts, strict=True):
            self.play(scene, cohort)
        self.leave_things_open(taught)
        seed_cases(self.who(Role.AO_ADMIN), self.who(Role.QUALITY_CONTACT, self.centres[0]), self.centres[0])
        self.combine_units(admin)
        contact = self.who(Role.QUALITY_CONTACT, self.centres[0])
        self.judge(taught)
        seed_enquiries(self.who(Role.AO_ADMIN), self.who(Role.PANEL_MEMBER), contact)
        seed_delays(self.who(Role.AO_ADMIN), self.contacts())
        seed_round(self.who(Role.AO_ADMIN))
        self.object()
        self.grade_components(qualifications)
        seed_history(self.who(Role.AO_ADMIN), self.centres, list(qualifications.values()))
        seed_learners_groups(contact, self.centres[0])
        # Nobody reads the post of invented people: what is past counts as sent.
        Notice.objects.filter(emailed_at=None).update(emailed_at=timezone.now())
        Invitation.objects.filter(emailed_at=None).update(emailed_at=timezone.now())

    def who(self, role: Role, centre: Centre | None = None, number: int = 0) -> Standing:
        """The n-th holder of a role, at the centre for centre roles; the last one when there are fewer."""
        held = [
            s
            for s in (*self.staff.values(), *self.people.values())
            if (role, centre.pk if centre else None) in s.grants
        ]
        return held[min(number, len(held) - 1)]

    def grant_direct_claims(self, taught: list[Qualification]) -> None:
        for given in GIVEN:
            if given.centre < len(self.centres):
                centre = self.centres[given.centre]
                contact = self.who(Role.QUALITY_CONTACT, centre)
                give_status(given, contact, self.who(Role.AO_ADMIN), centre, taught[given.award])

    def judge(self, taught: list[Qualification]) -> None:
        """Q-TAGs at the centre that has somebody for every hand they go through."""
        centre = self.centres[0]
        cast = {role: self.who(role, centre) for role in HANDS if self.has(role, centre)}
        if len(cast) == len(HANDS):
            # Whoever has a result of a claim gets none of a Q-TAG beside it.
            claimed = {scene.award for scene in SCENES if scene.is_processed and scene.centre == 0}
            free = [qualification for award, qualification in enumerate(taught) if award not in claimed]
            here = [q for q in free if Cohort.objects.filter(centre=centre, qualification=q).exists()]
            seed_qtags(centre, cast, [q for q in here if q.category in {"B1", "B2"}])
            seed_qtag_results(self.who(Role.AO_ADMIN))
            others = [self.who(role, centre) for role in (Role.SENIOR_DESIGNATED_CONTACT, Role.QUALITY_CONTACT)]
            seed_going_on(centre, cast[Role.TEACHER])
            seed_message(self.who(Role.AO_ADMIN))
            seed_hold(self.who(Role.AO_ADMIN), centre)
            seed_deputies(centre, cast[Role.HEAD_OF_CENTRE], self.who(Role.AO_ADMIN), others)

    def grade_components(self, qualifications: dict[str, Qualification]) -> None:
        """Grades for single components, where the body gives any."""
        chosen = qualifications.get(COMPONENTS_OF)
        if chosen is not None:
            centre = self.centres[0]
            member, contact = self.who(Role.PANEL_MEMBER, number=1), self.who(Role.QUALITY_CONTACT, centre)
            seed_component_tags(self.who(Role.AO_ADMIN), member, contact, centre, chosen)

    def has(self, role: Role, centre: Centre) -> bool:
        return any((role, centre.pk) in standing.grants for standing in self.people.values())

    def combine_units(self, admin: Standing) -> None:
        """Learners on no eRAC bring units at the first centre, and are to move to a smaller size wherever there is one."""
        free = Registration.objects.filter(claim_rows=None).select_related("learner", "qualification__family", "centre")
        seed_prior(
            self.who(Role.QUALITY_CONTACT, self.centres[0]),
            list(free.filter(centre=self.centres[0], impact_cases=None).order_by("id")[:2]),
        )
        for centre in self.centres:
            sized = free.filter(centre=centre, qualification__size=2, prior_achievements=None).order_by("id")[:2]
            if sized:
                seed_size_moves(admin, self.who(Role.QUALITY_CONTACT, centre), list(sized))

    def held(self) -> set[tuple[Role, int | None]]:
        """Every role that somebody of the demonstration holds, with its centre."""
        return {grant for s in (*self.staff.values(), *self.people.values()) for grant in s.grants}

    def contacts(self) -> dict[int, Standing]:
        """One quality contact for each centre that has one, by the centre's id."""
        held = [(at, standing) for standing in self.people.values() for role, at in standing.grants if role in CONTACT]
        return {at: standing for at, standing in held if at is not None}

    def find(self, role: Role, centre: Centre) -> Standing | None:
        """Somebody who holds the role at the centre, where there is anybody."""
        return next((s for s in self.people.values() if (role, centre.pk) in s.grants), None)

    def declare_interests(self) -> None:
        centre = self.centres[CENTRE_OF_INTEREST]
        declare_interest(
            actor=self.who(Role.PANEL_MEMBER, number=1), centre=centre, nature="My sister teaches at this centre."
        )

    def register(self, taught: list[Qualification]) -> list[Cohort]:
        """Registers the learners of every scene, a centre at a time, and answers the cohorts in the scenes' order."""
        names: list[str] = []
        plans: dict[int, list[CohortPlan]] = {}
        for scene in SCENES:
            same = [p for p in plans.get(scene.centre, []) if p.qualification == taught[scene.award]]
            name = COHORT.format("ABCDEFGH"[len(same)])
            plan = CohortPlan(name, taught[scene.award], scene.learners * self.scale, scene.is_processed, scene.early)
            plans.setdefault(scene.centre, []).append(plan)
            names.append(name)
        for number, of_centre in plans.items():
            seed_learners(self.centres[number], of_centre, self.source)
        cohorts = {(c.centre_id, c.qualification_id, c.name): c for c in Cohort.objects.all()}
        found = [
            cohorts[self.centres[scene.centre].pk, taught[scene.award].pk, name]
            for scene, name in zip(SCENES, names, strict=True)
        ]
        for cohort in found:
            self.give_staff(cohort)
        return found

    def give_staff(self, cohort: Cohort) -> None:
        """The centre's teachers, internal verifiers and heads of department look after every cohort of theirs."""
        roles = {(role, cohort.centre_id) for role in COHORT_ROLES}
        people: list[User] = [standing.person for standing in self.people.values() if standing.grants & roles]
        if people:
            assign_staff(actor=self.who(Role.AO_ADMIN), cohort=cohort, people=people)

    def leave_things_open(self, taught: list[Qualification]) -> None:
        """What a newcomer can go on with: a file to load, an invitation nobody has answered, a workbook to decide on."""
        centre = self.centres[0]
        contact = self.who(Role.QUALITY_CONTACT, centre)
        seed_upload(contact, centre, taught[0], self.source)
        invite_person(
            actor=contact, email=f"new.colleague@{centre.number}.example", name="New Colleague", role=Role.TEACHER,
            centre_id=centre.pk,
        )  # fmt: skip
        begun = Claim.objects.filter(centre=centre, state="drafted", continues=None).order_by("id").first()
        if begun is not None:
            issue_document(actor=contact, claim_id=begun.pk)
            seed_checklist(contact, begun)
        self.send_a_workbook_back(taught[1])

    def send_a_workbook_back(self, graded: Qualification) -> None:
        """A claim with several grades whose workbook contradicts what a colleague typed meanwhile."""
        held = self.held()
        for claim in (
            Claim.objects.filter(qualification=graded, state="drafted").select_related("centre").order_by("id")
        ):
            for role in (Role.TEACHER, Role.DIRECT_CLAIMS_VERIFIER):
                if (role, claim.centre_id) in held:
                    contact, colleague = self.who(Role.QUALITY_CONTACT, claim.centre), self.who(role, claim.centre)
                    # A direct-claims verifier types no grade here: they have this claim's record to sign.
                    pair = (contact, colleague) if role == Role.TEACHER else (colleague, contact)
                    seed_returned_workbook(*pair, claim)
                    return

    def object(self) -> None:
        """Centres disagree: with outcomes, and with the panel."""
        by_centre = {centre.pk: self.who(Role.QUALITY_CONTACT, centre) for centre in self.centres}
        seed_disputes(self.who(Role.AO_ADMIN), list(by_centre.values()))
        seed_appeals(self.who(Role.AO_ADMIN), self.who(Role.RESPONSIBLE_OFFICER), by_centre.__getitem__)

    def play(self, scene: Scene, cohort: Cohort) -> None:
        if scene.story is None:
            return
        centre = self.centres[scene.centre]
        cast = Cast(
            contact=self.who(Role.QUALITY_CONTACT, centre), admin=self.who(Role.AO_ADMIN),
            panel=self.who(Role.PANEL_MEMBER), second=self.who(Role.PANEL_MEMBER, number=1),
            chair=self.who(Role.PANEL_CHAIR), verifier=self.who(Role.EXTERNAL_VERIFIER, number=scene.award % 2),
            source=self.source, direct=self.find(Role.DIRECT_CLAIMS_VERIFIER, centre),
        )  # fmt: skip
        claim = scene.story(cast, cohort)
        if scene.is_processed:
            process_claim(actor=cast.admin, claim=claim)
