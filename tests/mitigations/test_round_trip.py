"""An eRAC workbook out and back: whatever was done to it on the way, each cell is merged for what it is (CLM-02).

The oracle knows three dictionaries (as issued, in the portal now, as it came back) and nothing of spreadsheets.
"""

from __future__ import annotations

import datetime as dt
import io
from dataclasses import dataclass, field

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.urls import reverse
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from awarding.accounts.roles import Role
from awarding.spreadsheets.comparison import Merged, UploadError, merge_cell
from awarding.spreadsheets.grid_reader import read_grid
from awarding.tenancy.scope import open_scope
from awarding.ui.grid import CellInput
from mitigations.models import Claim, ClaimCell, EracUpload
from mitigations.queries.documents import current_document
from mitigations.queries.grid import claim_cells, claim_learners, claim_units
from mitigations.services.documents import issue_document
from mitigations.services.grid import save_cells
from mitigations.services.uploads import apply_upload, note_choices, receive_upload
from mitigations.workbooks import erac_workbook
from tests.factories import adopt_framework, make_ao, make_centre, make_claim, make_person, make_standing
from tests.factories.sign_in import sign_in

LEARNERS, UNITS = 4, 3
# Numbers among the grades: a spreadsheet makes numbers of them.
GRADES = ("Pass", "Merit", "1", "10", "D*")
PLACES = [(row, column) for row in range(LEARNERS) for column in range(UNITS)]
BASE = {(0, 0): "Pass", (0, 1): "1", (1, 0): "Merit", (2, 2): "D*", (3, 1): "10"}


@dataclass
class World:
    """A claim whose first workbook is out, and what is needed to play with it."""

    ao: object
    claim: Claim
    contact: object
    colleague: object
    keys: dict[tuple[int, int], tuple[str, str]]
    sheet: list[list[object]] = field(default_factory=list)

    def place(self, row_key: str, unit_id: str) -> tuple[int, int]:
        return next(place for place, keys in self.keys.items() if keys == (row_key, unit_id))

    def held(self) -> dict[tuple[int, int], str]:
        """What the portal holds in each place."""
        rows = {row.pk: row.row_key for row in claim_learners(self.claim)}
        cells = claim_cells(self.claim)
        return {self.place(rows[row], str(unit)): cell.value for (row, unit), cell in cells.items() if cell.value}

    def type_in(self, who, values: dict[tuple[int, int], str]) -> None:
        """Entries in the browser."""
        cells = [CellInput(*self.keys[place], value) for place, value in values.items()]
        results = save_cells(actor=who, claim_id=self.claim.pk, cells=cells)
        assert {result.status for result in results} <= {"saved"}

    def send(self, rows: list[list[object]]) -> EracUpload:
        return receive_upload(actor=self.contact, claim_id=self.claim.pk, name="back.xlsx", content=written(rows))


def written(rows: list[list[object]]) -> bytes:
    """The cells as another program would save them."""
    book = Workbook()
    for row in rows:
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def cells_of(content: bytes) -> list[list[object]]:
    return [list(row) for row in load_workbook(io.BytesIO(content)).worksheets[0].iter_rows(values_only=True)]


def build() -> World:
    ao = make_ao("aim")
    with open_scope(ao):
        adopt_framework()
        centre = make_centre()
        contact = make_standing(ao, Role.QUALITY_CONTACT, centre, make_person("Sam Okafor"))
        colleague = make_standing(ao, Role.TEACHER, centre, make_person("Rhian Pugh"))
        colleague = make_standing(ao, Role.QUALITY_CONTACT, centre, colleague.person)
        claim = make_claim(centre, contact, learners=LEARNERS, units=UNITS)
        scale = claim.qualification.unit_scale
        scale.grades.all().delete()
        for rank, code in enumerate(GRADES):
            scale.grades.create(code=code, label=code, rank=rank)
        claim = Claim.objects.select_related("centre", "qualification", "cohort").get(pk=claim.pk)
        rows, columns = claim_learners(claim), claim_units(claim)
        keys = {(r, c): (rows[r].row_key, str(columns[c].pk)) for r, c in PLACES}
        world = World(ao, claim, contact, colleague, keys)
        world.type_in(contact, BASE)
        issue_document(actor=contact, claim_id=claim.pk)
        world.sheet = cells_of(erac_workbook(current_document(claim)))
    return world


# --- whatever is done to the file ---------------------------------------------------------------


@pytest.fixture(scope="module")
def shared(django_db_setup, django_db_blocker):
    """Built once for the examples; each of them is rolled back."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield build()
        transaction.set_rollback(True)


def spellings(value: str) -> st.SearchStrategy[object]:
    """A grade as programs and people leave it in a cell."""
    forms: list[object] = [value, f" {value} ", value.lower(), value.upper()]
    if value.isdigit():
        forms += [int(value), float(value)]
    return st.sampled_from(forms)


GOOD = st.sampled_from(("", *GRADES)).flatmap(lambda value: st.tuples(st.just(value), spellings(value)))
# (code of the fault, what stands in the cell)
BAD = st.sampled_from([
    ("not_allowed", "Fail"), ("not_allowed", True), ("not_allowed", 2.5), ("not_allowed", "Pass, Merit"),
    ("date_not_text", dt.datetime(2020, 1, 10)), ("date_not_text", dt.time(1, 10)),
])  # fmt: skip
IN_PORTAL = st.dictionaries(st.sampled_from(PLACES), st.sampled_from(("", *GRADES)), max_size=5)


@dataclass
class Journey:
    """What happens to one workbook between download and upload."""

    typed: dict[tuple[int, int], tuple[str, object]]
    spoilt: dict[tuple[int, int], tuple[str, object]]
    lost_rows: set[int]
    lost_columns: set[int]
    row_order: list[int]
    column_order: list[int]
    added: list[int]


@st.composite
def journeys(draw) -> Journey:
    typed = draw(st.dictionaries(st.sampled_from(PLACES), GOOD, max_size=6))
    free = [place for place in PLACES if place not in typed]
    spoilt = draw(st.dictionaries(st.sampled_from(free), BAD, max_size=2)) if free else {}
    width = 3 + UNITS  # keys, two heads, units
    return Journey(
        typed, spoilt,
        draw(st.sets(st.integers(0, LEARNERS - 1), max_size=LEARNERS - 1)),
        draw(st.sets(st.integers(0, UNITS - 1), max_size=UNITS - 1)),
        draw(st.permutations(range(LEARNERS))), draw(st.permutations(range(width))),
        draw(st.lists(st.integers(0, width), max_size=2)),
    )  # fmt: skip


def travelled(world: World, journey: Journey) -> list[list[object]]:
    """The sheet after the journey."""
    sheet = [list(row) for row in world.sheet]
    first = next(n for n, row in enumerate(sheet) if str(row[0]).startswith("#row:"))
    for (row, column), (_meant, cell) in (journey.typed | journey.spoilt).items():
        sheet[first + row][3 + column] = cell if cell != "" else None
    below = [sheet[first + n] for n in journey.row_order if n not in journey.lost_rows]
    kept = [place for place in journey.column_order if place - 3 not in journey.lost_columns]
    rows = [[row[place] if place < len(row) else None for place in kept] for row in sheet[:first] + below]
    for place in journey.added:
        for number, row in enumerate(rows):
            row.insert(min(place, len(row)), f"note {number}")
    return rows


def expected(base, held, journey: Journey) -> dict[tuple[int, int], tuple[str, str | None]]:
    """{place: (what the workbook would store, what the portal holds against it)}."""
    changes = {}
    for place in PLACES:
        if place[0] in journey.lost_rows or place[1] in journey.lost_columns or place in journey.spoilt:
            continue
        back = journey.typed[place][0] if place in journey.typed else base.get(place, "")
        was, now = base.get(place, ""), held.get(place, "")
        if back not in (was, now):
            changes[place] = (back, now if now != was else None)
    return changes


@given(journeys(), IN_PORTAL, st.data())
# Each example runs the parser's process: not shrunk, or a failure would take minutes to report.
@settings(
    max_examples=25,
    deadline=None,
    phases=set(Phase) - {Phase.shrink},
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
def test_clm_02_whatever_was_done_to_the_file_each_cell_is_merged_for_what_it_is(shared, journey, browser, data):
    with transaction.atomic():
        with open_scope(shared.ao):
            shared.type_in(shared.colleague, browser)
            held = BASE | browser
            before = {cell.pk: cell.version for cell in ClaimCell.objects.filter(claim=shared.claim)}
            found = shared.send(travelled(shared, journey))
            assert found.state == "checked", found.refusal
            wanted = expected(BASE, held, journey)
            seen = {shared.place(c["row_key"], c["column"]): (c["after"], c["theirs"]) for c in found.changes}
            assert seen == wanted
            there = [p for p in journey.spoilt if p[0] not in journey.lost_rows and p[1] not in journey.lost_columns]
            errors = sorted(fault["code"] for fault in found.faults if fault["severity"] == "error")
            assert errors == sorted(journey.spoilt[place][0] for place in there)

            choices = {
                place: data.draw(st.sampled_from(["workbook", "portal"]))
                for place, (_n, t) in wanted.items()
                if t is not None
            }
            named = {":".join(shared.keys[place]): choice for place, choice in choices.items()}
            taken = {place: new for place, (new, _t) in wanted.items() if choices.get(place) != "portal"}
            assert apply_upload(actor=shared.contact, upload=found, choices=named) == len(taken)
            after = {place: value for place, value in (held | taken).items() if value}
            assert shared.held() == after
            touched = {shared.keys[place] for place in taken}
            for cell in ClaimCell.objects.filter(claim=shared.claim, pk__in=before).select_related("learner"):
                if (cell.learner.row_key, str(cell.unit_id)) not in touched:
                    assert cell.version == before[cell.pk]

            issue_document(actor=shared.contact, claim_id=shared.claim.pk)
            grid = read_grid(erac_workbook(current_document(shared.claim)))
            assert {shared.place(*keys): cell.value for keys, cell in grid.cells.items() if cell.value} == after
        transaction.set_rollback(True)


@given(*[st.sampled_from(["", "Pass", "Merit", "1"])] * 3)
def test_the_three_sides_of_a_cell(base, held, returned):
    merged = merge_cell(base=base, held=held, returned=returned)
    assert (merged == Merged.TAKEN) == (held == base != returned)
    assert (merged == Merged.CONFLICT) == (len({base, held, returned}) == 3)


# --- told and decided ---------------------------------------------------------------------------


@pytest.fixture
def world(db):
    return build()


def returned(world: World, values: dict[tuple[int, int], object]) -> list[list[object]]:
    return travelled(
        world, Journey({place: ("", value) for place, value in values.items()}, {}, set(), set(), list(range(LEARNERS)),
                       list(range(3 + UNITS)), []),
    )  # fmt: skip


def at(world: World, found: EracUpload) -> str:
    kwargs = {"ao": world.ao.slug, "claim_id": world.claim.pk, "upload_id": found.pk}
    return reverse("mitigations:upload", kwargs=kwargs)


def test_clm_02_a_conflict_shows_all_sides_with_who_and_when_and_stores_nothing_unchosen(client, world):
    with open_scope(world.ao):
        world.type_in(world.colleague, {(0, 0): "Merit", (1, 0): "10"})
        found = world.send(returned(world, {(0, 0): "D*", (1, 0): "1", (3, 2): "Pass"}))
    sign_in(client, world.contact.person)
    page = client.get(at(world, found)).content.decode()
    for words in (
        "When it was issued",
        "Rhian Pugh",
        "sent by Sam Okafor",
        "Workbook: D*",
        "Portal: Merit",
        "2 cells were",
    ):
        assert words in page
    name = ":".join(world.keys[0, 0])
    answer = client.post(at(world, found), {f"choice:{name}": "workbook"})
    page = answer.content.decode()
    assert "Choose for" in page and f'href="#w-{":".join(world.keys[1, 0])}"' in page
    with open_scope(world.ao):
        assert world.held() == BASE | {(0, 0): "Merit", (1, 0): "10"}
        # What was chosen is kept: only the other one is left to decide.
        assert [c["choice"] for c in EracUpload.objects.get(pk=found.pk).changes if c["theirs"]] == ["workbook", ""]
    assert "3 cells" not in client.post(at(world, found), {"rest": "portal"}, follow=True).content.decode()
    with open_scope(world.ao):
        assert world.held() == BASE | {(0, 0): "D*", (1, 0): "10", (3, 2): "Pass"}
    shown = client.get(at(world, found)).content.decode()
    assert "The workbook’s" in shown and "The portal’s" in shown and "Save my choices" not in shown


def test_a_choice_made_of_a_value_that_moved_on_is_asked_again(world):
    with open_scope(world.ao):
        world.type_in(world.colleague, {(0, 0): "Merit"})
        found = world.send(returned(world, {(0, 0): "D*"}))
        name = ":".join(world.keys[0, 0])
        assert note_choices(actor=world.contact, upload=found, choices={name: "workbook"}) == 0
        world.type_in(world.colleague, {(0, 0): "10"})
        with pytest.raises(UploadError, match="meanwhile"):
            apply_upload(actor=world.contact, upload=found, choices={})
        with pytest.raises(UploadError, match="Choose for"):
            apply_upload(actor=world.contact, upload=found, choices={})
        again = EracUpload.objects.get(pk=found.pk).changes[0]
        assert (again["theirs"], again["theirs_by"], again["choice"]) == ("10", "Rhian Pugh", "")
        assert world.held()[0, 0] == "10"


def test_going_on_with_the_same_file_contradicts_nobody_but_a_colleagues_copy_does(world):
    with open_scope(world.ao):
        first = world.send(returned(world, {(0, 2): "Pass"}))
        assert apply_upload(actor=world.contact, upload=first, choices={}) == 1
        second = world.send(returned(world, {(0, 2): "Merit"}))
        assert [(c["before"], c["after"], c["theirs"]) for c in second.changes] == [("Pass", "Merit", None)]
        untouched = world.send(returned(world, {}))
        assert untouched.changes == []  # a copy in which it was never filled in clears nothing
        content = written(returned(world, {(0, 2): "10"}))
        theirs = receive_upload(actor=world.colleague, claim_id=world.claim.pk, name="mine.xlsx", content=content)
        assert [(c["theirs"], c["theirs_by"]) for c in theirs.changes] == [("Pass", "Sam Okafor")]


def test_a_part_that_comes_back_alone_leaves_the_rest_and_says_so(client, world):
    everything = list(range(3 + UNITS))
    part = Journey({(1, 1): ("Pass", "Pass")}, {}, {0, 2, 3}, {2}, list(range(LEARNERS)), everything, [])
    with open_scope(world.ao):
        found = world.send(travelled(world, part))
        assert {fault["code"] for fault in found.faults} == {"rows_left_out", "columns_left_out"}
        assert apply_upload(actor=world.contact, upload=found, choices={}) == 1
        assert world.held() == BASE | {(1, 1): "Pass"}
    sign_in(client, world.contact.person)
    page = client.get(at(world, found)).content.decode()
    assert "3 rows are not in this workbook" in page and "stay as they are" in page


def test_an_upload_that_waits_is_pointed_out_before_a_new_version_is_issued(client, world):
    sign_in(client, world.contact.person)
    address = reverse("mitigations:workbook", kwargs={"ao": world.ao.slug, "claim_id": world.claim.pk})
    assert "is not applied yet" not in client.get(address).content.decode()
    file = SimpleUploadedFile("autumn.xlsx", written(returned(world, {(0, 2): "Pass"})))
    answer = client.post(address, {"file": file})
    assert "is not applied yet" in client.get(address).content.decode()
    client.post(answer.headers["Location"])
    assert "is not applied yet" not in client.get(address).content.decode()


def test_many_conflicts_are_decided_page_by_page(client, world, monkeypatch):
    monkeypatch.setattr("awarding.ui.comparisons.CONFLICTS_PER_PAGE", 2)
    with open_scope(world.ao):
        world.type_in(world.colleague, {(row, 2): "Merit" for row in range(LEARNERS)})
        found = world.send(returned(world, {(row, 2): "10" for row in range(LEARNERS)}))
    sign_in(client, world.contact.person)
    names = [":".join(world.keys[row, 2]) for row in range(LEARNERS)]
    answer = client.post(at(world, found), {f"choice:{name}": "workbook" for name in names[:2]} | {"save": "1"})
    assert answer.headers["Location"].endswith("?page=2")
    assert "2 cells are still open" in client.get(answer.headers["Location"]).content.decode()
    answer = client.post(
        at(world, found), {f"choice:{name}": "portal" for name in names[2:]} | {"save": "1"}, follow=True
    )
    assert "Every cell is decided" in answer.content.decode()
    client.post(at(world, found))
    with open_scope(world.ao):
        assert [world.held()[row, 2] for row in range(LEARNERS)] == ["10", "10", "Merit", "Merit"]
