"""The run of the sense check: what it reads, what it writes and nothing else, whole and in parts (SNS-02 to -07, -10)."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from awarding.accounts.roles import Role
from awarding.accounts.standing import PermissionMissingError, Process
from awarding.catalogue.models import Grade
from awarding.tenancy.scope import open_scope
from qtag.models import (
    CentreChange,
    ComparedCentre,
    ComparisonTerms,
    PastResults,
    QualificationChange,
    SenseRow,
    SenseRun,
    SenseSettings,
    SeriesChoice,
)
from qtag.queries.sense_rows import words_of
from qtag.services.sense_run import run_sense_check
from tests.factories import make_ao, make_centre, make_standing
from tests.factories.history import Past, make_past, set_past

NIGHT = Process("nightly sense check")
SHOWN = [field.attname for field in SenseRow._meta.fields if field.attname not in ("id", "ao_id")]


@pytest.fixture
def past(db: None) -> Past:
    ao = make_ao("aim")
    with open_scope(ao):
        return make_past(ao)


def run(past: Past, **how: Any) -> SenseRun:
    return run_sense_check(actor=NIGHT, ao=past.ao, **how)


def rows(past: Past) -> dict[tuple[int, str], dict[str, Any]]:
    """Every row with all that it says, by group."""
    with open_scope(past.ao):
        return {(one["centre_id"], one["key"]): one for one in SenseRow.objects.values(*SHOWN)}


def compared(past: Past) -> dict[int, int]:
    """By centre, the run under which its rows hold."""
    with open_scope(past.ao):
        return dict(ComparedCentre.objects.values_list("centre_id", "run_id"))


def row(past: Past, centre: int = 0, qualification: int = 0) -> SenseRow:
    with open_scope(past.ao):
        return SenseRow.objects.get(
            centre=past.centres[centre], qualification=past.qualifications[qualification], level="qualification"
        )


def inflate(past: Past, centre: int = 0, qualification: int = 0) -> None:
    """All of a centre's learners of one qualification get the top grade this year."""
    with open_scope(past.ao):
        set_past(past.centres[centre], past.qualifications[qualification], "2018-summer", {"P": 60, "M": 20})
        set_past(past.centres[centre], past.qualifications[qualification], "2019-summer", {"P": 62, "M": 18})
        set_past(past.centres[centre], past.qualifications[qualification], "2021-summer", {"D": 80})


def test_sns_02_a_whole_run_gives_a_row_for_each_level(past: Past) -> None:
    """SNS-02: qualification, suite and the whole centre."""
    done = run(past)
    assert (done.kind, done.centres) == ("whole", 12)
    found = rows(past)
    by_level = [one["level"] for one in found.values()]
    assert {level: by_level.count(level) for level in set(by_level)} == {"qualification": 36, "suite": 12, "centre": 12}
    assert done.counts["groups"] == len(found) == 60
    assert done.counts["compared"] + done.counts["too_few"] == 60
    one = row(past)
    assert one.size == 40
    assert one.past_size == 80
    assert one.figures["grades"] == ["U", "P", "M", "D"]
    assert sum(one.figures["now"]) == 40


@pytest.mark.parametrize("most", [1, 7, 36])
def test_rows_are_the_same_in_pieces_of_any_size(past: Past, most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    inflate(past)
    whole, found = run(past), rows(past)
    monkeypatch.setattr("qtag.rules.sense_rows._MOST_ROWS", most)
    again, unchanged = run(past, whole=True), rows(past)
    with open_scope(past.ao):
        assert again.counts["changed"] == 0, "rows that say the same stay as they are"
        SenseRow.objects.all().delete()
    anew = run(past, whole=True)
    assert anew.counts["changed"] == len(found)
    assert unchanged == rows(past) == found
    counts = [one.counts | {"seconds": 0, "changed": 0} for one in (whole, again, anew)]
    assert counts[0] == counts[1] == counts[2]


def test_a_group_far_from_its_past_is_flagged_and_others_are_not(past: Past) -> None:
    inflate(past)
    run(past)
    one = row(past)
    assert one.is_flagged
    assert one.effect > 1
    assert one.q <= 0.05
    with open_scope(past.ao):
        assert SenseRow.objects.filter(verdict="flagged", level="qualification").count() == 1
        assert SenseRow.objects.filter(level="qualification").order_by("q", "p").first() == one


def test_sns_03_another_principle_counts_only_where_nothing_else_is(past: Past) -> None:
    """SNS-03: 2020 stands in only where there is no examined series."""
    with open_scope(past.ao):
        new = PastResults.objects.filter(centre=past.centres[1], series__in=["2018-summer", "2019-summer"])
        new.delete()
    run(past)
    assert (row(past, 0).on_stand_in, row(past, 0).past_size) == (False, 80)
    assert (row(past, 1).on_stand_in, row(past, 1).past_size) == (True, 40)
    assert [one["stands_in"] for one in row(past, 0).figures["past"]] == [False, False, True]


def test_sns_03_volumes_too_stand_beside_another_principle_only_where_nothing_else_is(past: Past) -> None:
    """SNS-03, SNS-06: for a qualification on pass and fail as for one with grades."""
    with open_scope(past.ao):
        new = PastResults.objects.filter(centre=past.centres[1], series__in=["2018-summer", "2019-summer"])
        new.delete()
    run(past)
    usual, alone = row(past, 0, 2), row(past, 1, 2)
    assert (usual.by_volume, usual.years, usual.on_stand_in) == (True, 2, False)
    assert (alone.by_volume, alone.years, alone.on_stand_in) == (True, 1, True)
    with open_scope(past.ao):
        said = [any("rest on another principle" in words for words in words_of(one)) for one in (usual, alone)]
    assert said == [False, True]


def test_sns_03_grades_on_a_principle_that_nobody_had_loaded_are_not_taken_for_this_year_s(past: Past) -> None:
    """SNS-03: calculated grades of a series that had only examined ones wait for the next whole run, which leaves them out."""
    run(past)
    before = rows(past)
    with open_scope(past.ao):
        PastResults.objects.create(
            centre=past.centres[0], qualification=past.qualifications[0], series="2018-summer", principle="calculated",
            grade="D", count=25,
        )  # fmt: skip
    run(past, again=True)
    assert rows(past) == before
    run(past, whole=True)
    assert (row(past).size, row(past).past_size, row(past).on_stand_in) == (40, 80, False)


def test_sns_04_a_new_centre_has_no_baseline_and_a_merged_one_has_both(past: Past) -> None:
    """SNS-04: a new centre has no baseline, a merged one the history of both."""
    with open_scope(past.ao):
        admin = make_standing(past.ao, Role.AO_ADMIN).person
        PastResults.objects.filter(centre=past.centres[1]).exclude(series="2021-summer").delete()
        CentreChange.objects.create(
            kind="merger", from_centre=past.centres[2], to_centre=past.centres[3], effective_on="2020-10-01",
            reason="Merged", recorded_by=admin,
        )  # fmt: skip
    run(past)
    assert row(past, 1).verdict == "no_baseline"
    assert row(past, 1).effect is None
    assert row(past, 2).verdict == "no_baseline"
    assert row(past, 3).past_size == 160


def test_sns_05_a_discontinued_qualification_stays_out_of_the_wider_rows(past: Past) -> None:
    with open_scope(past.ao):
        admin = make_standing(past.ao, Role.AO_ADMIN).person
        QualificationChange.objects.create(
            kind="discontinued",
            from_qualification=past.qualifications[1],
            effective_on="2020-10-01",
            reason="Ended",
            recorded_by=admin,
        )
    run(past)
    with open_scope(past.ao):
        wide = SenseRow.objects.get(centre=past.centres[0], level="centre")
    assert wide.figures == {"members": [past.qualifications[0].pk], "left_out": [past.qualifications[1].pk]}
    assert row(past, 0, 1).is_compared


def test_sns_06_pass_and_fail_is_compared_by_volume(past: Past) -> None:
    """SNS-06: pass and fail only by volume, and a graded one not."""
    run(past)
    one = row(past, 0, 2)
    assert one.by_volume
    assert one.figures["weeks"] == 52
    assert set(one.figures["past"][0]) == {"series", "stands_in", "count", "weeks"}
    assert not row(past, 0, 0).by_volume


def test_sns_06_the_ao_says_that_a_qualification_is_roll_on_roll_off(past: Past) -> None:
    """SNS-06: what the AO says is roll-on/roll-off is compared by volume over equal periods."""
    with open_scope(past.ao):
        ComparisonTerms.objects.create(qualification=past.qualifications[0], compared_by="volume")
        SeriesChoice.objects.create(series="2019-summer", role="counts", weeks=26)
    run(past)
    one = row(past)
    assert one.by_volume
    assert [entry["weeks"] for entry in one.figures["past"]] == [52, 26, 52]


@pytest.mark.parametrize("code", ['D"', "D\\", "D\\n", "D%s", "Dé", "{D}"])
def test_grades_of_any_name_come_back_as_they_are(past: Past, code: str) -> None:
    with open_scope(past.ao):
        Grade.objects.filter(code="D").update(code=code)
        PastResults.objects.filter(grade="D").update(grade=code)
    run(past)
    assert row(past).figures["grades"] == ["U", "P", "M", code]
    assert sum(row(past).figures["now"]) == row(past).size == 40
    assert run(past, whole=True).counts["changed"] == 0


def test_sns_07_too_few_says_on_which_side(past: Past) -> None:
    """SNS-07: too few now, or too few before."""
    with open_scope(past.ao):
        set_past(past.centres[0], past.qualifications[0], "2021-summer", {"M": 4})
        set_past(past.centres[1], past.qualifications[0], "2018-summer", {"M": 2})
        set_past(past.centres[1], past.qualifications[0], "2019-summer", {"M": 2})
    run(past)
    assert (row(past, 0).verdict, row(past, 0).too_few_reason) == ("too_few", "now")
    assert (row(past, 1).verdict, row(past, 1).too_few_reason) == ("too_few", "past")


def test_running_again_changes_nothing_and_keeps_ids(past: Past) -> None:
    run(past)
    before, ids = rows(past), row(past).pk
    again = run(past)
    assert (again.kind, again.centres, again.counts["groups"]) == ("incremental", 0, 0)
    whole = run(past, whole=True)
    assert whole.kind == "whole"
    assert rows(past) == before
    assert row(past).pk == ids
    assert whole.counts["changed"] == 0
    assert set(compared(past).values()) == {whole.pk}, "looked at, and found as before"


def test_an_incremental_run_computes_the_changed_centre_alone(past: Past) -> None:
    before = run(past)
    inflate(past, 4)
    found = rows(past)
    done = run(past)
    assert (done.kind, done.centres, done.counts["groups"]) == ("incremental", 1, 5)
    assert done.basis is not None
    assert row(past, 4).is_flagged
    changed = {key for key, one in rows(past).items() if one != found[key]}
    assert {centre for centre, _key in changed} == {past.centres[4].pk} and len(changed) == done.counts["changed"]
    assert compared(past) == {one.pk: (done if one == past.centres[4] else before).pk for one in past.centres}


def test_a_centre_without_results_this_year_loses_its_rows(past: Past) -> None:
    run(past)
    with open_scope(past.ao):
        PastResults.objects.filter(centre=past.centres[5], series="2021-summer").delete()
    gone = run(past, centres=[past.centres[5].pk])
    assert gone.counts["changed"] == 5
    assert set(compared(past)) == {one.pk for one in past.centres} - {past.centres[5].pk}
    assert not [key for key in rows(past) if key[0] == past.centres[5].pk]
    assert len(rows(past)) == 55


EDITS = st.lists(
    st.tuples(
        st.integers(0, 11), st.integers(0, 2), st.sampled_from(["2018-summer", "2019-summer", "2021-summer"]),
        st.lists(st.integers(0, 60), min_size=4, max_size=4),
    ),
    min_size=1, max_size=6,
)  # fmt: skip


@settings(deadline=None, max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(edits=EDITS, by_centre=st.booleans())
def test_edits_run_in_parts_give_the_numbers_of_a_run_over_everything(
    past: Past, edits: list[Any], by_centre: bool
) -> None:
    """Random edits, then an incremental run: every row equals, to the last bit, that of all rows compared again."""
    run(past)
    with open_scope(past.ao):
        for centre, qualification, series, counts in edits:
            codes = ("U", "P", "M", "D") if qualification < 2 else ("Fail", "Pass")
            set_past(
                past.centres[centre], past.qualifications[qualification], series, dict(zip(codes, counts, strict=False))
            )
    touched = sorted({past.centres[edit[0]].pk for edit in edits})
    run(past, centres=touched if by_centre else None)
    parts = rows(past)
    run(past, again=True)
    assert rows(past) == parts


def test_other_settings_or_series_make_it_a_whole_run(past: Past) -> None:
    run(past)
    with open_scope(past.ao):
        SenseSettings.objects.create(difference_sought=1.0)
    assert run(past).kind == "whole"
    assert run(past).kind == "incremental"
    with open_scope(past.ao):
        SeriesChoice.objects.create(series="2018-summer", role="left_out")
    assert run(past).kind == "whole"
    assert row(past).past_size == 40


def test_another_ao_s_rows_are_not_touched(past: Past) -> None:
    other = make_ao("ncfe")
    with open_scope(other):
        theirs = make_past(other, centres=3, seed=2)
    run(theirs)
    before = rows(theirs)
    run(past)
    run(past, whole=True)
    assert rows(theirs) == before
    assert len(before) == 15


def test_an_ao_without_anything_has_an_empty_run(db: None) -> None:
    ao = make_ao("aim")
    with open_scope(ao):
        make_centre()
    done = run_sense_check(actor=NIGHT, ao=ao)
    assert done.counts | {"seconds": 0} == dict.fromkeys(
        ("groups", "compared", "flagged", "too_few", "changed", "seconds"), 0
    )


def test_only_the_ao_runs_it(past: Past) -> None:
    with open_scope(past.ao):
        contact = make_standing(past.ao, Role.QUALITY_CONTACT, past.centres[0])
    with pytest.raises(PermissionMissingError):
        run_sense_check(actor=contact, ao=past.ao)


def written() -> dict[str, int]:
    """Rows written to each table in the open transaction, as the database counts them itself."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname, n_tup_ins + n_tup_upd + n_tup_del FROM pg_stat_xact_user_tables"
            " WHERE n_tup_ins + n_tup_upd + n_tup_del > 0"
        )
        return dict(cursor.fetchall())


def test_sns_10_a_run_writes_its_own_tables_and_nothing_else(past: Past) -> None:
    before = written()
    run(past)
    inflate(past)
    middle = written()
    run(past)
    changed = {name for name, count in written().items() if count != before.get(name, 0)}
    # What the test itself changed between the runs is not the run's.
    changed -= {name for name in changed if name == "qtag_pastresults" and written()[name] == middle[name]}
    mine = {"qtag_senserun", "qtag_senserow", "qtag_comparedcentre"}
    assert mine <= changed <= mine | {"audit_auditrecord", "incoming_sense_rows"}
