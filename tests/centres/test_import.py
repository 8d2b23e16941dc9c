"""The import of registrations: what is stored, what is refused and why."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest

from awarding.accounts.roles import Role
from awarding.accounts.standing import PermissionMissingError, Standing
from awarding.audit.models import AuditRecord
from awarding.catalogue.models import Qualification
from awarding.tenancy.models import AwardingOrganisation
from awarding.tenancy.scope import open_scope
from centres.models import Centre, Cohort, Learner, Registration
from centres.services.registrations import (
    CentreClosedError,
    ImportReport,
    import_registrations,
    read_registrations,
)
from tests.factories import make_ao, make_centre, make_qualification, make_standing
from tests.factories.awards import make_uln
from tests.factories.registration_files import make_csv, make_row, make_workbook

pytestmark = pytest.mark.django_db


class World:
    """One AO with a centre and its quality contact, its scope open."""

    def __init__(self, ao: AwardingOrganisation) -> None:
        self.ao = ao
        self.centre: Centre = make_centre()
        self.actor: Standing = make_standing(ao, Role.QUALITY_CONTACT, self.centre)
        self.qualification: Qualification = make_qualification()
        self.qan: str = self.qualification.qan

    def load(self, *rows: dict[str, Any], dry_run: bool = False, content: bytes | None = None) -> ImportReport:
        table = read_registrations(content or make_workbook(list(rows)))
        return import_registrations(actor=self.actor, centre=self.centre, table=table, dry_run=dry_run)

    def row(self, n: int, **changes: Any) -> dict[str, Any]:
        return make_row(n, changes.pop("qan", self.qan), **changes)


@pytest.fixture
def world() -> Iterator[World]:
    ao = make_ao()
    with open_scope(ao):
        yield World(ao)


def codes(report: ImportReport) -> list[str]:
    return [fault.code for fault in report.faults]


def the_fault(report: ImportReport, code: str) -> Any:
    return next(fault for fault in report.faults if fault.code == code)


def test_learners_registrations_and_cohorts_are_stored(world: World) -> None:
    report = world.load(*[world.row(n) for n in range(3)])
    assert (report.read, report.loaded, report.refused, report.faults) == (3, 3, 0, [])
    learner = Learner.objects.get(uln=make_uln(1))
    assert (learner.full_name, learner.name_key, learner.centre) == ("Givenb Familya", "familya givenb", world.centre)
    registration = Registration.objects.get(learner=learner)
    assert registration.ends_on == dt.date(2020, 6, 30) and registration.status == "active"
    assert registration.qualification == world.qualification and registration.cohort.name == "2019-20"
    assert Cohort.objects.count() == 1
    assert AuditRecord.objects.get(event="registrations.loaded").data["loaded"] == 3


def test_the_same_file_twice_adds_nothing(world: World) -> None:
    content = make_workbook([world.row(n) for n in range(3)])
    world.load(content=content)
    before = AuditRecord.objects.count()
    again = world.load(content=content)
    assert (again.loaded, again.unchanged, again.refused) == (0, 3, 0)
    assert Learner.objects.count() == Registration.objects.count() == 3
    assert AuditRecord.objects.count() == before


def test_a_dry_run_counts_the_same_and_stores_nothing(world: World) -> None:
    rows = [world.row(0), world.row(1, qan="60171591")]
    preview = world.load(*rows, dry_run=True)
    assert Learner.objects.count() == Registration.objects.count() == Cohort.objects.count() == 0
    loaded = world.load(*rows)
    assert preview.counts == loaded.counts == loaded.counts | {"read": 2, "loaded": 1, "refused": 1}


def test_good_rows_are_loaded_beside_bad_ones(world: World) -> None:
    report = world.load(world.row(0), world.row(1, uln="1234567890"), world.row(2))
    assert (report.loaded, report.refused) == (2, 1)
    fault = the_fault(report, "uln_check")
    assert (fault.sheet, fault.cell, fault.value, fault.row) == ("Learners", "A3", "1234567890", 3)
    assert fault.fix


def test_one_learner_with_two_qualifications_is_one_learner(world: World) -> None:
    other = make_qualification()
    report = world.load(world.row(0), world.row(0, qan=other.qan))
    assert report.loaded == 2 and Learner.objects.count() == 1 and Registration.objects.count() == 2


def test_changed_dates_and_cohort_update_the_registration_and_say_so(world: World) -> None:
    world.load(world.row(0), world.row(1))
    report = world.load(world.row(0, ends_on=dt.date(2020, 7, 31)), world.row(1, cohort="Evening"))
    assert (report.loaded, report.updated, report.unchanged) == (0, 2, 0)
    registration = Registration.objects.get(learner__uln=make_uln(0))
    assert registration.ends_on == dt.date(2020, 7, 31) and registration.cohort.name == "2019-20"
    assert Registration.objects.get(learner__uln=make_uln(1)).cohort.name == "Evening"
    change = AuditRecord.objects.get(event="registration.changed").data["changes"][0]
    assert change["fields"] == {"ends_on": ["2020-06-30", "2020-07-31"]}


def test_cohorts_differing_in_case_only_are_one(world: World) -> None:
    world.load(world.row(0, cohort="Evening"), world.row(1, cohort="EVENING"))
    assert Cohort.objects.count() == 1


def test_a_changed_spelling_of_the_same_name_is_taken_over(world: World) -> None:
    world.load(world.row(0, given_names="Zoe", family_name="OConnor"))
    report = world.load(world.row(0, given_names="Zoë", family_name="O’Connor"))
    assert report.updated == 1
    learner = Learner.objects.get()
    assert (learner.full_name, learner.name_key) == ("Zoë O’Connor", "o’connor zoe")


@pytest.mark.parametrize(
    ("changes", "code", "cell"),
    [
        ({"family_name": "Somebodyelse"}, "uln_other_learner", "C2"),
        ({"date_of_birth": dt.date(1999, 1, 1)}, "uln_other_learner", "D2"),
    ],
)
def test_a_uln_of_the_centre_under_another_name_or_birth_date_is_refused_saying_which(
    world: World, changes: dict[str, Any], code: str, cell: str
) -> None:
    world.load(world.row(0))
    report = world.load(world.row(0, **changes))
    assert report.refused == 1 and the_fault(report, code).cell == cell
    assert Learner.objects.get().family_name == "Familya"


def test_a_uln_of_another_centres_learner(world: World) -> None:
    """The same person: loaded with a warning. Somebody else: refused, and neither centre nor person is named."""
    world.load(world.row(0), world.row(1))
    theirs, mine = world.centre, make_centre("Southgate School")
    world.centre, world.actor = mine, make_standing(world.ao, Role.QUALITY_CONTACT, mine)
    report = world.load(world.row(0), world.row(1, given_names="Other", family_name="Person"))
    assert (report.loaded, report.refused) == (1, 1)
    assert the_fault(report, "uln_at_another_centre").severity == "warning"
    refused = the_fault(report, "uln_of_another_person")
    said = f"{refused.message} {refused.fix}"
    assert theirs.name not in said and theirs.number not in said and "Givenb" not in said and "Familya" not in said


def test_a_uln_at_another_ao_is_not_even_noticed(world: World) -> None:
    other = make_ao("ocn")
    with open_scope(other):
        elsewhere = World(other)
        elsewhere.load(elsewhere.row(0))
    report = world.load(world.row(0, given_names="Other"))
    assert report.loaded == 1 and codes(report) == []


def test_qualifications_of_others_and_of_nobody(world: World) -> None:
    other = make_ao("ocn")
    with open_scope(other):
        theirs = make_qualification()
    report = world.load(world.row(0, qan=theirs.qan), world.row(1, qan="601/7159/5"), world.row(2, qan="601/7159/1"))
    assert codes(report) == ["qan_of_another_ao", "qan_unknown", "qan_unknown"]
    first, second, third = report.faults
    assert other.name in first.message
    assert "last character" not in second.fix and "last character" in third.fix


def test_duplicates_in_the_file(world: World) -> None:
    twin = world.row(0)
    report = world.load(
        twin, twin, world.row(1), world.row(1, cohort="Other"), world.row(2), world.row(2, given_names="Xi")
    )
    assert report.loaded == 1 and report.refused == 5
    assert sorted(set(codes(report))) == ["conflicting_rows", "duplicate_row", "uln_two_people"]
    assert "Row 2" in the_fault(report, "duplicate_row").message


def test_temporary_ulns_are_told_apart_by_reference(world: World) -> None:
    temporary = "9999999999"
    rows = [
        world.row(0, uln=temporary, reference="S1"),
        world.row(1, uln=temporary, reference="S2"),
        world.row(2, uln=temporary),
        world.row(3, uln=temporary, reference="S3"),
        world.row(4, uln=temporary, reference="S3"),
    ]
    report = world.load(*rows)
    assert report.loaded == 2
    assert codes(report) == ["reference_missing", "reference_two_people", "reference_two_people"]
    assert world.load(*rows).unchanged == 2
    taken = world.load(world.row(7, uln=temporary, reference="S1"))
    assert codes(taken) == ["reference_other_learner"]


def test_a_real_uln_replaces_the_temporary_one(world: World) -> None:
    world.load(world.row(0, uln="9999999999", reference="S1"))
    report = world.load(world.row(0, reference="S1"))
    assert report.updated == 1
    assert Learner.objects.get().uln == make_uln(0)
    # An old file with the temporary number still means the same learner.
    assert world.load(world.row(0, uln="9999999999", reference="S1")).unchanged == 1


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"ends_on": dt.date(2019, 9, 8)}, "ends_before_start"),
        ({"date_of_birth": dt.date(2030, 1, 1)}, "born_in_future"),
        ({"date_of_birth": dt.date(2019, 1, 1)}, "birth_impossible"),
        ({"date_of_birth": dt.date(1905, 1, 1)}, "birth_impossible"),
        ({"registered_on": dt.date(2090, 1, 1)}, "registered_in_future"),
        ({"date_of_birth": "12/31/2002"}, "us_date_order"),
        ({"ends_on": "30 Feb 2020"}, "not_a_date"),
        ({"given_names": "=HYPERLINK(1)"}, "formula_text"),
        ({"cohort": "@SUM(A1)"}, "formula_text"),
        ({"given_names": ("=1+1", "Ada")}, "formula"),
        ({"family_name": "12345"}, "name_without_letters"),
        ({"family_name": "A\x07da"}, "control_character"),
        ({"family_name": "a" * 101}, "too_long"),
        ({"family_name": "Mu\ufffdoz"}, "garbled_text"),
        ({"qan": "6017159"}, "qan_shape"),
        ({"uln": "100010250"}, "uln_length"),
        ({"cohort": ""}, "blank"),
    ],
)
def test_a_faulty_cell_keeps_its_row_out_and_says_how_to_mend_it(
    world: World, changes: dict[str, Any], code: str
) -> None:
    report = world.load(world.row(0), world.row(1, **changes))
    assert (report.loaded, report.refused) == (1, 1), codes(report)
    fault = the_fault(report, code)
    assert fault.row == 3 and fault.cell.endswith("3") and fault.message and fault.fix


def test_a_course_of_ten_years_is_warned_about_and_loaded(world: World) -> None:
    report = world.load(world.row(0, ends_on=dt.date(2030, 6, 30)))
    assert report.loaded == 1 and codes(report) == ["long_course"]


@pytest.mark.parametrize(
    ("given", "family"),
    [
        ("Zoë", "O’Connor"),
        ("Siân", "ap Gwilym-D'Arcy"),
        ("李", "小龙"),
        ("محمد", "الأحمد"),
        ("Ольга", "Иванова"),
        ("கமலா", "தேவி"),
        ("Nguyễn", "Thị Ánh"),
        ("-", "Suharto"),
        ("Back\\slash", "\\N"),
    ],
)
def test_names_of_every_script_are_kept_exactly(world: World, given: str, family: str) -> None:
    report = world.load(world.row(0, given_names=given, family_name=family))
    if given == "-":
        assert codes(report) == ["name_without_letters"]
        return
    assert report.loaded == 1
    learner = Learner.objects.get()
    assert (learner.given_names, learner.family_name) == (given, family)


def test_names_are_stored_composed(world: World) -> None:
    world.load(world.row(0, given_names="Zoe\u0308"))
    assert Learner.objects.get().given_names == "Zo\u00eb"


def test_a_file_as_libreoffice_saves_it(world: World) -> None:
    """Columns moved, other words in the header, numbers for ULNs and QANs, dates as text, a zero lost in front."""
    with_zero = make_qualification(qan="01234560")
    keys = [
        "qan",
        "family_name",
        "given_names",
        "uln",
        "cohort",
        "date_of_birth",
        "ends_on",
        "starts_on",
        "registered_on",
    ]
    header = [
        "Qualification Number",
        "SURNAME",
        "First name",
        "U.L.N.",
        "group",
        "D.O.B",
        "End date",
        "Start  date",
        "Registration date",
    ]
    row = world.row(0, uln=float(make_uln(0)), qan=1234560, date_of_birth="1 Jan 2002", starts_on="2019-09-09")
    report = world.load(content=make_workbook([row], header=header, keys=keys))
    assert report.loaded == 1, report.faults
    registration = Registration.objects.get()
    assert registration.qualification == with_zero and registration.learner.uln == make_uln(0)
    assert registration.learner.date_of_birth == dt.date(2002, 1, 1) and registration.starts_on == dt.date(2019, 9, 9)


@pytest.mark.parametrize(("delimiter", "encoding"), [(",", "utf-8"), (";", "cp1252"), ("\t", "utf-16")])
def test_csv_in_its_usual_guises(world: World, delimiter: str, encoding: str) -> None:
    report = world.load(content=make_csv([world.row(0, given_names="Zoë")], delimiter=delimiter, encoding=encoding))
    assert report.loaded == 1, report.faults
    assert Learner.objects.get().given_names == "Zoë"


def test_a_missing_column_refuses_the_file(world: World) -> None:
    content = make_workbook([world.row(0)], header=["ULN"] + [f"X{n}" for n in range(9)])
    report = world.load(content=content)
    assert report.loaded == 0 and report.table.faults.file_errors


def test_only_those_who_may_import_there_do(world: World) -> None:
    table = read_registrations(make_workbook([world.row(0)]))
    for role, centre in (
        (Role.TEACHER, world.centre),
        (Role.QUALITY_CONTACT, make_centre("Elsewhere")),
        (Role.AO_ADMIN, None),
    ):
        with pytest.raises(PermissionMissingError):
            import_registrations(actor=make_standing(world.ao, role, centre), centre=world.centre, table=table)
    assert Learner.objects.count() == 0


def test_a_closed_centre_registers_nobody(world: World) -> None:
    world.centre.closed_on = dt.date(2020, 1, 1)
    with pytest.raises(CentreClosedError):
        world.load(world.row(0))
