"""Groups beside one another as a run compares them and pages show them (SNS-01, SNS-02, SNS-08)."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client

from awarding.accounts.roles import Role
from awarding.accounts.standing import Process, Standing
from awarding.tenancy.models import AwardingOrganisation
from awarding.tenancy.scope import open_scope
from centres.models import Centre
from qtag.models import PastGroupResults, SenseRow, SenseRun, SeriesChoice
from qtag.queries.group_gaps import GroupGap, centre_gaps, gaps_over_centres, subjects
from qtag.queries.learner_groups import group_tables
from qtag.sense_check.group_totals import Cut
from qtag.services.sense_run import run_sense_check
from tests.factories import make_ao, make_standing
from tests.factories.history import GRADES, SERIES, Past, make_past
from tests.factories.qtags import make_submission
from tests.factories.sign_in import sign_in

YES, NO = 44, 66


@pytest.fixture
def past(db: None) -> Past:
    """Fourteen centres with two groups of learners each year; at the first one the distance has changed this year."""
    ao = make_ao("aim")
    with open_scope(ao):
        made = make_past(ao, centres=14, grades=(GRADES, GRADES), learners=YES + NO)
        random = np.random.default_rng(5)
        rows = []
        for place, centre in enumerate(made.centres):
            for qualification in made.qualifications:
                for series in SERIES:
                    far = place == 0 and series == "2021-summer"
                    for value, learners, shares in (
                        ("Yes", YES, (0.9, 0.1, 0, 0) if far else (0.2, 0.3, 0.3, 0.2)),
                        ("No", NO, (0, 0, 0.1, 0.9) if far else (0.15, 0.25, 0.35, 0.25)),
                    ):
                        rows += [
                            PastGroupResults(
                                centre=centre, qualification=qualification, series=series, grade=grade, count=count,
                                principle="calculated" if series.startswith("2020") else "exam",
                                characteristic="Free meals", value=value,
                            )
                            for grade, count in zip(GRADES, random.multinomial(learners, shares).tolist(), strict=True)
                        ]  # fmt: skip
        PastGroupResults.objects.bulk_create(rows)
    return made


def run(ao: AwardingOrganisation) -> SenseRun:
    return run_sense_check(actor=Process("test"), ao=ao, whole=True)


def head_of(ao: AwardingOrganisation, centre: Centre) -> Standing:
    return make_standing(ao, Role.HEAD_OF_CENTRE, centre)


def gaps(past: Past, place: int = 0, qualification: bool = True) -> list[GroupGap]:
    with open_scope(past.ao):
        centre = past.centres[place]
        found, is_learnt = centre_gaps(
            head_of(past.ao, centre), centre, past.qualifications[0] if qualification else None
        )
        assert is_learnt
        return found


def test_sns_02_the_group_that_moved_is_flagged_and_the_others_are_not(past: Past) -> None:
    """SNS-02, SNS-08: from a whole run over loaded results to the rows of a page."""
    run(past.ao)
    for qualification in (True, False):
        (one,) = gaps(past, 0, qualification)
        assert (one.characteristic, one.group, one.beside, one.flagged) == ("Free meals", "Yes", "No", True)
        assert one.expected is not None and one.low is not None and one.gap < one.low < one.expected
        assert (one.learners, one.others) == ((YES, NO) if qualification else (2 * YES, 2 * NO))
        (calm,) = gaps(past, 1, qualification)
        assert calm.is_compared and not calm.flagged
    with open_scope(past.ao):
        ((everywhere,), is_learnt) = gaps_over_centres(Cut.WHOLE)
    # 1,232 learners, told to the nearest five.
    assert is_learnt and everywhere.gap.centres == 14 and 14 * 2 * YES == 1232 and everywhere.gap.learners == 1230


def test_sns_02_08_the_ao_sees_groups_by_sector_and_qualification_and_of_few_centres_nothing(past: Past) -> None:
    """SNS-02, SNS-08: each cut by itself, rounded; the second qualification goes with the fifth centre, and with it the first,
    which would tell of it: what is left of the whole without the first would be five centres."""
    with open_scope(past.ao):
        admin = make_standing(past.ao, Role.AO_ADMIN)
        names = [qualification.title for qualification in past.qualifications]
    run(past.ao)
    by_sector, by_qualification = (
        look(past, admin, f"sense-check/learner-groups/?by={cut}") for cut in Cut if cut != "whole"
    )
    assert by_sector.count("14 centres") == 1 and by_qualification.count("14 centres") == 2
    assert all(name in by_qualification and name not in by_sector for name in names)
    assert "rounded to the nearest 5" in by_qualification and "1,232" not in by_sector and "1232" not in by_sector
    with open_scope(past.ao):
        rows = PastGroupResults.objects.filter(qualification=past.qualifications[1], centre__in=past.centres[5:])
        rows.delete()
    run(past.ao)
    assert "14 centres" in look(past, admin, "sense-check/learner-groups/")
    hidden = look(past, admin, "sense-check/learner-groups/?by=qualification")
    assert "Nothing that may be told" in hidden and "centres</span>" not in hidden
    with open_scope(past.ao):
        PastGroupResults.objects.filter(centre__in=past.centres[9:]).delete()
    run(past.ao)
    few = look(past, admin, "sense-check/learner-groups/")
    assert "Too few centres to compare" in few and "others" in few and "9 centres" not in few and "higher" not in few
    assert "Too few centres to compare" in look(past, admin, "sense-check/learner-groups/?by=nonsense")


def test_sns_08_nothing_is_computed_from_a_cell_that_is_hidden(past: Past) -> None:
    """SNS-08: with a year hidden the comparison is that of the years that are shown; hidden this year, there is none."""
    centre, qualification = past.centres[1], past.qualifications[0]
    with open_scope(past.ao):
        mine = PastGroupResults.objects.filter(centre=centre, qualification=qualification, series="2018-summer")
        mine.filter(value="Yes").exclude(grade="M").delete()
        mine.filter(value="Yes").update(count=3)
    run(past.ao)
    (before,) = gaps(past, 1)
    with open_scope(past.ao):
        (table,) = group_tables(head_of(past.ao, centre), centre, qualification)
        hidden = {value: [cell.is_hidden for cell in cells] for value, cells in table.groups}
        assert hidden["Yes"][0] and sum(cells[0] for cells in hidden.values()) > 1
        # Whatever lies behind the hidden cells, the comparison says the same.
        mine.filter(value="Yes").update(grade="D")
    assert gaps(past, 1) == [before]
    with open_scope(past.ao):
        now = PastGroupResults.objects.filter(
            centre=centre, qualification=qualification, series="2021-summer", value="Yes"
        )
        now.exclude(grade="M").delete()
        now.update(count=2)
    (few,) = gaps(past, 1)
    assert not few.is_compared and not few.flagged and few.learners == 0
    with open_scope(past.ao):
        SeriesChoice.objects.create(series="2018-summer", role=SeriesChoice.Role.LEFT_OUT)
        waits = centre_gaps(head_of(past.ao, centre), centre, qualification)
        assert waits == ([], False), "other columns hide other cells: nothing until the next whole run"


def test_sns_08_a_run_learns_nothing_from_a_small_cell(past: Past) -> None:
    """SNS-08: over all centres, too, a centre with four of a group this year is left out, and its learners with it."""
    with open_scope(past.ao):
        here = PastGroupResults.objects.filter(centre=past.centres[3], series="2021-summer", value="Yes")
        here.exclude(grade="M").delete()
        here.update(count=4)
    run(past.ao)
    with open_scope(past.ao):
        ((everywhere,), _is_learnt) = gaps_over_centres(Cut.WHOLE)
    assert everywhere.gap.centres == 13 and 13 * 2 * YES == 1144 and everywhere.gap.learners == 1145


def test_sns_01_groups_are_compared_only_when_all_is_judged_and_for_two_people(past: Past) -> None:
    run(past.ao)
    centre, qualification = past.centres[0], past.qualifications[0]
    with open_scope(past.ao):
        for role in (Role.AO_ADMIN, Role.TEACHER):
            who = make_standing(past.ao, role, None if role == Role.AO_ADMIN else centre)
            with pytest.raises(PermissionDenied):
                centre_gaps(who, centre, qualification)
        make_submission(centre, make_standing(past.ao, Role.QUALITY_CONTACT, centre), learners=1)
        head = head_of(past.ao, centre)
        assert centre_gaps(head, centre, qualification)[0], "another qualification waits, not this one"
        with pytest.raises(PermissionDenied, match="SNS-01"):
            centre_gaps(head, centre, None)


def test_the_pages_say_it_in_words(past: Past) -> None:
    with open_scope(past.ao):
        head, admin = head_of(past.ao, past.centres[0]), make_standing(past.ao, Role.AO_ADMIN)
        officer = make_standing(past.ao, Role.RESPONSIBLE_OFFICER)
    assert "next whole run" in look(past, admin, "sense-check/learner-groups/")
    run(past.ao)
    with open_scope(past.ao):
        rows = {row.level: row.pk for row in SenseRow.objects.filter(centre=past.centres[0]).order_by("-pk")}
    for level in ("qualification", "centre"):
        shown = look(past, head, f"sense-check/groups/{rows[level]}/learners/")
        assert ">Changed</strong>" in shown and "beside No" in shown and "95%: " in shown
        assert "the distance from the others has moved this year" in shown
        client = Client()
        sign_in(client, head.person)
        (one,) = client.get(f"/api/v1/ao/aim/learner-groups/{rows[level]}/").json()["comparisons"]
        assert one["flagged"] and one["gap"] < one["low"] < one["expected"] < one["high"]
    for who in (admin, officer):
        shown = look(past, who, "sense-check/learner-groups/")
        assert "Free meals: Yes" in shown and "14 centres" in shown
    client = Client()
    sign_in(client, head.person)
    assert client.get("/ao/aim/sense-check/learner-groups/").url.endswith("/sense-check/")


def look(past: Past, who: Standing, path: str) -> Any:
    client = Client()
    sign_in(client, who.person)
    answer = client.get(f"/ao/{past.ao.slug}/{path}")
    assert answer.status_code == 200
    return answer.content.decode()


def test_of_two_groups_one_is_enough() -> None:
    names = [("Sex", "F"), ("Sex", "M"), ("Need", "None"), ("Need", "Some"), ("Need", "Plan")]
    assert subjects(names) == [("Need", "None"), ("Need", "Plan"), ("Need", "Some"), ("Sex", "M")]
