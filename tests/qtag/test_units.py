"""Z flags with their days, external entries, and which units may be graded later (QTG-15, QTG-16)."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from awarding.accounts.roles import Role
from awarding.catalogue.models import Grade, Unit
from awarding.tenancy.scope import open_scope
from awarding.workflow.services import GuardedError
from qtag.models import ExternalEntry, Judgement, LaterUnit, ReducedUnit
from qtag.rules.later import UnitState, later_findings
from qtag.services.recording import bank_unit, save_facts, set_banked_aside
from qtag.services.units import (
    UnitError,
    flag_many,
    flag_reduced,
    put_forward,
    record_entry,
    take_entry_back,
    take_flag_back,
    take_forward_back,
)
from tests.factories.awards import make_qualification
from tests.qtag.conftest import Scene


def units(scene: Scene) -> list[Unit]:
    with open_scope(scene.ao):
        return [place.unit for place in scene.submission.qualification.unit_places.select_related("unit")]


def say(scene: Scene, finishes: bool) -> int:
    """The first learner finishes, or goes on. Answers the judgement's id."""
    first = scene.judgements()[0]
    with open_scope(scene.ao):
        save_facts(
            actor=scene.people[Role.TEACHER], judgement_id=first.pk, facts={"is_certificating": finishes},
            expected_version=first.facts_version,
        )  # fmt: skip
    return first.pk


def teacher(scene: Scene, pk: int, unit: Unit) -> dict[str, object]:
    return {"actor": scene.people[Role.TEACHER], "judgement_id": pk, "unit": unit}


@given(st.sampled_from([True, False, None]), st.booleans(), st.booleans(), st.booleans())
@settings(deadline=None)
def test_a_later_grade_needs_a_flag_or_an_entry_and_nothing_else_helps(finishing, flag, entry, banked):
    """QTG-16"""
    possible = not later_findings(finishing, UnitState(flag, entry, banked), "unit")
    assert possible is (finishing is False and not banked and (flag or entry))


def test_a_unit_without_flag_or_entry_is_refused_and_says_why(scene):
    """QTG-16: refused with its reason; with the flag it is possible, and then the flag stays."""
    pk, unit = say(scene, finishes=False), units(scene)[0]
    said = teacher(scene, pk, unit)
    with open_scope(scene.ao):
        with pytest.raises(GuardedError, match="no external entry"):
            put_forward(**said)
        flag_reduced(**said)
        assert put_forward(**said).basis == "reduced"
        with pytest.raises(UnitError, match="put forward"):
            take_flag_back(**said)
    assert "Put forward" in scene.client(Role.TEACHER).get(scene.url(f"qtags/learners/{pk}/units/")).content.decode()


def test_who_tops_up_finishes(scene, calendar):
    """QTG-02 QTG-15 QTG-16: whatever else was said, the flag is due with those who finish, and no later grade is for them."""
    pk, unit = say(scene, finishes=False), units(scene)[0]
    with open_scope(scene.ao):
        Judgement.objects.filter(pk=pk).update(is_top_up=True)
    calendar.today = dt.date(2021, 6, 19)
    with open_scope(scene.ao):
        assert flag_reduced(**teacher(scene, pk, unit)).is_late
        with pytest.raises(GuardedError, match="finishes this summer"):
            put_forward(**teacher(scene, pk, unit))


def test_while_nobody_said_whether_they_finish_the_later_day_holds(scene, calendar):
    """QTG-15: a flag is not called late on a guess."""
    unit = units(scene)[0]
    calendar.today = dt.date(2021, 6, 19)
    with open_scope(scene.ao):
        assert not flag_reduced(**teacher(scene, scene.judgements()[0].pk, unit)).is_late


def test_what_a_later_grade_rests_on_is_not_taken_back(scene):
    """QTG-16: flag or entry, until the unit is no longer put forward; a banked result needs no later grade."""
    pk, (first, second, *_rest) = say(scene, finishes=False), units(scene)
    with open_scope(scene.ao):
        for unit, set_it, take_it in ((first, flag_reduced, take_flag_back), (second, enter, take_entry_back)):
            said = teacher(scene, pk, unit)
            set_it(**said)
            put_forward(**said)
            with pytest.raises(UnitError, match="put forward"):
                take_it(**said)
            take_forward_back(**said)
            take_it(**said)
        assert (
            not LaterUnit.objects.exists() and not ReducedUnit.objects.exists() and not ExternalEntry.objects.exists()
        )
        enter(**teacher(scene, pk, first))
        grade = Grade.objects.filter(scale_id=scene.submission.qualification.unit_scale_id)[0]
        banked = bank_unit(
            **teacher(scene, pk, first), grade=grade, kind="external", achieved_on=dt.date(2021, 1, 1)
        )  # fmt: skip
        with pytest.raises(GuardedError, match="has a result already"):
            put_forward(**teacher(scene, pk, first))
        set_banked_aside(
            actor=scene.people[Role.TEACHER], judgement_id=pk, banked=banked, reason="Another learner's"
        )  # fmt: skip
        assert put_forward(**teacher(scene, pk, first)).basis == "entry"


def enter(**said: object) -> ExternalEntry:
    return record_entry(**said, entered_on=dt.date(2021, 1, 15))  # type: ignore[arg-type]


def test_an_entry_counts_when_it_was_made_in_the_window(scene, calendar):
    """QTG-16: both last days in, the days beside them out; not in the future, not for a unit of something else."""
    pk, unit = say(scene, finishes=False), units(scene)[0]
    said = teacher(scene, pk, unit)
    with open_scope(scene.ao):
        with pytest.raises(GuardedError, match="outside the window"):
            record_entry(**said, entered_on=dt.date(2020, 7, 31))
        with pytest.raises(UnitError, match="future"):
            record_entry(**said, entered_on=dt.date(2021, 6, 2))
        record_entry(**said, entered_on=dt.date(2020, 8, 1))
        assert put_forward(**said).basis == "entry"
        calendar.today = dt.date(2021, 10, 1)
        late = teacher(scene, pk, units(scene)[1])
        with pytest.raises(GuardedError, match="outside the window"):
            record_entry(**late, entered_on=dt.date(2021, 9, 1))
        record_entry(**late, entered_on=dt.date(2021, 8, 31))
        ExternalEntry.objects.filter(unit=late["unit"]).delete()
        other = make_qualification().unit_places.select_related("unit")[0].unit
        with pytest.raises(UnitError, match="not a unit"):
            record_entry(**teacher(scene, pk, other), entered_on=dt.date(2020, 9, 1))
        assert ExternalEntry.objects.count() == 1


def test_who_finishes_has_no_later_grade(scene):
    """QTG-16"""
    pk, unit = say(scene, finishes=True), units(scene)[0]
    with open_scope(scene.ao):
        flag_reduced(**teacher(scene, pk, unit))
        with pytest.raises(GuardedError, match="finishes this summer"):
            put_forward(**teacher(scene, pk, unit))
        assert not LaterUnit.objects.exists()


@pytest.mark.parametrize(
    ("finishes", "day", "late"),
    [
        (True, "2021-06-18", False),
        (True, "2021-06-19", True),
        (False, "2021-08-31", False),
        (False, "2021-09-01", True),
    ],
)
def test_flags_have_their_day(scene, calendar, finishes, day, late):
    """QTG-15: by 18 June for who finishes and 31 August for who goes on; afterwards accepted, marked late, and said so."""
    pk, unit = say(scene, finishes), units(scene)[0]
    calendar.today = dt.date.fromisoformat(day)
    page = scene.client(Role.TEACHER).get(scene.url(f"qtags/learners/{pk}/units/")).content.decode()
    assert ("18 June 2021" if finishes else "31 August 2021") in page and ("marked late" in page) is late
    with open_scope(scene.ao):
        assert flag_reduced(**teacher(scene, pk, unit)).is_late is late


def test_a_banked_unit_carries_no_flag(scene):
    """QTG-15: what was fully assessed is no reduced unit; of many learners the others still get theirs."""
    first, second, _third = scene.judgements()
    unit = units(scene)[0]
    with open_scope(scene.ao):
        grade = Grade.objects.filter(scale_id=scene.submission.qualification.unit_scale_id)[0]
        bank_unit(**teacher(scene, first.pk, unit), grade=grade, kind="interim", achieved_on=dt.date(2021, 1, 1))
        done = flag_many(actor=scene.people[Role.TEACHER], judgement_ids=[first.pk, second.pk], unit=unit)
        assert done.done == 1 and "fully assessed" in done.refused[first.pk]
        assert ReducedUnit.objects.count() == 1


def test_flags_on_the_pages(scene):
    """QTG-15: one learner or many; whoever only reads is refused; nothing typed is lost."""
    first = scene.judgements()[0]
    unit = units(scene)[0]
    client, path = scene.client(Role.TEACHER), scene.url(f"qtags/learners/{first.pk}/units/")
    missing = client.post(path, {"what": "entry", "unit": str(unit.pk)}).content.decode()
    assert "Give the day" in missing and "There is a problem" in missing
    outside = client.post(path, {"what": "entry", "unit": str(unit.pk), "entered_on": "2019-01-01"})
    assert outside.status_code == 409 and "outside the window" in outside.content.decode()
    assert client.post(path, {"what": "flag", "unit": str(unit.pk)}).status_code == 302
    many = scene.url(f"qtags/{scene.submission.pk}/flags/")
    assert unit.title in client.get(f"{many}?unit={unit.pk}").content.decode()
    learners = [row.pk for row in scene.judgements()]
    assert client.post(many, {"unit": unit.pk, "learner": learners}).status_code == 302
    with open_scope(scene.ao):
        assert ReducedUnit.objects.filter(unit=unit).count() == 3
    assert client.post(many, {"unit": unit.pk}).status_code == 302
    assert scene.client(Role.QUALITY_CONTACT).post(path, {"what": "flag", "unit": str(unit.pk)}).status_code == 403
    assert scene.client(Role.AO_ADMIN).get(path).status_code == 403
