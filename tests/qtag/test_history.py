"""Loading earlier results, recording changes and choices, the job and the commands of the sense check."""

from __future__ import annotations

import datetime as dt
import io
import json
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.core.management.base import CommandError

from awarding.accounts.roles import Role
from awarding.accounts.standing import PermissionMissingError, Process, Standing
from awarding.audit.models import AuditRecord
from awarding.jobs.models import Job
from awarding.jobs.services import perform_job
from awarding.tenancy.scope import open_scope
from qtag.models import CentreChange, PastGroupResults, PastResults, SenseRow, SenseRun
from qtag.sense_check.counts import SenseCheckError
from qtag.services.asking import ask_for_sense_check
from qtag.services.changes import (
    ChangeError,
    choose_series,
    record_centre_change,
    record_qualification_change,
    save_sense_settings,
    set_comparison_terms,
    withdraw_change,
)
from qtag.services.history import HistoryReport, load_history, read_history_file
from qtag.tasks import check_every_ao
from qtag.workbooks import GROUP_RESULTS, RESULTS, results_template
from tests.factories import make_ao, make_centre, make_qualification, make_standing
from tests.factories.history import Past, make_past

LOADER = Process("load_history")
HEAD = ["Centre number", "QAN", "Series", "Principle", "Grade", "Learners"]


@pytest.fixture
def past(db: None) -> Past:
    ao = make_ao("aim")
    with open_scope(ao):
        return make_past(ao, centres=3, series=("2018-summer", "2019-summer"))


@pytest.fixture
def admin(past: Past) -> Standing:
    with open_scope(past.ao):
        return make_standing(past.ao, Role.AO_ADMIN)


def csv(*rows: list[Any], head: list[str] = HEAD) -> bytes:
    return "\n".join(",".join(map(str, row)) for row in (head, *rows)).encode()


def load(past: Past, data: bytes, **how: Any) -> HistoryReport:
    table = read_history_file(data, groups=how.get("groups", False))
    with open_scope(past.ao):
        return load_history(actor=LOADER, table=table, **how)


def counts(report: HistoryReport) -> tuple[int, ...]:
    return tuple(report.counts.values())


def line(past: Past, count: int = 7, **other: str) -> list[Any]:
    values = {"series": "2017-summer", "principle": "", "grade": "M"} | other
    return [
        past.centres[0].number, past.qualifications[0].display_qan, values["series"], values["principle"], values["grade"],
        count,
    ]  # fmt: skip


def test_loading_twice_changes_nothing_and_another_number_replaces(past: Past) -> None:
    data = csv(line(past), line(past, 0, grade="D"), line(past, 3, series="Summer 2020", principle="calculated"))
    assert counts(load(past, data)) == (3, 3, 0, 0, 0)
    assert counts(load(past, data)) == (3, 0, 0, 3, 0)
    assert counts(load(past, csv(line(past, 8), line(past, 0, grade="D")))) == (2, 0, 1, 1, 0)
    with open_scope(past.ao):
        stored = PastResults.objects.filter(series__in=["2017-summer", "2020-summer"]).order_by("series", "grade")
        assert [(one.series, one.principle, one.grade, one.count) for one in stored] == [
            ("2017-summer", "exam", "D", 0), ("2017-summer", "exam", "M", 8), ("2020-summer", "calculated", "M", 3),
        ]  # fmt: skip
        assert AuditRecord.objects.filter(event="history.loaded").count() == 2


def test_a_dry_run_stores_nothing(past: Past) -> None:
    assert counts(load(past, csv(line(past)), dry_run=True)) == (1, 1, 0, 0, 0)
    with open_scope(past.ao):
        assert not PastResults.objects.filter(series="2017-summer").exists()


@pytest.mark.parametrize(
    ("place", "value", "cell", "code"),
    [
        (0, "nowhere", "A2", "unknown_centre"),
        (1, "500/9999/X", "B2", "unknown_qualification"),
        (2, "last year", "C2", "not_a_series"),
        (3, "guessed", "D2", "not_a_choice"),
        (4, "Z9", "E2", "unknown_grade"),
        (5, -1, "F2", "out_of_range"),
    ],
)
def test_each_fault_names_its_cell_and_the_good_rows_load(
    past: Past, place: int, value: Any, cell: str, code: str
) -> None:
    wrong = line(past)
    wrong[place] = value
    report = load(past, csv(wrong, line(past, grade="P")))
    errors = [(fault.cell, fault.code) for fault in report.faults if fault.severity == "error"]
    assert errors == [(cell, code)]
    assert counts(report) == (2, 1, 0, 0, 1)


def test_a_row_that_is_there_twice_is_refused_with_the_other_s_number(past: Past) -> None:
    report = load(past, csv(line(past, 5), line(past, 6)))
    assert [(fault.cell, fault.code) for fault in report.faults] == [("F3", "row_twice")]
    assert "Row 2" in report.faults[0].message
    assert counts(report) == (2, 1, 0, 0, 1)


def test_sns_08_results_by_group_are_loaded_beside(past: Past) -> None:
    head = [*HEAD[:4], "Characteristic", "Group", *HEAD[4:]]
    one = line(past)
    data = csv([*one[:4], "Disability", "Yes", *one[4:]], [*one[:4], "Disability", "No", *one[4:]], head=head)
    assert counts(load(past, data, groups=True)) == (2, 2, 0, 0, 0)
    assert counts(load(past, data, groups=True)) == (2, 0, 0, 2, 0)
    with open_scope(past.ao):
        assert set(PastGroupResults.objects.values_list("value", flat=True)) == {"Yes", "No"}
        before = PastResults.objects.count()
    # Taken for results of all learners they would falsify the baseline: the file is refused and says what to tick.
    report = load(past, csv([*one[:4], "Disability", "Yes", *one[4:]], head=head))
    assert counts(report)[1] == 0 and "results_of_groups" in {fault.code for fault in report.faults}
    with open_scope(past.ao):
        assert PastResults.objects.count() == before


@pytest.mark.parametrize("groups", [False, True])
def test_the_template_is_read_back(groups: bool) -> None:
    table = read_history_file(results_template(groups=groups), groups=groups)
    assert set(table.found) == {column.key for column in (GROUP_RESULTS if groups else RESULTS)}


def test_only_the_ao_loads_and_records(past: Past, admin: Standing) -> None:
    with open_scope(past.ao):
        contact = make_standing(past.ao, Role.QUALITY_CONTACT, past.centres[0])
        with pytest.raises(PermissionMissingError):
            load_history(actor=contact, table=read_history_file(csv(line(past))))
        with pytest.raises(PermissionMissingError):
            choose_series(actor=contact, series="2018-summer", role="left_out")
        with pytest.raises(PermissionMissingError):
            ask_for_sense_check(actor=contact)
        with pytest.raises(PermissionMissingError):
            ask_for_sense_check(actor=contact, whole=True, centres=[past.centres[0].pk])
        with pytest.raises(PermissionMissingError):
            ask_for_sense_check(actor=contact, centres=[past.centres[0].pk, past.centres[1].pk])
        # A centre may have itself compared now.
        job = ask_for_sense_check(actor=contact, centres=[past.centres[0].pk])
        assert job.parameters == {"whole": False, "centres": [past.centres[0].pk]}


def change(past: Past, admin: Standing, **given: Any) -> CentreChange:
    values: dict[str, Any] = {
        "kind": "merger", "from_centre": past.centres[0], "to_centre": past.centres[1],
        "effective_on": dt.date(2020, 9, 1), "reason": "They merged",
    } | given  # fmt: skip
    with open_scope(past.ao):
        return record_centre_change(actor=admin, **values)


def test_sns_04_changes_of_centres_are_recorded_and_withdrawn(past: Past, admin: Standing) -> None:
    recorded = change(past, admin, share=60)
    change(past, admin, kind="split", to_centre=past.centres[2], share=40)
    with open_scope(past.ao):
        withdraw_change(actor=admin, change=recorded, reason="The wrong centre")
        withdraw_change(actor=admin, change=recorded, reason="Once more")
        recorded.refresh_from_db()
        assert recorded.withdrawn_reason == "The wrong centre"
        events = AuditRecord.objects.filter(event__startswith="centre_change").values_list("event", flat=True)
        assert sorted(events) == ["centre_change.recorded", "centre_change.recorded", "centre_change.withdrawn"]


def test_sns_04_changes_that_cannot_be_are_refused(past: Past, admin: Standing) -> None:
    """SNS-04, refused: changes of centres that contradict one another."""
    change(past, admin, share=60)
    other = past.centres[2]
    for wrong in (
        {"to_centre": other, "share": 41}, {"to_centre": None}, {"to_centre": past.centres[0]}, {"reason": " "},
        {"kind": "status"}, {"share": 0, "to_centre": other},
        {"from_centre": past.centres[1], "to_centre": past.centres[0]},
    ):  # fmt: skip
        with pytest.raises(ChangeError):
            change(past, admin, **wrong)
    change(past, admin, to_centre=other, share=40)


def test_sns_05_qualification_changes_are_recorded_once(past: Past, admin: Standing) -> None:
    """SNS-05: an end is recorded with its day; a second one, or one that leads elsewhere, is refused."""
    first, second = past.qualifications[:2]
    day = dt.date(2020, 9, 1)
    with open_scope(past.ao):
        ended = record_qualification_change(
            actor=admin,
            kind="discontinued",
            from_qualification=first,
            to_qualification=None,
            effective_on=day,
            reason="Ended",
        )
        for kind, to in (("discontinued", None), ("renamed", None), ("renamed", first), ("discontinued", second)):
            with pytest.raises(ChangeError):
                record_qualification_change(
                    actor=admin,
                    kind=kind,
                    from_qualification=first,
                    to_qualification=to,
                    effective_on=day,
                    reason="Why",
                )
        withdraw_change(actor=admin, change=ended, reason="It goes on")
        record_qualification_change(
            actor=admin,
            kind="renamed",
            from_qualification=first,
            to_qualification=second,
            effective_on=day,
            reason="New",
        )


def test_sns_03_one_series_is_this_year_s(past: Past, admin: Standing) -> None:
    """SNS-03: which series count is the AO’s to say."""
    with open_scope(past.ao):
        choose_series(actor=admin, series="2021-summer", role="this_year", weeks=30)
        for series, role, weeks in (
            ("2022-summer", "this_year", 52), ("last year", "counts", 52), ("2019-summer", "nonsense", 52),
            ("2019-summer", "counts", 0),
        ):  # fmt: skip
            with pytest.raises(ChangeError):
                choose_series(actor=admin, series=series, role=role, weeks=weeks)
        choose_series(actor=admin, series="2021-summer", role="left_out")
        choose_series(actor=admin, series="2022-summer", role="this_year")


def test_settings_are_saved_and_contradictions_are_not(past: Past, admin: Standing) -> None:
    with open_scope(past.ao):
        save_sense_settings(actor=admin, promised_false_discovery=0.1)
        saved = save_sense_settings(actor=admin, smallest_difference=0.25)
        assert (saved.promised_false_discovery, saved.smallest_difference) == (0.1, 0.25)
        with pytest.raises(SenseCheckError):
            save_sense_settings(actor=admin, too_few=20.0)
        with pytest.raises(ValidationError):
            save_sense_settings(actor=admin, fewest_learners=1)
        data = AuditRecord.objects.filter(event="sense_settings.saved").order_by("-id")[0].data
        assert data == {"smallest_difference": [0.0, 0.25]}


def test_sns_06_terms_of_comparison(past: Past, admin: Standing) -> None:
    """SNS-06: by grades or by volume, and nothing else."""
    with open_scope(past.ao):
        set_comparison_terms(
            actor=admin, qualification=past.qualifications[0], compared_by="volume", suite="  Nationals "
        )
        terms = set_comparison_terms(actor=admin, qualification=past.qualifications[0], compared_by="grades")
        assert (terms.compared_by, terms.suite) == ("grades", "")
        with pytest.raises(ChangeError):
            set_comparison_terms(actor=admin, qualification=past.qualifications[0], compared_by="feeling")


def test_the_job_runs_it_and_asking_twice_is_one_job(past: Past, admin: Standing) -> None:
    with open_scope(past.ao):
        choose_series(actor=admin, series="2019-summer", role="this_year")
        job = ask_for_sense_check(actor=admin, whole=True)
        assert ask_for_sense_check(actor=admin, whole=True).pk == job.pk
    perform_job(past.ao, job.pk)
    with open_scope(past.ao):
        job.refresh_from_db()
        assert (job.state, job.done, job.total) == ("succeeded", 3, 3)
        assert job.result["groups"] == SenseRow.objects.count() == 15
        assert SenseRun.objects.get().job_id == job.pk


def test_a_job_killed_half_way_leaves_the_rows_of_before(past: Past, admin: Standing, monkeypatch: Any) -> None:
    with open_scope(past.ao):
        choose_series(actor=admin, series="2019-summer", role="this_year")
        first = ask_for_sense_check(actor=admin)
    perform_job(past.ao, first.pk)
    with open_scope(past.ao):
        before = list(SenseRow.objects.order_by("pk").values())
        PastResults.objects.filter(series="2018-summer").update(count=3)
        second = ask_for_sense_check(actor=admin)

    def die(*args: Any, **kwargs: Any) -> None:
        raise RuntimeError("killed")

    with monkeypatch.context() as patched:
        # After the rows were written, before the transaction ends.
        patched.setattr("qtag.services.sense_run.record", die)
        perform_job(past.ao, second.pk)
    with open_scope(past.ao):
        assert Job.objects.get(pk=second.pk).state == "failed"
        assert list(SenseRow.objects.order_by("pk").values()) == before
        assert SenseRun.objects.count() == 1
        third = ask_for_sense_check(actor=admin)
    perform_job(past.ao, third.pk)
    with open_scope(past.ao):
        assert list(SenseRow.objects.order_by("pk").values()) != before


def test_every_night_each_ao_with_a_history_is_asked_for(past: Past) -> None:
    other = make_ao("ncfe")
    with open_scope(other):
        make_centre()
        make_qualification()
    check_every_ao()
    with open_scope(past.ao):
        assert Job.objects.filter(kind="sense_check", parameters__whole=True).count() == 1
    with open_scope(other):
        assert not Job.objects.exists()


def test_the_command_ends_with_one_line_of_json(past: Past, admin: Standing) -> None:
    with open_scope(past.ao):
        choose_series(actor=admin, series="2019-summer", role="this_year")
    for _time in range(2):
        out = io.StringIO()
        call_command("sense_check", "--ao", past.ao.slug, "--json", stdout=out)
        said = json.loads(out.getvalue().splitlines()[-1])
        assert set(said) == {"groups", "compared", "flagged", "too_few", "seconds"}
        assert said["groups"] == 15
    out = io.StringIO()
    call_command("sense_check", "--all", "--json", stdout=out)
    assert json.loads(out.getvalue().splitlines()[-1])["groups"] == 15
    with pytest.raises(CommandError):
        call_command("sense_check")
    with pytest.raises(CommandError):
        call_command("sense_check", "--ao", "nobody")


def test_history_is_loaded_from_the_command_line(past: Past, tmp_path: Any) -> None:
    file = tmp_path / "history.csv"
    file.write_bytes(csv(line(past)))
    out = io.StringIO()
    call_command("load_history", str(file), "--ao", past.ao.slug, "--json", stdout=out)
    said = json.loads(out.getvalue().splitlines()[-1])
    assert said == {"read": 1, "loaded": 1, "updated": 0, "unchanged": 0, "refused": 0, "faults": []}
