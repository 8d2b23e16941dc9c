"""Who has registered learners and has not begun: reminders, the dry run, lateness, progress and messages agree (QTG-10)."""

from __future__ import annotations

import datetime as dt
import io

import pytest
from django.core.management import call_command

from awarding.accounts.roles import Role
from awarding.accounts.standing import Standing
from awarding.frameworks.services import adopt_framework
from awarding.notices.models import Notice
from awarding.tenancy.scope import open_scope
from centres.models import Centre, Registration
from qtag.models import Declaration, Judgement, QualificationTerms, Submission
from qtag.queries.messages import addressing
from qtag.queries.not_begun import not_begun
from qtag.queries.progress import Filters
from qtag.queries.submissions import running_adoptions
from qtag.services.beginning import BeginError, add_registered_learners, begin_submission
from qtag.tasks import check_deadlines
from tests.factories import make_centre, make_standing
from tests.factories.awards import make_qualification, make_registration
from tests.factories.qtags import make_moves
from tests.qtag.conftest import Scene
from tests.qtag.test_declaration import address, sign

IN_JUNE = dt.date(2021, 6, 30)


@pytest.fixture
def elsewhere(scene: Scene) -> tuple[Centre, Standing]:
    """A centre with two registered learners of the scene's qualification that has begun nothing, and its contact."""
    with open_scope(scene.ao):
        centre = make_centre("Elsewhere")
        contact = make_standing(scene.ao, Role.QUALITY_CONTACT, centre)
        for _ in range(2):
            make_registration(centre, scene.submission.qualification, ends_on=IN_JUNE)
    return centre, contact


def heard(scene: Scene, who: Standing) -> list[tuple[str, str]]:
    with open_scope(scene.ao):
        rows = Notice.objects.filter(person=who.person, key__startswith="qtag-due").order_by("pk")
        return list(rows.values_list("subject", "body"))


def run(calendar, day: str) -> None:
    calendar.today = dt.date.fromisoformat(day)
    check_deadlines()


def test_a_centre_that_has_not_begun_is_reminded_at_each_milestone_once(scene, elsewhere, calendar):
    """QTG-10: it needs the reminder most; runs doubled and missed, and it ends as soon as it has begun and submitted."""
    centre, contact = elsewhere
    for day in ("2021-06-04", "2021-06-04", "2021-06-12", "2021-06-17", "2021-06-19", "2021-07-02"):
        run(calendar, day)
    subjects = [subject for subject, _body in heard(scene, contact)]
    assert subjects == [
        "Q-TAGs to begin and submit: 14 days left",
        "Q-TAGs to begin and submit: 6 days left",
        "Q-TAGs to begin and submit: 1 day left",
        "Q-TAGs to begin and submit: late since 18 June 2021",
    ]
    bodies = [body for _subject, body in heard(scene, contact)]
    assert all("2 registered learners have no Q-TAG begun (qualifications: 1)." in body for body in bodies)
    assert ["results day" in body for body in bodies] == [False, False, False, True]
    with open_scope(scene.ao):
        assert Notice.objects.filter(person=contact.person).first().url.endswith("/qtags/begin/")
    assert [subject for subject, _body in heard(scene, scene.people[Role.AO_ADMIN])] == [
        "Q-TAGs are late", "Q-TAGs are late and not begun",
    ]  # fmt: skip


def test_who_has_begun_some_hears_of_both_in_one_message(scene, calendar):
    """QTG-10: learners registered after the others began are not forgotten; once they are added they count as begun."""
    with open_scope(scene.ao):
        make_registration(scene.centre, scene.submission.qualification, ends_on=IN_JUNE)
    run(calendar, "2021-06-04")
    ((subject, body),) = heard(scene, scene.people[Role.QUALITY_CONTACT])
    assert subject == "Q-TAGs to submit: 14 days left"
    assert "1 registered learner has no Q-TAG begun" in body and "3 learners are not submitted yet" in body
    page = scene.client(Role.AO_ADMIN).get(scene.url("qtags/progress/?only=not_begun")).content.decode()
    assert "Registered after the others began" in page
    with open_scope(scene.ao):
        add_registered_learners(actor=scene.people[Role.QUALITY_CONTACT], submission=scene.submission)
    run(calendar, "2021-06-12")
    assert "no Q-TAG begun" not in heard(scene, scene.people[Role.QUALITY_CONTACT])[-1][1]
    assert "4 learners are not submitted" in heard(scene, scene.people[Role.QUALITY_CONTACT])[-1][1]


@pytest.mark.parametrize(
    "why", ["withdrawn", "goes_on", "before", "no_category", "refused", "last_resort", "scope", "licence"]
)
def test_whoever_may_have_none_is_nobodys_reminder(scene, elsewhere, calendar, why):
    """QTG-01 QTG-03 QTG-04 QTG-05: where none is expected nothing is said, in the list, the message or the run."""
    centre, contact = elsewhere
    with open_scope(scene.ao):
        rows = Registration.objects.filter(centre=centre)
        qualification = make_qualification(
            category={"no_category": "", "refused": "A", "last_resort": "B2"}.get(why, "B1")
        )
        if why == "withdrawn":
            rows.update(status=Registration.Status.WITHDRAWN)
        elif why in ("goes_on", "before"):
            rows.update(ends_on=dt.date(2022, 6, 30) if why == "goes_on" else dt.date(2020, 7, 31))
        else:
            rows.delete()
            make_registration(centre, qualification, ends_on=IN_JUNE)
        if why in ("scope", "licence"):
            QualificationTerms.objects.create(
                qualification=qualification, framework_code="vcrf_2021", is_all_licence=why == "licence",
                out_of_scope_reason="Accredited elsewhere" if why == "scope" else "",
            )  # fmt: skip
        assert not not_begun(scene.submission.adoption).exists()
        assert not addressing(scene.submission.adoption, Filters(only="not_begun"), ["quality_contact"]).people
    run(calendar, "2021-06-17")
    run(calendar, "2021-06-19")
    assert heard(scene, contact) == []
    assert "not begun" not in str(heard(scene, scene.people[Role.AO_ADMIN]))


def test_a_last_resort_is_expected_once_it_is_begun(scene, elsewhere, calendar):
    """QTG-01 QTG-10: who was registered after a last resort had begun is asked for as everybody else is."""
    centre, contact = elsewhere
    with open_scope(scene.ao):
        qualification = make_qualification(category="B2")
        make_registration(centre, qualification, ends_on=IN_JUNE)
        Registration.objects.filter(centre=centre).exclude(qualification=qualification).delete()
        begin_submission(actor=contact, centre=centre, qualification=qualification)
        make_registration(centre, qualification, ends_on=IN_JUNE)
        assert not_begun(scene.submission.adoption).count() == 1


def test_the_dry_run_the_page_and_the_list_name_the_same_centres(scene, elsewhere, calendar):
    """QTG-10: what is said, what would be said and who has not begun come from one place."""
    centre, contact = elsewhere
    calendar.today = dt.date(2021, 6, 19)
    out = io.StringIO()
    call_command("check_deadlines", "--dry-run", "--on", "2021-06-19", stdout=out)
    lines = [line for line in out.getvalue().splitlines() if contact.person.email in line]
    assert len(lines) == 1 and "no Q-TAG begun" in lines[0] and heard(scene, contact) == []
    admin = scene.client(Role.AO_ADMIN)
    page = admin.get(scene.url("qtags/deadlines/")).content.decode()
    assert "1 centre has registered learners who may have a Q-TAG" in page and page.count("With the next run") == 4
    with open_scope(scene.ao):
        shown = addressing(scene.submission.adoption, Filters(only="not_begun"), ["quality_contact"])
        assert [row.person for row in shown.people] == [contact.person]
    run(calendar, "2021-06-19")
    assert len(heard(scene, contact)) == 1
    assert ">With the next run<" not in admin.get(scene.url("qtags/deadlines/")).content.decode()


def test_my_work_says_it_with_the_day_before_any_reminder(scene, elsewhere, calendar):
    """QTG-10: late only from the day after; gone once they have begun; nobody else's centre."""
    centre, contact = elsewhere
    scene.people[Role.EXTERNAL_VERIFIER] = contact
    client = scene.client(Role.EXTERNAL_VERIFIER)
    for day, words in (("2021-06-18", "Due by 18 June 2021"), ("2021-06-19", "Was due by 18 June 2021")):
        calendar.today = dt.date.fromisoformat(day)
        page = client.get("/").content.decode()
        assert "2 registered learners have no Q-TAG begun" in page and words in page
        assert (">Late<" in page) is (day == "2021-06-19")
    assert "no Q-TAG begun" not in scene.client(Role.QUALITY_CONTACT).get("/").content.decode()
    with open_scope(scene.ao):
        begin_submission(actor=contact, centre=centre, qualification=scene.submission.qualification)
    page = client.get("/").content.decode()
    assert "no Q-TAG begun" not in page


def readopt(scene: Scene, path: str = "outcomes.q_tag.categories.B", value: str = "permitted") -> None:
    with open_scope(scene.ao):
        held = scene.submission.adoption
        adopt_framework(
            actor=scene.people[Role.AO_ADMIN], framework=held.framework,
            overrides=dict(held.overrides) | {path: value},
        )  # fmt: skip


def test_what_was_begun_before_the_ao_adopted_anew_is_neither_lost_nor_begun_twice(agreed, calendar):
    """QTG-10 HOC-01: it is still submitted, reminded of, signed for and seen; nobody is asked to begin it again."""
    with open_scope(agreed.ao):
        make_moves(agreed.people[Role.QUALITY_CONTACT], agreed.submission, "submit")
        make_registration(agreed.centre, agreed.submission.qualification, ends_on=IN_JUNE)
    readopt(agreed)
    old = agreed.submission.adoption_id
    with open_scope(agreed.ao):
        new, held = running_adoptions()
        assert held.pk == old and not_begun(new).count() == 1 and not not_begun(held).exists()
    head = agreed.client(Role.HEAD_OF_CENTRE)
    assert f"/{agreed.centre.pk}/{old}/sign/" in head.get(agreed.url("declarations/")).content.decode()
    assert "1 qualification to sign for" in head.get("/").content.decode()
    run(calendar, "2021-06-17")
    assert [subject for subject, _b in heard(agreed, agreed.people[Role.HEAD_OF_CENTRE])] == [
        "Declaration to sign: 1 day left"
    ]
    assert sign(agreed).status_code == 302 and address(agreed).endswith(f"/{old}/sign/")
    with open_scope(agreed.ao):
        assert Declaration.objects.get().adoption_id == old
    admin = agreed.client(Role.AO_ADMIN)
    newest = admin.get(agreed.url("qtags/progress/")).content.decode()
    assert agreed.centre.name not in newest.split("<table")[-1] and f"under={old}" in newest
    assert agreed.centre.name in admin.get(agreed.url(f"qtags/progress/?under={old}")).content.decode()
    assert "as it was until" in admin.get(agreed.url("results/qtags/")).content.decode()
    with open_scope(agreed.ao):
        made = begin_submission(
            actor=agreed.people[Role.QUALITY_CONTACT],
            centre=agreed.centre,
            qualification=agreed.submission.qualification,
        )
        assert made.pk != agreed.submission.pk and made.judgements.count() == 1
        assert Judgement.objects.count() == 4


def test_beginning_again_under_a_newer_adoption_says_where_to_go_on(scene):
    """QTG-10: with nobody new there is nothing to begin, and nothing is left behind."""
    readopt(scene)
    client = scene.client(Role.QUALITY_CONTACT)
    course = f"{scene.centre.pk}-{scene.submission.qualification_id}"
    answer = client.post(scene.url("qtags/begin/"), {"course": course})
    assert answer.status_code == 200 and "begun before the framework changed" in answer.content.decode()
    with open_scope(scene.ao):
        with pytest.raises(BeginError):
            begin_submission(
                actor=scene.people[Role.QUALITY_CONTACT], centre=scene.centre,
                qualification=scene.submission.qualification,
            )  # fmt: skip
        assert Submission.objects.count() == 1


def test_more_time_is_given_to_those_who_have_begun_too(agreed, calendar):
    """QTG-10: the AO moves the close from 18 to 30 June; nothing is late before that, and the days left are said anew."""
    contact = agreed.people[Role.QUALITY_CONTACT]
    run(calendar, "2021-06-12")
    readopt(agreed, "dates.submission_closes", "2021-06-30")
    run(calendar, "2021-06-24")
    assert [subject for subject, _body in heard(agreed, contact)] == ["Q-TAGs to submit: 6 days left"] * 2
    page = agreed.client(Role.QUALITY_CONTACT).get(agreed.url(f"qtags/{agreed.submission.pk}/")).content.decode()
    assert "open until the end of 30 June 2021" in page
    with open_scope(agreed.ao):
        make_moves(contact, agreed.submission, "submit")
        assert not Judgement.objects.filter(is_late=True).exists()


def test_the_day_that_was_moved_is_over_in_its_turn(agreed, calendar):
    """QTG-10: after the later close a Q-TAG is late as ever; and before it, nobody is told that it was."""
    readopt(agreed, "dates.submission_closes", "2021-06-30")
    run(calendar, "2021-06-20")
    assert not any("late" in subject for subject, _body in heard(agreed, agreed.people[Role.QUALITY_CONTACT]))
    run(calendar, "2021-07-01")
    assert heard(agreed, agreed.people[Role.QUALITY_CONTACT])[-1][0] == "Q-TAGs to submit: late since 30 June 2021"
    with open_scope(agreed.ao):
        make_moves(agreed.people[Role.QUALITY_CONTACT], agreed.submission, "submit")
        assert Judgement.objects.filter(is_late=True).count() == 3
