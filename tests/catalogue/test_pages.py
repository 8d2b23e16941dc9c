"""The catalogue's pages, driven as people drive them."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from awarding.accounts.models import User
from awarding.accounts.roles import Role
from awarding.catalogue.models import GradeScale, Qualification, QualificationChange, QualificationUnit, Unit, UnitGroup
from awarding.catalogue.queries.search import every_qualification, search_qualifications
from awarding.tenancy.models import AwardingOrganisation
from awarding.tenancy.scope import open_scope
from tests.factories import make_ao, make_centre, make_membership, make_person, make_qualification
from tests.factories.sign_in import sign_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def ao() -> AwardingOrganisation:
    return make_ao()


@pytest.fixture
def row(ao: AwardingOrganisation) -> Qualification:
    with open_scope(ao):
        return make_qualification(title="Level 2 Award in Working with Café Machines", grades=("U", "P", "M"))


@pytest.fixture
def admin(ao: AwardingOrganisation, client: Client) -> Client:
    return _signed_in(ao, client, Role.AO_ADMIN)


def _signed_in(ao: AwardingOrganisation, client: Client, role: Role) -> Client:
    person: User = make_person()
    with open_scope(ao):
        make_membership(person, role, make_centre() if role == Role.QUALITY_CONTACT else None)
    sign_in(client, person)
    return client


def url(ao: AwardingOrganisation, name: str, **kwargs: Any) -> str:
    return reverse(f"catalogue:{name}", kwargs={"ao": ao.slug, **kwargs})


# --- search -------------------------------------------------------------------------------------


@pytest.mark.parametrize("typed", ["{qan}", "{display}", " {display} ", "{start}", "cafe working", "CAFÉ mach", ""])
def test_mit_02_a_qualification_is_found(
    ao: AwardingOrganisation, row: Qualification, admin: Client, typed: str
) -> None:
    text = typed.format(qan=row.qan, display=row.display_qan, start=row.display_qan[:6])
    assert row.display_qan in admin.get(url(ao, "list"), {"q": text}).content.decode()


@pytest.mark.parametrize("typed", ["zebra", "999/9999/9", "cafe zebra", "50%", "_"])
def test_what_does_not_fit_is_not_found(
    ao: AwardingOrganisation, row: Qualification, admin: Client, typed: str
) -> None:
    page = admin.get(url(ao, "list"), {"q": typed}).content.decode()
    assert row.display_qan not in page and "Nothing found" in page


def test_level_and_sector_narrow_the_list(ao: AwardingOrganisation, row: Qualification, admin: Client) -> None:
    with open_scope(ao):
        other = make_qualification(level="Level 3", sector="Engineering")
    page = admin.get(url(ao, "list"), {"level": "Level 3", "sector": "Engineering"}).content.decode()
    assert other.display_qan in page and row.display_qan not in page


def test_mit_02_a_repeated_title_is_said_also_when_it_is_another_aos(
    ao: AwardingOrganisation, row: Qualification, admin: Client
) -> None:
    """MIT-02, in the catalogue: said where a title repeats, and not where it does not."""
    words = "2 qualifications carry this title: check the QAN"
    assert words not in admin.get(url(ao, "list")).content.decode()
    with open_scope(make_ao("other")):
        foreign = make_qualification(title=row.title)
    page = admin.get(url(ao, "list")).content.decode()
    assert words in page and foreign.display_qan not in page
    everywhere = admin.get(url(ao, "list"), {"whose": "all", "q": "cafe"}).content.decode()
    assert foreign.display_qan in everywhere and f"/qualifications/{foreign.qan}/" in everywhere


def test_the_list_costs_the_same_at_one_and_three_rows(
    ao: AwardingOrganisation, row: Qualification, admin: Client, django_assert_num_queries: Any
) -> None:
    with CaptureQueriesContext(connection) as one:
        admin.get(url(ao, "list"), {"q": "level"})
    with open_scope(ao):
        make_qualification()
        make_qualification()
    with django_assert_num_queries(len(one)):
        admin.get(url(ao, "list"), {"q": "level"})


def test_search_uses_the_trigram_index_as_the_role_the_portal_runs_as(
    ao: AwardingOrganisation, row: Qualification
) -> None:
    """Under a policy that is a barrier the planner may not use it at all, whatever a sequential scan would cost."""
    with open_scope(ao), connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_indexscan = off")
        plan = search_qualifications(every_qualification(), text="machines").order_by().explain()
    assert "qualification_title_trgm" in plan


# --- one qualification --------------------------------------------------------------------------


@pytest.mark.parametrize("role", [Role.AO_ADMIN, Role.EXTERNAL_VERIFIER, Role.QUALITY_CONTACT])
def test_every_member_sees_it_and_only_the_admin_edits(
    ao: AwardingOrganisation, row: Qualification, client: Client, role: Role
) -> None:
    _signed_in(ao, client, role)
    page = client.get(url(ao, "qualification", qan=row.qan))
    assert page.status_code == 200 and "Unit 1" in page.content.decode()
    may = role == Role.AO_ADMIN
    assert ("Add a unit" in page.content.decode()) is may
    assert client.get(url(ao, "edit", qan=row.qan)).status_code == (200 if may else 403)


def test_another_aos_qualification_is_not_there(ao: AwardingOrganisation, admin: Client) -> None:
    with open_scope(make_ao("other")):
        foreign = make_qualification()
    for name in ("qualification", "edit", "unit_new", "units_upload"):
        assert admin.get(url(ao, name, qan=foreign.qan)).status_code == 404


def test_the_page_costs_the_same_at_one_and_three_units(
    ao: AwardingOrganisation, admin: Client, django_assert_num_queries: Any
) -> None:
    with open_scope(ao):
        small, large = make_qualification(units=1), make_qualification(units=3)
    with CaptureQueriesContext(connection) as one:
        admin.get(url(ao, "qualification", qan=small.qan))
    with django_assert_num_queries(len(one)):
        admin.get(url(ao, "qualification", qan=large.qan))


def test_facts_are_edited_and_what_they_were_is_kept(
    ao: AwardingOrganisation, row: Qualification, admin: Client
) -> None:
    form = admin.get(url(ao, "edit", qan=row.qan)).context["form"]
    facts = {
        "category": "A", "min_credits": "20", "unit_scale": row.unit_scale_id, "scale": "",
        "expected": form["expected"].value(),
    }  # fmt: skip
    assert admin.post(url(ao, "edit", qan=row.qan), facts).status_code == 302
    with open_scope(ao):
        fresh = Qualification.objects.get(pk=row.pk)
        assert (fresh.category, fresh.min_credits, fresh.scale_id) == ("A", 20, None)
        changed = dict(QualificationChange.objects.values_list("field", "before"))
        assert changed["category"] == "B1" and changed["min_credits"] == "30"
    # The same page sent again is stale: nothing is overwritten, and the person is told.
    again = admin.post(url(ao, "edit", qan=row.qan), facts | {"category": "B2"})
    assert again.status_code == 409 and "Somebody changed this qualification" in again.content.decode()


def test_a_scale_of_another_ao_cannot_be_chosen(ao: AwardingOrganisation, row: Qualification, admin: Client) -> None:
    with open_scope(make_ao("other")):
        foreign = make_qualification()
    answer = admin.post(
        url(ao, "edit", qan=row.qan), {"category": "A", "min_credits": "0", "unit_scale": foreign.unit_scale_id}
    )
    assert answer.status_code == 200 and answer.context["form"].errors["unit_scale"]


# --- groups and units ---------------------------------------------------------------------------


def test_a_group_is_added_changed_and_removed(ao: AwardingOrganisation, row: Qualification, admin: Client) -> None:
    asks = {"name": "Optional", "min_units": "2", "min_credits": "20"}
    assert admin.post(url(ao, "group_new", qan=row.qan), asks).status_code == 302
    twice = admin.post(url(ao, "group_new", qan=row.qan), asks)
    assert "has a group of that name" in twice.content.decode()
    with open_scope(ao):
        group = UnitGroup.objects.get(name="Optional")
    admin.post(url(ao, "group", qan=row.qan, group_id=group.pk), asks | {"min_units": "3"})
    with open_scope(ao):
        group.refresh_from_db()
        assert group.min_units == 3
        assert QualificationChange.objects.filter(field="group_changed", before__contains="2 units").exists()
    gone = url(ao, "group_remove", qan=row.qan, group_id=group.pk)
    assert admin.post(gone, {"sure": "yes"}).status_code == 302
    assert admin.post(gone, {"sure": "yes"}).status_code == 302
    with open_scope(ao):
        assert not UnitGroup.objects.filter(name="Optional").exists()


def test_a_group_with_units_is_not_removed(ao: AwardingOrganisation, row: Qualification, admin: Client) -> None:
    with open_scope(ao):
        group = row.groups.get()
    answer = admin.post(url(ao, "group_remove", qan=row.qan, group_id=group.pk), {"sure": "yes"})
    assert "The group has units" in answer.content.decode()
    with open_scope(ao):
        assert UnitGroup.objects.filter(pk=group.pk).exists()


@pytest.mark.parametrize(
    ("typed", "kept", "doubtful"),
    [("K5015773", "K/501/5773", False), ("L/501/5773", "L/501/5773", True), ("own 12", "OWN 12", True)],
)
def test_a_unit_is_added_and_a_doubtful_reference_warns(
    ao: AwardingOrganisation, row: Qualification, admin: Client, typed: str, kept: str, doubtful: bool
) -> None:
    with open_scope(ao):
        group = row.groups.get()
    facts = {"reference": typed, "title": "Working in a team", "credits": "3", "guided_hours": "24", "group": group.pk}
    page = admin.post(url(ao, "unit_new", qan=row.qan), facts, follow=True).content.decode()
    assert ("no usual unit reference" in page) is doubtful
    with open_scope(ao):
        assert Unit.objects.get(title="Working in a team").reference == kept
    twice = admin.post(url(ao, "unit_new", qan=row.qan), facts)
    assert "is in this qualification already" in twice.content.decode()


def test_a_unit_is_changed_and_removed(ao: AwardingOrganisation, row: Qualification, admin: Client) -> None:
    with open_scope(ao):
        place = QualificationUnit.objects.filter(qualification=row).select_related("unit").first()
        assert place is not None
    facts = {
        "reference": place.unit.reference, "title": "A new title", "credits": "5", "guided_hours": "1",
        "group": place.group_id,
    }  # fmt: skip
    assert admin.post(url(ao, "unit", qan=row.qan, place_id=place.pk), facts).status_code == 302
    with open_scope(ao):
        assert Unit.objects.get(pk=place.unit_id).title == "A new title"
    gone = url(ao, "unit_remove", qan=row.qan, place_id=place.pk)
    admin.post(gone, {"sure": "no"})
    with open_scope(ao):
        assert QualificationUnit.objects.filter(pk=place.pk).exists()
    assert admin.post(gone, {"sure": "yes"}).status_code == 302
    assert admin.post(gone, {"sure": "yes"}).status_code == 302
    with open_scope(ao):
        assert not QualificationUnit.objects.filter(pk=place.pk).exists()
        assert Unit.objects.filter(pk=place.unit_id).exists()


def test_a_place_of_another_qualification_is_not_there(
    ao: AwardingOrganisation, row: Qualification, admin: Client
) -> None:
    with open_scope(ao):
        place = QualificationUnit.objects.filter(qualification=make_qualification()).first()
        assert place is not None
    assert admin.get(url(ao, "unit", qan=row.qan, place_id=place.pk)).status_code == 404


# --- grade scales -------------------------------------------------------------------------------


def test_a_grade_scale_is_made_in_order_with_points(ao: AwardingOrganisation, admin: Client) -> None:
    grades = "-U; Unclassified\nP; Pass; 6\n\nD*; Distinction*"
    assert admin.post(url(ao, "scale_new"), {"name": "Units", "grades": grades}).status_code == 302
    with open_scope(ao):
        rows = list(
            GradeScale.objects.get(name="Units").grades.values_list("code", "label", "rank", "is_achieved", "points")
        )
    assert rows == [
        ("U", "Unclassified", 0, False, None), ("P", "Pass", 1, True, 6), ("D*", "Distinction*", 2, True, None)
    ]  # fmt: skip
    assert "Units" in admin.get(url(ao, "scales")).content.decode()


@pytest.mark.parametrize("grades", ["P\nP", "NINECHARS", "P; Pass; six", ";Pass", "P; Pass; 6; more"])
def test_a_faulty_grade_scale_is_refused(ao: AwardingOrganisation, admin: Client, grades: str) -> None:
    answer = admin.post(url(ao, "scale_new"), {"name": "Units", "grades": grades})
    assert answer.status_code == 200 and answer.context["form"].errors["grades"]
    with open_scope(ao):
        assert not GradeScale.objects.exists()


def test_a_scale_in_use_keeps_its_grades_and_takes_more(
    ao: AwardingOrganisation, row: Qualification, admin: Client
) -> None:
    page = url(ao, "scale", scale_id=row.unit_scale_id)
    assert "stay, in this order" in admin.post(page, {"name": "S", "grades": "-U\nM"}).content.decode()
    assert "stay, in this order" in admin.post(page, {"name": "S", "grades": "P\nU\nM"}).content.decode()
    assert admin.post(page, {"name": "S", "grades": "-U\nP; Passed\nM\nD"}).status_code == 302
    with open_scope(ao):
        assert row.unit_scale is not None
        assert list(row.unit_scale.grades.values_list("code", flat=True)) == ["U", "P", "M", "D"]


# --- the workbook -------------------------------------------------------------------------------

HEADER = ["Unit reference", "Unit title", "Level", "Credits", "Guided learning hours", "Group",
          "Every unit of the group is needed", "Units needed from the group", "Credits needed from the group"]  # fmt: skip


def _workbook(*rows: list[Any]) -> SimpleUploadedFile:
    book = openpyxl.Workbook()
    page = book.active
    page.append(HEADER)
    for cells in rows:
        page.append(cells)
    buffer = BytesIO()
    book.save(buffer)
    return SimpleUploadedFile("units.xlsx", buffer.getvalue())


GOOD = (
    ["K/501/5773", "Working in a team", "Level 2", 3, 24, "Core", "Yes", 1, 3],
    ["J/601/7282", "Using a till", "Level 2", 4, 30, "Choice", "No", 1, None],
    ["Y/505/4889", "Making coffee", "Level 2", 4, 30, "Choice", None, None, 4],
)


def test_a_workbook_is_shown_first_and_loaded_then(ao: AwardingOrganisation, row: Qualification, admin: Client) -> None:
    shown = admin.post(url(ao, "units_upload", qan=row.qan), {"file": _workbook(*GOOD)})
    assert (shown.context["report"].loaded, shown.context["report"].groups) == (3, 2)
    with open_scope(ao):
        assert not Unit.objects.filter(title="Making coffee").exists()
    stored = shown.context["stored"].pk
    assert admin.post(url(ao, "units_load", qan=row.qan), {"file": stored}).status_code == 302
    with open_scope(ao):
        group = UnitGroup.objects.get(name="Choice")
        assert (group.is_mandatory, group.min_units, group.min_credits) == (False, 1, 4)
        assert group.places.count() == 2
        assert UnitGroup.objects.get(name="Core").is_mandatory
        noted = QualificationChange.objects.count()
    # A second click, and the same file again, change nothing.
    admin.post(url(ao, "units_load", qan=row.qan), {"file": stored})
    again = admin.post(url(ao, "units_upload", qan=row.qan), {"file": _workbook(*GOOD)})
    assert (again.context["report"].unchanged, again.context["report"].groups) == (3, 0)
    with open_scope(ao):
        assert QualificationChange.objects.count() == noted


def test_what_came_from_the_template_loads(ao: AwardingOrganisation, row: Qualification, admin: Client) -> None:
    answer = admin.get(url(ao, "units_template", qan=row.qan))
    book = openpyxl.load_workbook(BytesIO(answer.content))
    page = book.worksheets[0]
    for place, value in enumerate(GOOD[0], 1):
        page.cell(2, place, value)
    buffer = BytesIO()
    book.save(buffer)
    shown = admin.post(
        url(ao, "units_upload", qan=row.qan), {"file": SimpleUploadedFile("units.xlsx", buffer.getvalue())}
    )
    assert shown.context["report"].loaded == 1, [fault.message for fault in shown.context["faults"]]


@pytest.mark.parametrize(
    ("cells", "cell", "code"),
    [
        (["K/501/5773", "Twice", "", 3, 1, "Core", "Yes", 1, 3], "A3", "unit_twice"),
        (["J/601/7282", "A unit", "", "many", 1, "Core", "Yes", 1, 3], "D3", "not_an_integer"),
        (["J/601/7282", "A unit", "", 3, 1, "Core", "No", 1, 3], "G3", "group_disagrees"),
        (["J/601/7282", "", "", 3, 1, "Core", "Yes", 1, 3], "B3", "blank"),
        (["J/601/7282", "A unit", "", -1, 1, "Core", "Yes", 1, 3], "D3", "out_of_range"),
    ],
)
def test_a_faulty_row_keeps_the_whole_file_out_and_says_where(
    ao: AwardingOrganisation, row: Qualification, admin: Client, cells: list[Any], cell: str, code: str
) -> None:
    shown = admin.post(url(ao, "units_upload", qan=row.qan), {"file": _workbook(GOOD[0], cells)})
    assert (cell, code) in [(fault.cell, fault.code) for fault in shown.context["faults"]]
    assert shown.context["stored"] is None
    with open_scope(ao):
        assert not Unit.objects.filter(reference="K/501/5773").exists()


def test_a_file_that_is_no_workbook_is_refused_with_the_mend(
    ao: AwardingOrganisation, row: Qualification, admin: Client
) -> None:
    fake = SimpleUploadedFile("units.xlsx", b"%PDF-1.7 not a workbook")
    answer = admin.post(url(ao, "units_upload", qan=row.qan), {"file": fake})
    assert answer.status_code == 200 and answer.context["form"].errors["file"]


def test_a_file_of_somebody_else_is_not_loaded(ao: AwardingOrganisation, row: Qualification, admin: Client) -> None:
    shown = admin.post(url(ao, "units_upload", qan=row.qan), {"file": _workbook(*GOOD)})
    other = _signed_in(ao, Client(), Role.AO_ADMIN)
    other.post(url(ao, "units_load", qan=row.qan), {"file": shown.context["stored"].pk})
    with open_scope(ao):
        assert not Unit.objects.filter(reference="K/501/5773").exists()
