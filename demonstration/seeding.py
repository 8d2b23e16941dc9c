"""Putting the demonstration together: register, frameworks, then each awarding organisation in one transaction."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from django.utils import timezone

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
from centres.models import Centre, Cohort, Learner
from centres.services.cohorts import assign_staff
from centres.services.interests import declare_interest
from demonstration import claims
from demonstration.awards import BODIES, Body, find_body, seed_awards
from demonstration.claims import Cast, Story
from demonstration.learners import COHORT, CohortPlan, LearnerSource, seed_learners
from demonstration.outcomes import seed_outcomes
from demonstration.people import seed_centre_people, seed_staff
from demonstration.places import seed_places
from demonstration.uploads import seed_upload
from mitigations.models import Claim
from mitigations.services.documents import issue_document
from results.models import PROCESS_JOB
from results.services.processing import process_claim

FIRST_CENTRE = {"aim": 4101, "ncfe": 62010}
# The n-th verifier and panel member acts; the second of each has an interest in the third centre.
CENTRE_OF_INTEREST = 2


@dataclass(frozen=True)
class Scene:
    """A cohort and what became of it: numbers of the award and the centre, how many learners, the story (None: no claim)."""

    award: int
    centre: int
    story: Story | None
    learners: int = 7
    is_processed: bool = False


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
    Scene(2, 3, claims.returned),
    Scene(4, 1, claims.withdrawn, 4),
    Scene(0, 3, claims.resumed, 6),
    Scene(1, 0, claims.submitted, 12),
    Scene(4, 2, claims.blank, 5),
    Scene(2, 2, claims.submitted),
    Scene(1, 3, claims.ready),
    Scene(0, 0, claims.begun, 10),
    Scene(3, 2, claims.drafted, 5),
    Scene(0, 0, None, 9),
    Scene(1, 1, None, 8),
    Scene(2, 3, None, 6),
)


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
    """Makes the results and certificates that are asked for and not made yet."""
    with open_scope(ao):
        waiting = list(
            Job.objects.filter(kind=PROCESS_JOB, state=JobState.QUEUED).order_by("id").values_list("pk", flat=True)
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
        places = seed_places(self.ao, admin, FIRST_CENTRE[self.body.slug])
        self.people = seed_centre_people(self.ao, places)
        self.centres = list(places.values())
        self.declare_interests()
        taught = [qualifications[award.qan] for award in self.body.awards if award.subjects]
        cohorts = self.register(taught)
        for scene, cohort in zip(SCENES, cohorts, strict=True):
            self.play(scene, cohort)
        self.leave_things_open(taught)
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
            plan = CohortPlan(name, taught[scene.award], scene.learners * self.scale, is_plain=scene.is_processed)
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
        """The centre's teacher and internal verifier look after every cohort of theirs."""
        roles = {(Role.TEACHER, cohort.centre_id), (Role.INTERNAL_VERIFIER, cohort.centre_id)}
        people: list[User] = [standing.person for standing in self.people.values() if standing.grants & roles]
        if people:
            assign_staff(actor=self.who(Role.AO_ADMIN), cohort=cohort, people=people)

    def leave_things_open(self, taught: list[Qualification]) -> None:
        """What a newcomer can go on with: a file to load, an invitation nobody has answered, a workbook handed out."""
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

    def play(self, scene: Scene, cohort: Cohort) -> None:
        if scene.story is None:
            return
        centre = self.centres[scene.centre]
        cast = Cast(
            contact=self.who(Role.QUALITY_CONTACT, centre), admin=self.who(Role.AO_ADMIN),
            panel=self.who(Role.PANEL_MEMBER), verifier=self.who(Role.EXTERNAL_VERIFIER, number=scene.award % 2),
            source=self.source,
        )  # fmt: skip
        claim = scene.story(cast, cohort)
        if scene.is_processed:
            process_claim(actor=cast.admin, claim=claim)
