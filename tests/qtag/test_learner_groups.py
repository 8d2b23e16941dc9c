"""Groups of learners beside earlier years and each other, small ones kept from view (SNS-08)."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from awarding.accounts.roles import Role
from awarding.accounts.standing import PermissionMissingError
from awarding.audit.models import AuditRecord
from awarding.catalogue.models import Grade
from awarding.tenancy.scope import open_scope
from centres.models import Registration
from qtag.models import Judgement, LearnerCharacteristic, PastGroupResults, PastResults, SenseRow, SeriesChoice
from qtag.queries.group_input import read_group_learners
from qtag.queries.learner_groups import GroupTable, group_tables
from qtag.queries.sense_input import series_plan
from qtag.services.characteristics import load_characteristics, read_characteristics
from tests.factories.qtags import grade_all
from tests.factories.sense import make_row
from tests.qtag.conftest import Scene, build_scene, propose


@pytest.fixture
def judged(db: None, calendar: Any) -> Scene:
    """Twenty learners judged: twelve of one group, eight of another."""
    scene = build_scene(learners=20)
    with open_scope(scene.ao):
        grade_all(scene.people[Role.TEACHER], scene.submission)
        propose(scene)
        rows = Judgement.objects.filter(submission=scene.submission).order_by("pk")
        LearnerCharacteristic.objects.bulk_create(
            LearnerCharacteristic(
                learner_id=row.registration.learner_id, characteristic="Disability", value="Yes" if place < 8 else "No"
            )
            for place, row in enumerate(rows.select_related("registration"))
        )
    return scene


def add_past(scene: Scene, series: str, **groups: int) -> None:
    """So many learners with a Merit in each group; the qualification has all of them."""
    where = {"centre": scene.centre, "qualification": scene.submission.qualification, "series": series, "grade": "M"}
    with open_scope(scene.ao):
        PastResults.objects.create(**where, count=sum(groups.values()))
        for value, count in groups.items():
            PastGroupResults.objects.create(**where, characteristic="Disability", value=value, count=count)


def tables(scene: Scene, role: Role = Role.HEAD_OF_CENTRE) -> list[GroupTable]:
    with open_scope(scene.ao):
        return group_tables(scene.people[role], scene.centre, scene.submission.qualification)


def shown(table: GroupTable) -> dict[str, list[int | None]]:
    return {value: [cell.learners for cell in cells] for value, cells in table.groups}


def test_sns_08_groups_stand_beside_earlier_years_and_each_other(judged: Scene) -> None:
    """SNS-08: groups beside their past and each other."""
    add_past(judged, "2018-summer", Yes=9, No=20)
    (table,) = tables(judged)
    assert (table.characteristic, table.series, table.totals) == ("Disability", ["2018-summer", ""], [29, 20])
    assert shown(table) == {"No": [20, 12], "Yes": [9, 8]}
    assert [cell.mean for _value, cells in table.groups for cell in cells] == [1.0, 1.0, 1.0, 1.0]


def test_sns_03_a_series_on_another_principle_is_marked_in_the_tables(judged: Scene) -> None:
    """SNS-03: on the page and over the API; the others are not."""
    add_past(judged, "2019-summer", Yes=9, No=20)
    add_past(judged, "2020-summer", Yes=9, No=20)
    with open_scope(judged.ao):
        for rows in (PastResults.objects, PastGroupResults.objects):
            rows.filter(series="2020-summer").update(principle="calculated")
        row = make_row(judged.centre, judged.submission.qualification)
    head = judged.client(Role.HEAD_OF_CENTRE)
    page = head.get(judged.url(f"sense-check/groups/{row.pk}/learners/")).content.decode()
    assert page.count("Summer 2020 (on another principle)") == 1 and "Summer 2019 (" not in page
    (table,) = head.get(f"/api/v1/ao/aim/learner-groups/{row.pk}/").json()["tables"]
    marks = {cell["series"]: cell["another_principle"] for cell in table["groups"][0]["cells"]}
    assert marks == {"2019-summer": False, "2020-summer": True, "": False}


def test_sns_08_a_small_group_is_hidden_and_cannot_be_brought_back(judged: Scene) -> None:
    """SNS-08, the other way: a small group is not shown, whatever is asked for."""
    add_past(judged, "2018-summer", Yes=3, No=20)
    add_past(judged, "2019-summer", Yes=9, No=20)
    (table,) = tables(judged)
    assert table.series == ["2018-summer", "2019-summer", ""]
    cells = dict(table.groups)
    assert cells["Yes"][0].is_hidden
    assert cells["Yes"][0].mean is None
    # Its line and its column each hide another: else a total less what is shown would be the number.
    assert cells["No"][0].is_hidden
    assert sum(cell.is_hidden for cell in cells["Yes"]) >= 2


def test_sns_08_no_totals_where_they_would_tell_a_hidden_number(judged: Scene) -> None:
    """SNS-08: three learners in all, whose groups are hidden: their total would tell of each to within three. None is handed on,
    to the page or over the API; beside larger groups there are totals."""
    add_past(judged, "2018-summer", Yes=9, No=20)
    (before,) = tables(judged)
    assert before.totals == [29, 20]
    add_past(judged, "2019-summer", Yes=1, No=2)
    (table,) = tables(judged)
    assert [cell.is_hidden for _value, cells in table.groups for cell in cells] == [False, True, False] * 2
    assert table.totals is None
    with open_scope(judged.ao):
        row = make_row(judged.centre, judged.submission.qualification)
    head = judged.client(Role.HEAD_OF_CENTRE)
    (sent,) = head.get(f"/api/v1/ao/aim/learner-groups/{row.pk}/").json()["tables"]
    assert sent["totals"] is None


def test_sns_08_learners_of_no_known_group_are_a_group_too(judged: Scene) -> None:
    with open_scope(judged.ao):
        known = LearnerCharacteristic.objects.filter(value="No").values_list("pk", flat=True)[:6]
        LearnerCharacteristic.objects.filter(pk__in=list(known)).delete()
    (table,) = tables(judged)
    assert shown(table) == {"No": [6], "Yes": [8], "Not known": [6]}


def test_sns_01_groups_too_wait_for_the_last_judgement(judged: Scene) -> None:
    with open_scope(judged.ao):
        Judgement.objects.filter(pk=judged.judgements()[0].pk).update(grade=None, state="open")
    with pytest.raises(PermissionDenied):
        tables(judged)


def test_sns_01_this_year_of_a_closed_group_is_read_by_nobody(judged: Scene) -> None:
    """SNS-01: not by a run over all centres either, which asks no page: earlier years alone, until the last judgement."""
    add_past(judged, "2018-summer", Yes=9, No=20)
    pair = (judged.centre.pk, judged.submission.qualification_id)

    def this_year() -> int:
        with open_scope(judged.ao):
            found = read_group_learners(series_plan())
        assert found.groups[pair][("Disability", "Yes")][0].sum() == 9
        return int(sum(counts[-1].sum() for counts in found.groups[pair].values()) + found.everybody[pair][-1].sum())

    assert this_year() == 40
    with open_scope(judged.ao):
        Judgement.objects.filter(pk=judged.judgements()[0].pk).update(state="open")
    assert this_year() == 0


def test_sns_08_groups_loaded_for_this_year_are_not_added_to_those_judged_here(judged: Scene) -> None:
    """SNS-08: nor does a withdrawn learner's grade that never left the teacher's hands count among them."""
    with open_scope(judged.ao):
        SeriesChoice.objects.create(series="2021-summer", role="this_year")
    add_past(judged, "2018-summer", Yes=9, No=20)
    add_past(judged, "2021-summer", Yes=30, No=30)
    assert shown(tables(judged)[0]) == {"No": [20, 12], "Yes": [9, 8]}
    last = judged.judgements()[-1]
    with open_scope(judged.ao):
        Judgement.objects.filter(pk=last.pk).update(state="open")
        Registration.objects.filter(pk=last.registration_id).update(status=Registration.Status.WITHDRAWN)
    assert shown(tables(judged)[0]) == {"No": [20, 11], "Yes": [9, 8]}


def test_sns_06_08_groups_on_a_pass_alone_show_who_achieved_and_are_not_set_beside_one_another(judged: Scene) -> None:
    """SNS-06, SNS-08: shares where those who failed are known, numbers where they are not, means of grades elsewhere; and
    the page says why there is no comparison, only where there is none."""
    add_past(judged, "2018-summer", Yes=10, No=20)
    with open_scope(judged.ao):
        qualification = judged.submission.qualification
        row = make_row(judged.centre, qualification)
        ladder = list(Grade.objects.filter(scale=qualification.scale).order_by("rank").values_list("pk", "code"))
        low = ladder[[code for _pk, code in ladder].index("M") - 1][1]
        past = {"centre": judged.centre, "qualification": qualification, "series": "2018-summer", "grade": low}
        PastResults.objects.create(**past, count=5)
        PastGroupResults.objects.create(**past, characteristic="Disability", value="No", count=5)
    address = judged.url(f"sense-check/groups/{row.pk}/learners/")
    head = judged.client(Role.HEAD_OF_CENTRE)
    shown = head.get(address).content.decode()
    assert "mean 1.00" in shown and "how many enrolled" not in shown and "next whole run" in shown
    for others, said in (([low], "25, 80% achieved"), ([], "<td")):
        with open_scope(judged.ao):
            keep = {"M", *others}
            PastResults.objects.filter(qualification=qualification).exclude(grade__in=keep).delete()
            PastGroupResults.objects.filter(qualification=qualification).exclude(grade__in=keep).delete()
            Judgement.objects.exclude(grade__code="M").update(grade=dict((c, p) for p, c in ladder)["M"])
            Grade.objects.filter(scale=qualification.scale).exclude(code__in=keep).delete()
            Grade.objects.filter(scale=qualification.scale).update(is_achieved=False)
            Grade.objects.filter(scale=qualification.scale, code="M").update(is_achieved=True)
            SenseRow.objects.filter(pk=row.pk).update(by_volume=True)
        shown = head.get(address).content.decode()
        assert "mean " not in shown.split("Year by year")[1] and said in shown
        assert "how many enrolled, not how they were judged" in shown and "next whole run" not in shown
    assert "achieved</td>" not in shown and "% achieved" not in shown


@pytest.mark.parametrize("role", [Role.TEACHER, Role.AO_ADMIN])
def test_sns_08_groups_are_for_the_centre_s_head_and_contact(judged: Scene, role: Role) -> None:
    """SNS-08, refused: nobody but the centre’s head and contact sees them."""
    assert tables(judged, Role.QUALITY_CONTACT)
    with pytest.raises(PermissionDenied):
        tables(judged, role)


def test_sns_08_characteristics_are_loaded_from_a_workbook(judged: Scene) -> None:
    with open_scope(judged.ao):
        ulns = [row.registration.learner.uln for row in Judgement.objects.filter(submission=judged.submission)[:3]]
        text = "ULN,Characteristic,Group\n" + "".join(
            f"{uln},Sex,{value}\n" for uln, value in zip(ulns, "ABA", strict=True)
        )
        wrong = text + f"1000102504,Sex,A\n{ulns[0]},Sex,B\n"
        contact = judged.people[Role.QUALITY_CONTACT]

        def load(data: str, **how: Any) -> tuple[list[int], list[tuple[str, str]]]:
            report = load_characteristics(
                actor=contact, centre=judged.centre, table=read_characteristics(data.encode()), **how
            )
            return list(report.counts.values()), [(fault.cell, fault.code) for fault in report.faults]

        assert load(text, dry_run=True) == ([3, 3, 0, 0, 0], [])
        assert not LearnerCharacteristic.objects.filter(characteristic="Sex").exists()
        assert load(wrong) == ([5, 3, 0, 0, 2], [("A5", "unknown_learner"), ("B6", "row_twice")])
        assert load(text) == ([3, 0, 0, 3, 0], [])
        assert load(text.replace("Sex,A", "Sex,C")) == ([3, 0, 2, 1, 0], [])
        assert AuditRecord.objects.filter(event="characteristics.loaded").count() == 2
        with pytest.raises(PermissionMissingError):
            load_characteristics(
                actor=judged.people[Role.AO_ADMIN], centre=judged.centre, table=read_characteristics(text.encode())
            )
