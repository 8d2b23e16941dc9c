"""Earlier results and comparisons over the API: the pages' figures behind the pages' gate."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from awarding.accounts.roles import Role
from awarding.tenancy.scope import open_scope
from qtag.models import Judgement, LearnerCharacteristic, PastGroupResults, PastResults, SenseRow
from qtag.services.differences import record_reason
from tests.factories import make_ao, make_centre, make_standing
from tests.factories.qtags import grade_all, make_submission
from tests.factories.sense import make_row
from tests.factories.sign_in import sign_in
from tests.qtag.conftest import Scene, build_scene, propose

pytestmark = pytest.mark.django_db
NOUNS = ("comparisons", "earlier-results")


@pytest.fixture
def judged() -> Scene:
    """Six learners judged, their group compared."""
    scene = build_scene(learners=6)
    with open_scope(scene.ao):
        scene.people[Role.RESPONSIBLE_OFFICER] = make_standing(scene.ao, Role.RESPONSIBLE_OFFICER)
        grade_all(scene.people[Role.TEACHER], scene.submission)
        propose(scene)
        make_row(scene.centre, scene.submission.qualification)
        make_row(scene.centre)
    return scene


def ask(scene: Scene, role: Role, noun: str, **query: Any) -> Any:
    return scene.client(role).get(f"/api/v1/ao/{scene.ao.slug}/{noun}/", query)


def row_of(scene: Scene, level: str = "qualification") -> SenseRow:
    with open_scope(scene.ao):
        return SenseRow.objects.get(level=level)


def reopen(scene: Scene) -> None:
    with open_scope(scene.ao):
        Judgement.objects.filter(pk=scene.judgements()[0].pk).update(grade=None, state="open")


@pytest.mark.parametrize("noun", NOUNS)
def test_sns_01_until_every_judgement_is_in_it_says_403_and_why(judged: Scene, noun: str) -> None:
    """SNS-01: by its id and by its name, for the centre and for the AO; from lists it is absent."""
    row, names = row_of(judged), {}
    names = {"centre": judged.centre.number, "qualification": row.qualification.display_qan}
    for role in (Role.HEAD_OF_CENTRE, Role.QUALITY_CONTACT, Role.AO_ADMIN, Role.RESPONSIBLE_OFFICER):
        assert ask(judged, role, f"{noun}/{row.pk}").status_code == 200
        assert ask(judged, role, noun, **names).json()["count"] == 1
    reopen(judged)
    for role in (Role.HEAD_OF_CENTRE, Role.AO_ADMIN):
        for closed in (ask(judged, role, f"{noun}/{row.pk}"), ask(judged, role, noun, **names)):
            assert closed.status_code == 403 and "1 is missing (SNS-01)" in closed.json()["detail"]
        assert ask(judged, role, noun).json()["count"] == 0
    wider = row_of(judged, "centre")
    assert ask(judged, Role.HEAD_OF_CENTRE, f"comparisons/{wider.pk}").status_code == 403


@pytest.mark.parametrize("noun", [*NOUNS, "learner-groups"])
def test_what_is_not_ones_own_does_not_exist(judged: Scene, noun: str) -> None:
    other = make_ao("other")
    with open_scope(other):
        stranger = make_standing(other, Role.AO_ADMIN)
        contact = make_standing(other, Role.HEAD_OF_CENTRE, make_centre("Elsewhere"))
    with open_scope(judged.ao):
        neighbour = make_standing(judged.ao, Role.HEAD_OF_CENTRE, make_centre("Southfield"))
    path = f"{noun}/{row_of(judged).pk}/"
    for who, slug in ((stranger, "aim"), (contact, "aim"), (contact, "other"), (neighbour, "aim")):
        client = Client()
        sign_in(client, who.person)
        assert client.get(f"/api/v1/ao/{slug}/{path}").status_code == 404
    assert ask(judged, Role.TEACHER, path.rstrip("/")).status_code == 403


def test_qtg_17_the_ao_reads_no_grades_of_this_year_and_nothing_before_it_is_submitted(judged: Scene) -> None:
    row = row_of(judged)
    seen = ask(judged, Role.HEAD_OF_CENTRE, f"earlier-results/{row.pk}").json()
    assert [one["name"] for one in seen["series"]] == ["Summer 2018", "Summer 2019"]
    assert seen["series"][0]["counts"] == [12, 14, 6] and seen["this_year"]["counts"] == [2, 8, 20]
    for role in (Role.AO_ADMIN, Role.RESPONSIBLE_OFFICER):
        answer = ask(judged, role, f"earlier-results/{row.pk}").json()
        assert answer["this_year"] is None and answer["series"] == seen["series"]
    with open_scope(judged.ao):
        SenseRow.objects.update(is_submitted=False)
    assert ask(judged, Role.AO_ADMIN, f"comparisons/{row.pk}").status_code == 404
    assert ask(judged, Role.AO_ADMIN, "comparisons").json()["count"] == 0
    assert ask(judged, Role.HEAD_OF_CENTRE, "comparisons").json()["count"] == 2


def test_sns_09_a_comparison_has_its_figures_its_words_and_its_reason(judged: Scene) -> None:
    row = row_of(judged)
    one = ask(judged, Role.AO_ADMIN, f"comparisons/{row.pk}").json()
    assert (one["effect"], one["low"], one["high"], one["verdict"]) == (0.65, 0.3, 1.0, "flagged")
    assert one["waits"] and one["reason"] is None and "0.65 of a grade step higher" in " ".join(one["says"])
    with open_scope(judged.ao):
        record_reason(
            actor=judged.people[Role.QUALITY_CONTACT], row_id=row.pk, kinds=["intake"], text="Another intake",
            shown_digest=row.digest,
        )  # fmt: skip
    told = ask(judged, Role.AO_ADMIN, "comparisons", level="qualification").json()["results"][0]
    assert told["reason"]["text"] == "Another intake" and told["reason_speaks"] and not told["waits"]
    assert ask(judged, Role.AO_ADMIN, "comparisons", verdict="nonsense").status_code == 400
    assert ask(judged, Role.AO_ADMIN, "comparisons", verdict="ordinary").json()["count"] == 0


def test_sns_08_the_groups_of_the_api_are_hidden_as_on_the_page(judged: Scene) -> None:
    """SNS-08: a small cell and what would give it back are null, with the mean; nothing more precise than the page."""
    where = {"centre": judged.centre, "qualification": judged.submission.qualification, "series": "2018-summer"}
    with open_scope(judged.ao):
        for grade, yes, no in (("P", 2, 11), ("M", 1, 8)):
            PastResults.objects.create(**where, grade=grade, count=yes + no)
            for value, count in (("Yes", yes), ("No", no)):
                PastGroupResults.objects.create(
                    **where, grade=grade, characteristic="Disability", value=value, count=count
                )
        row = Judgement.objects.filter(submission=judged.submission).select_related("registration").first()
        LearnerCharacteristic.objects.create(
            learner_id=row.registration.learner_id, characteristic="Disability", value="Yes"
        )
    path = f"learner-groups/{row_of(judged).pk}"
    (table,) = ask(judged, Role.HEAD_OF_CENTRE, path).json()["tables"]
    cells = {(line["group"], cell["series"]): cell for line in table["groups"] for cell in line["cells"]}
    assert cells["Yes", ""]["learners"] is None and cells["Yes", ""]["mean"] is None
    assert cells["Yes", "2018-summer"]["learners"] is None, "three learners"
    assert cells["No", "2018-summer"]["learners"] is None, "the total less it would be the three"
    page = judged.client(Role.HEAD_OF_CENTRE).get(judged.url(f"sense-check/groups/{row_of(judged).pk}/learners/"))
    assert page.content.decode().count("hidden") >= sum(cell["learners"] is None for cell in cells.values())
    for role in (Role.AO_ADMIN, Role.TEACHER):
        assert ask(judged, role, path).status_code == 403
    reopen(judged)
    closed = ask(judged, Role.HEAD_OF_CENTRE, path)
    assert closed.status_code == 403 and "SNS-01" in closed.json()["detail"]


@pytest.mark.parametrize("noun", NOUNS)
@pytest.mark.parametrize("role", [Role.AO_ADMIN, Role.HEAD_OF_CENTRE], ids=lambda role: role.value)
def test_three_rows_cost_as_many_queries_as_one(judged: Scene, noun: str, role: Role) -> None:
    client = judged.client(role)
    path = f"/api/v1/ao/{judged.ao.slug}/{noun}/?page_size=200"
    client.get(path)
    with CaptureQueriesContext(connection) as few:
        before = client.get(path).json()["count"]
    with open_scope(judged.ao):
        for _ in range(2):
            submission = make_submission(judged.centre, judged.people[Role.QUALITY_CONTACT], learners=1)
            Judgement.objects.filter(submission=submission).update(is_certificating=False)
            make_row(judged.centre, submission.qualification)
    with CaptureQueriesContext(connection) as more:
        assert client.get(path).json()["count"] == before + 2
    assert len(few) == len(more)


def test_the_schema_says_that_it_is_closed_until_judged(client: Client) -> None:
    schema = client.get("/api/schema/", headers={"Accept": "application/vnd.oai.openapi+json"}).json()
    for noun in (*NOUNS, "learner-groups"):
        path = f"/api/v1/ao/{{ao}}/{noun}/{{id}}/"
        assert "SNS-01" in schema["paths"][path]["get"]["responses"]["403"]["description"]
