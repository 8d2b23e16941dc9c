"""Entering rules of combination as an AO admin: on the page, group by group, and from the workbook."""

from __future__ import annotations

from io import BytesIO

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from awarding.accounts.roles import Role
from awarding.catalogue.models import BarredSet, Qualification, QualificationChange, QualificationFamily, UnitGroup
from awarding.catalogue.queries.combination import combination_of, rules_findings
from awarding.catalogue.rules.counting import is_met
from awarding.tenancy.scope import open_scope
from tests.factories import make_ao, make_membership, make_person, make_qualification
from tests.factories.sign_in import sign_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def ao():
    return make_ao()


@pytest.fixture
def row(ao):
    with open_scope(ao):
        return make_qualification(units=4)


@pytest.fixture
def admin(ao, client):
    person = make_person()
    with open_scope(ao):
        make_membership(person, Role.AO_ADMIN)
    sign_in(client, person)
    return client


def url(ao, name, **kwargs):
    return reverse(f"catalogue:{name}", kwargs={"ao": ao.slug, **kwargs})


def references(row):
    return list(row.unit_places.order_by("position").values_list("unit__reference", flat=True))


def rules_of(ao, row):
    with open_scope(ao):
        return combination_of(Qualification.objects.get(pk=row.pk))


def test_mit_12_levels_barred_units_and_the_limit_are_entered_on_one_page(ao, row, admin):
    page = url(ao, "rules", qan=row.qan)
    with open_scope(ao):
        first, second, *_rest = references(row)
    facts = {"levels": "2: 30\nEntry: 10", "barred": f"{first}, {second}", "transfer_limit": "70"}
    assert admin.post(page, facts).status_code == 302
    rules = rules_of(ao, row)
    assert [(m.level, m.credits) for m in rules.levels] == [(0, 10), (2, 30)]
    assert (len(rules.barred[0]), rules.transfer_allowance) == (2, 28)
    shown = admin.get(url(ao, "qualification", qan=row.qan)).content.decode()
    # All four units are mandatory, and two of them are barred: nobody could meet that.
    assert "Nobody can meet these rules" in shown and "is 1 unit and 10 credits short" in shown
    assert "70%: 28 of 40 credits" in shown and f"{first}, {second}" in shown
    with open_scope(ao):
        noted = QualificationChange.objects.filter(field="barred_units").count()
    form = admin.get(page).context["form"]
    assert admin.post(page, {name: form[name].value() or "" for name in form.fields}).status_code == 302
    with open_scope(ao):
        assert QualificationChange.objects.filter(field="barred_units").count() == noted


@pytest.mark.parametrize(
    ("facts", "field", "words"),
    [
        ({"levels": "three: 45"}, "levels", "write a level, a colon and the credits"),
        ({"levels": "3: 45\n3: 50"}, "levels", "stands twice"),
        ({"barred": "X/999/0000, Y/999/0000"}, "barred", "is not a unit of this qualification"),
        ({"barred": "{unit}"}, "barred", "names two units at least"),
        ({"transfer_limit": "101"}, "transfer_limit", "100"),
    ],
)
def test_mit_12_rules_that_cannot_be_are_refused_at_their_field(ao, row, admin, facts, field, words):
    with open_scope(ao):
        unit = references(row)[0]
    posted = {name: value.format(unit=unit) for name, value in facts.items()}
    answer = admin.post(url(ao, "rules", qan=row.qan), posted)
    assert answer.status_code == 200 and words in str(answer.context["form"].errors[field])
    assert rules_of(ao, row).levels == () and rules_of(ao, row).barred == ()


def test_a_stale_rules_page_saves_nothing(ao, row, admin):
    page = url(ao, "rules", qan=row.qan)
    stamp = admin.get(page).context["form"]["expected"].value()
    admin.post(page, {"levels": "2: 30"})
    again = admin.post(page, {"levels": "2: 10", "expected": stamp})
    assert again.status_code == 409
    assert rules_of(ao, row).levels[0].credits == 30


def test_the_limit_needs_credits_to_be_a_share_of(ao, row, admin):
    admin.post(url(ao, "rules", qan=row.qan), {"transfer_limit": "70"})
    without = admin.post(url(ao, "edit", qan=row.qan), {"min_credits": "0"})
    assert "Take that limit away first" in without.content.decode()
    admin.post(url(ao, "rules", qan=row.qan), {})
    assert admin.post(url(ao, "edit", qan=row.qan), {"min_credits": "0"}).status_code == 302
    again = admin.post(url(ao, "rules", qan=row.qan), {"transfer_limit": "70"})
    assert "none are set" in again.content.decode()


def test_mit_12_groups_stand_inside_each_other_and_have_maxima(ao, row, admin):
    asks = {"name": "Optional", "min_units": "1", "max_units": "2", "max_credits": "20"}
    assert admin.post(url(ao, "group_new", qan=row.qan), asks).status_code == 302
    with open_scope(ao):
        outer = UnitGroup.objects.get(name="Optional")
        core = UnitGroup.objects.get(name="Mandatory")
    inner = {"name": "Part", "inside": outer.pk}
    admin.post(url(ao, "group_new", qan=row.qan), inner)
    with open_scope(ao):
        part = UnitGroup.objects.get(name="Part")
    circle = admin.post(url(ao, "group", qan=row.qan, group_id=outer.pk), asks | {"inside": part.pk})
    assert "cannot stand inside itself" in circle.content.decode()
    small = admin.post(url(ao, "group", qan=row.qan, group_id=outer.pk), asks | {"min_units": "3"})
    assert "less than what is needed" in small.content.decode()
    kept = admin.post(url(ao, "group_remove", qan=row.qan, group_id=outer.pk), {"sure": "yes"})
    assert "stand inside this one" in kept.content.decode()
    unit = {
        "reference": "X/100/0001",
        "title": "Either",
        "credits": "10",
        "guided_hours": "1",
        "group": part.pk,
        "also": [core.pk, part.pk],
    }
    added = admin.post(url(ao, "unit_new", qan=row.qan), unit)
    assert added.status_code == 302, added.context["form"].errors
    rules = rules_of(ao, row)
    assert [(g.name, g.parent, g.max_units) for g in rules.groups] == [
        ("Mandatory", None, 0), ("Optional", None, 2), ("Part", 1, 0)
    ]  # fmt: skip
    assert len(rules.groups[0].also) == 1 and not rules.groups[2].also
    assert is_met(rules, rules.by_id)
    shown = admin.get(url(ao, "qualification", qan=row.qan)).content.decode()
    assert "at most 2 units count" in shown and "inside “Optional”" in shown and "or in “Mandatory”" in shown


def test_a_unit_taken_out_takes_its_barred_set_along(ao, row, admin):
    with open_scope(ao):
        first, second, *_rest = references(row)
        place = row.unit_places.get(unit__reference=first)
    admin.post(url(ao, "rules", qan=row.qan), {"barred": f"{first}, {second}"})
    admin.post(url(ao, "unit_remove", qan=row.qan, place_id=place.pk), {"sure": "yes"})
    with open_scope(ao):
        assert not BarredSet.objects.exists()


def test_units_without_a_level_are_named_where_levels_count(ao, row, admin):
    with open_scope(ao):
        unit = row.unit_places.first().unit
        unit.level = ""
        unit.save()
    admin.post(url(ao, "rules", qan=row.qan), {"levels": "2: 10"})
    assert [finding.code for finding in rules_findings(rules_of(ao, row))] == ["level_unknown"]


def upload(ao, row, admin, book):
    buffer = BytesIO()
    book.save(buffer)
    shown = admin.post(url(ao, "units_upload", qan=row.qan), {"file": SimpleUploadedFile("u.xlsx", buffer.getvalue())})
    if shown.context["stored"] is not None:
        admin.post(url(ao, "units_load", qan=row.qan), {"file": shown.context["stored"].pk})
    return shown


def template(ao, row, admin):
    """The template with its example rows as rows to load: what is there, as a workbook says it."""
    book = openpyxl.load_workbook(BytesIO(admin.get(url(ao, "units_template", qan=row.qan)).content))
    page = book.worksheets[0]
    examples = next(sheet for sheet in book.worksheets if sheet.title != page.title and "xample" in sheet.title)
    for number, cells in enumerate(examples.iter_rows(min_row=2, values_only=True), 2):
        for place, value in enumerate(cells, 1):
            page.cell(number, place, value)
    return book, page, {cell.value: cell.column for cell in page[1]}


def test_mit_12_every_rule_goes_out_and_comes_in_by_workbook(ao, row, admin):
    with open_scope(ao):
        first, second, third, fourth = references(row)
    book, page, columns = template(ao, row, admin)
    titles = {title.strip(): column for title, column in columns.items() if title}
    for number in range(2, 6):
        reference = page.cell(number, titles["Unit reference"]).value
        page.cell(number, titles["Group"], "Core" if reference in (first, second) else "Choice")
        page.cell(number, titles["Every unit of the group is needed"], "No")
        for title in ("Units needed from the group", "Credits needed from the group"):
            page.cell(number, titles[title], 0)
        if reference == first:
            page.cell(number, titles["May count instead in"], "Choice")
            page.cell(number, titles["Credits needed at levels"], "2: 20")
            page.cell(number, titles["Most by transfer, percent"], 50)
        if reference == third:
            page.cell(number, titles["Barred with"], fourth)
            page.cell(number, titles["Most units that count from the group"], 2)
            page.cell(number, titles["The group stands inside"], "Core")
        else:
            page.cell(number, titles["Most units that count from the group"]).value = None
    shown = upload(ao, row, admin, book)
    assert shown.context["stored"], shown.context["faults"]
    before = rules_of(ao, row)
    groups = {group.name: group for group in before.groups}
    assert groups["Choice"].max_units == 2 and len(groups["Choice"].also) == 1
    assert before.groups[groups["Choice"].parent].name == "Core"
    assert len(before.barred) == 1 and before.transfer_limit == 50 and before.levels[0].credits == 20
    # What the portal hands out says the same: loading it changes nothing.
    with open_scope(ao):
        noted = QualificationChange.objects.count()
    again, _page, _columns = template(ao, row, admin)
    assert upload(ao, row, admin, again).context["report"].unchanged == 4
    assert rules_of(ao, row) == before
    with open_scope(ao):
        assert QualificationChange.objects.count() == noted


@pytest.mark.parametrize(
    ("title", "value", "words"),
    [
        ("May count instead in", "Nowhere", "no group “Nowhere”"),
        ("The group stands inside", "Nowhere", "no group “Nowhere”"),
        ("Barred with", "Z/999/9999", "is not a unit"),
        ("Credits needed at levels", "much", "write a level"),
        ("Most by transfer, percent", 170, "outside what is allowed"),
    ],
)
def test_mit_12_a_workbook_whose_rules_cannot_be_names_the_cell_and_changes_nothing(
    ao, row, admin, title, value, words
):
    before = rules_of(ao, row)
    book, page, columns = template(ao, row, admin)
    titles = {name.strip(): column for name, column in columns.items() if name}
    page.cell(3, titles[title], value)
    shown = upload(ao, row, admin, book)
    assert shown.context["stored"] is None
    assert any(words in fault.message + str(fault.fix) and fault.cell for fault in shown.context["faults"]), (
        shown.context["faults"]
    )
    assert rules_of(ao, row) == before


def test_mit_13_sizes_are_entered_the_smallest_first_and_one_stands_in_one_family(ao, row, admin):
    with open_scope(ao):
        larger, third = make_qualification(units=6), make_qualification()
    new = url(ao, "family_new")
    facts = {"name": "Testing", "sizes": f"{row.display_qan}\n{larger.qan}"}
    assert admin.post(new, facts).status_code == 302
    with open_scope(ao):
        family = QualificationFamily.objects.get()
        assert [size.pk for size in family.sizes.order_by("size")] == [row.pk, larger.pk]
    twice = admin.post(new, {"name": "Other", "sizes": f"{row.qan}\n{third.qan}"})
    assert "is a size of another family already" in twice.content.decode()
    assert "no number of a qualification of yours" in admin.post(new, {"name": "O", "sizes": "1"}).content.decode()
    assert "two qualifications at least" in admin.post(new, {"name": "O", "sizes": row.qan}).content.decode()
    edit = url(ao, "family", family_id=family.pk)
    stamp = admin.get(edit).context["form"]["expected"].value()
    assert admin.post(edit, {"name": "Testing", "sizes": f"{larger.qan}\n{row.qan}\n{third.qan}"}).status_code == 302
    assert admin.post(edit, facts | {"expected": stamp}).status_code == 409
    assert "Testing" in admin.get(url(ao, "families")).content.decode()
    gone = url(ao, "family_remove", family_id=family.pk)
    assert admin.post(gone, {"sure": "yes"}).status_code == 302 and admin.post(gone, {"sure": "yes"}).status_code == 302
    with open_scope(ao):
        assert not Qualification.objects.exclude(family=None).exists() and Qualification.objects.count() == 3
