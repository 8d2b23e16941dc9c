"""What the AO records about centres and qualifications reaches every comparison, whole and in parts alike (SNS-04 to SNS-06)."""

from __future__ import annotations

import contextlib
import datetime as dt
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from awarding.accounts.roles import Role
from awarding.accounts.standing import Process, Standing
from awarding.tenancy.scope import open_scope
from qtag.models import CentreChange, QualificationChange, SenseRow
from qtag.services.changes import (
    ChangeError,
    record_centre_change,
    record_qualification_change,
    set_comparison_terms,
    withdraw_change,
)
from qtag.services.sense_run import run_sense_check
from tests.factories import make_ao, make_standing
from tests.factories.history import GRADES, Past, make_past, set_past

NIGHT = Process("nightly sense check")
SHOWN = [field.attname for field in SenseRow._meta.fields if field.attname not in ("id", "ao_id")]
CENTRES = 6
DAYS = (dt.date(2018, 10, 1), dt.date(2019, 10, 1), dt.date(2020, 10, 1))

centres, qualifications, days = st.integers(0, CENTRES - 1), st.integers(0, 2), st.sampled_from(DAYS)
EDITS = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(["merger", "split"]), centres, centres, days, st.sampled_from([20, 50, 100]), st.booleans()),
        st.tuples(st.just("status"), centres, days),
        st.tuples(st.just("ended"), qualifications),
        st.tuples(st.just("renamed"), qualifications, qualifications, days),
        st.tuples(st.just("withdrawn"), st.booleans()),
        st.tuples(st.just("volume"), qualifications),
        st.tuples(st.just("suite"), qualifications, st.sampled_from(["Arts", "Trades"])),
        st.tuples(
            st.just("results"), centres, qualifications, st.sampled_from(["2018-summer", "2020-summer", "2021-summer"]),
            st.lists(st.integers(0, 50), min_size=4, max_size=4),
        ),
    ),
    min_size=2, max_size=7,
)  # fmt: skip


@pytest.fixture
def past(db: None) -> Past:
    ao = make_ao("aim")
    with open_scope(ao):
        return make_past(ao, centres=CENTRES, grades=(GRADES, GRADES, ("Fail", "Pass")))


def apply(past: Past, admin: Standing, edit: tuple[Any, ...]) -> None:
    """One thing that an AO records or loads, through the service that its page calls; what cannot be is refused there."""
    match edit:
        case ("merger" | "split" as kind, a, b, day, share, of_one):
            record_centre_change(
                actor=admin, kind=kind, from_centre=past.centres[a], to_centre=past.centres[b], effective_on=day, share=share,
                reason="It was so.", qualifications=past.qualifications[:1] if of_one else (),
            )  # fmt: skip
        case ("status", a, day):
            record_centre_change(
                actor=admin, kind="status", from_centre=past.centres[a], to_centre=None, effective_on=day, reason="Another type."
            )  # fmt: skip
        case ("ended", q):
            record_qualification_change(
                actor=admin, kind="discontinued", from_qualification=past.qualifications[q], to_qualification=None,
                effective_on=DAYS[1], reason="Ended.",
            )  # fmt: skip
        case ("renamed", q, other, day):
            record_qualification_change(
                actor=admin, kind="renamed", from_qualification=past.qualifications[q],
                to_qualification=past.qualifications[other], effective_on=day, reason="A new number.",
            )  # fmt: skip
        case ("withdrawn", of_centre):
            change = (CentreChange if of_centre else QualificationChange).objects.order_by("-pk").first()
            if change is not None:
                withdraw_change(actor=admin, change=change, reason="A mistake.")
        case ("volume", q):
            set_comparison_terms(actor=admin, qualification=past.qualifications[q], compared_by="volume")
        case ("suite", q, suite):
            set_comparison_terms(actor=admin, qualification=past.qualifications[q], compared_by="", suite=suite)
        case ("results", a, q, series, counts):
            codes = GRADES if q < 2 else ("Fail", "Pass")
            principle = "calculated" if series.startswith("2020") else "exam"
            given = dict(zip(codes, counts, strict=False))
            set_past(past.centres[a], past.qualifications[q], series, given, principle)


def rows(past: Past) -> dict[tuple[int, str], dict[str, Any]]:
    with open_scope(past.ao):
        return {(one["centre_id"], one["key"]): one for one in SenseRow.objects.values(*SHOWN)}


@settings(deadline=None, max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(edits=EDITS, by_centre=st.booleans())
def test_sns_04_what_is_recorded_gives_the_same_numbers_in_parts_and_over_everything(
    past: Past, edits: list[tuple[Any, ...]], by_centre: bool
) -> None:
    """SNS-04 to SNS-06: random mergers, splits, changes of status, ended and renamed qualifications, withdrawals, terms and
    results. Every row of an incremental run, or of runs of one centre after the other, is to the last bit that of all compared
    again; and what they say of a centre does not depend on the order."""
    run_sense_check(actor=NIGHT, ao=past.ao, whole=True)
    with open_scope(past.ao):
        admin = make_standing(past.ao, Role.AO_ADMIN)
        for edit in edits:
            with contextlib.suppress(ChangeError):
                apply(past, admin, edit)
    if by_centre:
        for centre in reversed(past.centres):
            run_sense_check(actor=NIGHT, ao=past.ao, centres=[centre.pk])
    else:
        run_sense_check(actor=NIGHT, ao=past.ao)
    parts = rows(past)
    run_sense_check(actor=NIGHT, ao=past.ao, again=True)
    assert rows(past) == parts


def past_size(past: Past, centre: int, qualification: int = 0) -> int:
    found = rows(past)[past.centres[centre].pk, f"q{past.qualifications[qualification].pk}"]
    return int(found["past_size"])


def test_sns_04_05_each_kind_of_change_moves_what_is_compared_and_its_withdrawal_moves_it_back(past: Past) -> None:
    """SNS-04, SNS-05: forty learners in each of two years. A split takes a quarter of one qualification, a change of status what
    was before its day, a new number the history along, an end the qualification out of the wider view."""
    run_sense_check(actor=NIGHT, ao=past.ao, whole=True)
    before = rows(past)
    whole = (past.centres[3].pk, "centre")
    with open_scope(past.ao):
        admin = make_standing(past.ao, Role.AO_ADMIN)
        apply(past, admin, ("split", 0, 1, DAYS[2], 25, True))
        apply(past, admin, ("status", 2, DAYS[0]))
        apply(past, admin, ("ended", 1))
    run_sense_check(actor=NIGHT, ao=past.ao)
    assert [past_size(past, place) for place in (0, 1, 2, 3)] == [60, 100, 40, 80]
    assert past_size(past, 0, 1) == 80, "the split was of the other qualification"
    assert before[whole]["past_size"] == 160 and rows(past)[whole]["past_size"] == 80
    with open_scope(past.ao):
        for change in (*CentreChange.objects.all(), *QualificationChange.objects.all()):
            withdraw_change(actor=admin, change=change, reason="A mistake.")
    run_sense_check(actor=NIGHT, ao=past.ao)
    assert rows(past) == before
    with open_scope(past.ao):
        apply(past, admin, ("renamed", 0, 1, DAYS[2]))
    run_sense_check(actor=NIGHT, ao=past.ao)
    assert past_size(past, 4, 1) == 160 and past_size(past, 4, 0) == 0
