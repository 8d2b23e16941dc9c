"""Grades out as a workbook and back: each grade is merged for what it is, through the service that the grid uses.

The oracle knows three dictionaries (as issued, in the portal now, as it came back) and nothing of spreadsheets.
"""

from __future__ import annotations

import datetime as dt
import io
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from awarding.accounts.roles import Role
from awarding.accounts.standing import Standing
from awarding.audit.models import AuditRecord
from awarding.spreadsheets.comparison import UploadError
from awarding.tenancy.scope import open_scope
from awarding.ui.grid import CellInput
from centres.models import Cohort
from qtag.models import GradeChange, GradeUpload, Judgement
from qtag.queries.sheets import current_sheet
from qtag.services.grades import GRADE_COLUMN, save_grades
from qtag.services.sheets import apply_sheet, issue_sheet, receive_sheet
from qtag.workbooks_grades import sheet_workbook
from tests.factories import make_registration
from tests.factories.qtags import bring_to_agreed, make_eligible, make_moves
from tests.qtag.conftest import Scene, build_scene

LEARNERS = 4
# Numbers among the grades: a spreadsheet makes numbers of them.
SCALE = ("Pass", "1", "10", "D*")
BASE = {0: "Pass", 1: "10"}
FIRST_VALUE = 3  # key, name and ULN stand before the grade


class Desk:
    """A scene whose workbook is out, and what is needed to play with it."""

    def __init__(self, scene: Scene) -> None:
        self.scene, self.submission = scene, scene.submission
        self.teacher, self.colleague = scene.people[Role.TEACHER], scene.people[Role.LEAD_INTERNAL_VERIFIER]
        scale = self.submission.qualification.scale
        scale.grades.all().delete()
        for rank, code in enumerate(SCALE):
            scale.grades.create(code=code, label=code, rank=rank)
        self.keys = [row.row_key for row in self.rows()]
        self.type_in(self.teacher, BASE)
        issue_sheet(actor=self.teacher, submission=self.submission)
        self.sheet = self.cells(self.teacher)

    def rows(self) -> list[Judgement]:
        rows = Judgement.objects.filter(submission=self.submission).select_related("grade")
        return list(rows.order_by("registration__learner__name_key", "id"))

    def held(self) -> dict[int, str]:
        return {place: row.grade.code for place, row in enumerate(self.rows()) if row.grade}

    def type_in(self, who: Standing, values: dict[int, str]) -> None:
        cells = [CellInput(self.keys[place], GRADE_COLUMN, value) for place, value in values.items()]
        results = save_grades(actor=who, submission=self.submission, cells=cells)
        assert {result.status for result in results} <= {"saved"}

    def cells(self, who: Standing) -> list[list[Any]]:
        sheet = current_sheet(self.submission, who.person)
        book = load_workbook(io.BytesIO(sheet_workbook(who, sheet)))
        return [list(row) for row in book.worksheets[0].iter_rows(values_only=True)]

    def send(self, rows: list[list[Any]], who: Standing | None = None) -> GradeUpload:
        who = who or self.teacher
        return receive_sheet(actor=who, submission=self.submission, name="back.xlsx", content=written(rows))

    def filled(self, values: dict[int, Any]) -> list[list[Any]]:
        """The sheet with grades typed into it, by the learner's place."""
        rows = [list(row) for row in self.sheet]
        top = next(n for n, row in enumerate(rows) if str(row[0]).startswith("#row:"))
        for place, value in values.items():
            rows[top + place][FIRST_VALUE] = value
        return rows


def written(rows: list[list[Any]]) -> bytes:
    """The cells as another program would save them."""
    book = Workbook()
    for row in rows:
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


# --- whatever is done to the file ---------------------------------------------------------------


@pytest.fixture(scope="module")
def shared(django_db_setup, django_db_blocker):
    """Built once for the examples; each of them is rolled back."""
    with django_db_blocker.unblock(), transaction.atomic():
        scene = build_scene(LEARNERS)
        with open_scope(scene.ao):
            desk = Desk(scene)
        yield desk
        transaction.set_rollback(True)


def spellings(value: str) -> st.SearchStrategy[Any]:
    forms: list[Any] = [value, f" {value} ", value.lower(), value.upper()]
    return st.sampled_from(forms + ([int(value), float(value)] if value.isdigit() else []))


GOOD = st.sampled_from(("", *SCALE)).flatmap(lambda value: st.tuples(st.just(value), spellings(value)))
BAD = st.sampled_from([
    ("not_allowed", "Fail"), ("not_allowed", True), ("not_allowed", 2.5), ("date_not_text", dt.datetime(2020, 1, 10)),
])  # fmt: skip
PLACE = st.integers(0, LEARNERS - 1)


@given(
    st.dictionaries(PLACE, GOOD, max_size=4), st.dictionaries(PLACE, BAD, max_size=2),
    st.dictionaries(PLACE, st.sampled_from(("", *SCALE)), max_size=3), st.sets(PLACE, max_size=LEARNERS - 1),
    st.permutations(range(LEARNERS)), st.data(),
)  # fmt: skip
# Each example runs the parser's process: not shrunk, or a failure would take minutes to report.
@settings(
    max_examples=20, deadline=None, phases=set(Phase) - {Phase.shrink},
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)  # fmt: skip
def test_whatever_was_done_to_the_file_each_grade_is_merged_for_what_it_is(
    shared, typed, spoilt, browser, lost, order, data
):
    """QTG-13 QTG-09: rows sorted and lost, columns moved and added, types changed; untouched grades keep their version."""
    desk = shared
    typed = {place: pair for place, pair in typed.items() if place not in spoilt}
    with transaction.atomic():
        with open_scope(desk.scene.ao):
            desk.type_in(desk.colleague, browser)
            held = {place: value for place, value in (BASE | browser).items() if value}
            versions = {row.row_key: row.grade_version for row in desk.rows()}
            rows = desk.filled({place: cell or None for place, (_m, cell) in (typed | spoilt).items()})
            found = desk.send(_travelled(rows, lost, order, data))
            assert found.state == "checked", (found.refusal, found.faults)

            wanted = {}
            for place in set(range(LEARNERS)) - lost - set(spoilt):
                was, now = BASE.get(place, ""), held.get(place, "")
                back = typed[place][0] if place in typed else was
                if back not in (was, now):
                    wanted[place] = (back, now if now != was else None)
            seen = {desk.keys.index(c["row_key"]): (c["after"], c["theirs"]) for c in found.changes}
            assert seen == wanted
            errors = sorted(fault["code"] for fault in found.faults if fault["severity"] == "error")
            assert errors == sorted(code for place, (code, _c) in spoilt.items() if place not in lost)

            mine = {place for place, (_n, theirs) in wanted.items() if theirs is None or data.draw(st.booleans())}
            choices = {
                f"{desk.keys[place]}:{GRADE_COLUMN}": "workbook" if place in mine else "portal" for place in wanted
            }
            assert apply_sheet(actor=desk.teacher, upload=found, choices=choices) == len(mine)
            after = held | {place: wanted[place][0] for place in mine}
            assert desk.held() == {place: value for place, value in after.items() if value}
            touched = {desk.keys[place] for place in mine}
            for row in desk.rows():
                assert row.grade_version == versions[row.row_key] + (row.row_key in touched)
        transaction.set_rollback(True)


def _travelled(rows: list[list[Any]], lost: set[int], order: list[int], data: Any) -> list[list[Any]]:
    """Rows sorted and left out, columns moved, one added."""
    top = next(n for n, row in enumerate(rows) if str(row[0]).startswith("#row:"))
    width = max(len(row) for row in rows)
    columns = data.draw(st.permutations(range(width)))
    rows = rows[:top] + [rows[top + place] for place in order if place not in lost]
    rows = [[row[place] if place < len(row) else None for place in columns] for row in rows]
    if data.draw(st.booleans()):
        at = data.draw(st.integers(0, width))
        for number, row in enumerate(rows):
            row.insert(at, f"note {number}")
    return rows


# --- told and decided ---------------------------------------------------------------------------


@pytest.fixture
def desk(scene) -> Desk:
    with open_scope(scene.ao):
        return Desk(scene)


def test_the_workbook_says_what_stands_beside_each_grade(scene):
    """ULN as text, drop-down of the scale, everything but the grade locked, the evidence and the steps in words."""
    with open_scope(scene.ao):
        teacher, row = scene.people[Role.TEACHER], scene.judgements()[0]
        make_eligible(teacher, scene.submission.judgements.select_related("registration__qualification").get(pk=row.pk))
        sheet = issue_sheet(actor=teacher, submission=scene.submission)
        page = load_workbook(io.BytesIO(sheet_workbook(teacher, sheet))).worksheets[0]
    rows = [row for row in page.iter_rows() if str(row[0].value).startswith("#row:")]
    assert len(rows) == 3 and page.protection.sheet and page.column_dimensions["A"].hidden
    first = next(row for row in rows if row[5].value)
    assert [first[n].value for n in (5, 6, 7)] == ["Classwork or homework", "D", "01 May 2021"]
    assert isinstance(first[2].value, str) and first[2].number_format == "@"
    assert [cell.protection.locked for cell in first[1:5]] == [True, True, False, True]
    assert page.data_validations.dataValidation[0].formula1 == '"P,M,D"'
    facts = {page.cell(n, 2).value: page.cell(n, 3).value for n in range(2, 9)}
    assert facts["Steps recorded"] == "0/6"


def test_a_conflict_is_shown_with_both_sides_and_nothing_is_stored_unchosen(desk):
    """QTG-13: who changed it meanwhile stands beside; the choice is the uploader's, and the history has both."""
    with open_scope(desk.scene.ao):
        desk.type_in(desk.colleague, {0: "1"})
        found = desk.send(desk.filled({0: "D*", 2: "Pass"}))
    client = desk.scene.client(Role.TEACHER)
    where = desk.scene.url(f"qtags/{desk.submission.pk}/workbook/sent/{found.pk}/")
    page = client.get(where).content.decode()
    assert str(desk.colleague.person) in page and "Workbook: D*" in page and "Portal: 1" in page
    refused = client.post(where)
    assert refused.status_code == 409 and "Choose for" in refused.content.decode()
    with open_scope(desk.scene.ao):
        assert desk.held() == BASE | {0: "1"}
    name = f"{desk.keys[0]}:{GRADE_COLUMN}"
    assert "2 grades changed" in client.post(where, {f"choice:{name}": "workbook"}, follow=True).content.decode()
    with open_scope(desk.scene.ao):
        assert desk.held() == BASE | {0: "D*", 2: "Pass"}
        history = GradeChange.objects.filter(judgement__row_key=desk.keys[0]).order_by("version")
        assert [(change.before, change.after) for change in history] == [("", "Pass"), ("Pass", "1"), ("1", "D*")]
        assert history[2].changed_by == desk.teacher.person
        assert apply_sheet(actor=desk.teacher, upload=found, choices={}) == 0  # a second time


def test_what_was_proposed_meanwhile_is_left_out_and_said(desk):
    """QTG-13: neither when it comes back nor between looking and applying is a grade changed that left the teacher."""
    with open_scope(desk.scene.ao):
        found = desk.send(desk.filled({0: "D*", 2: "Pass"}))
        Judgement.objects.filter(row_key=desk.keys[0]).update(state="proposed")
        with pytest.raises(UploadError, match="left your hands"):
            apply_sheet(actor=desk.teacher, upload=found, choices={})
        found.refresh_from_db()
        assert [fault["code"] for fault in found.faults] == ["left_your_hands"]
        assert apply_sheet(actor=desk.teacher, upload=found, choices={}) == 1
        assert desk.held() == BASE | {2: "Pass"}
        again = desk.send(desk.filled({0: "1"}))
        assert again.changes == [] and [fault["code"] for fault in again.faults] == ["left_your_hands"]
        assert "cannot be changed" in again.faults[0]["message"]


def test_a_grade_from_a_workbook_is_ones_own_judgement(scene):
    """QTG-11: who gave it by workbook cannot endorse it, as with the grid."""
    with open_scope(scene.ao):
        lead = scene.people[Role.LEAD_INTERNAL_VERIFIER]
        sheet = issue_sheet(actor=lead, submission=scene.submission)
        rows = [list(row) for row in load_workbook(
            io.BytesIO(sheet_workbook(lead, sheet))).worksheets[0].iter_rows(values_only=True)]  # fmt: skip
        for row in rows:
            if str(row[0]).startswith("#row:"):
                row[FIRST_VALUE] = "M"
        found = receive_sheet(actor=lead, submission=scene.submission, name="b.xlsx", content=written(rows))
        assert apply_sheet(actor=lead, upload=found, choices={}) == 3
        for judgement in scene.submission.judgements.select_related("registration__qualification"):
            make_eligible(scene.people[Role.TEACHER], judgement)
        make_moves(scene.people[Role.TEACHER], scene.submission, "propose")
        with pytest.raises(AssertionError, match="yourself"):
            make_moves(lead, scene.submission, "endorse_lead")


def test_a_colleagues_version_stays_and_ones_own_is_replaced(desk):
    with open_scope(desk.scene.ao):
        issue_sheet(actor=desk.colleague, submission=desk.submission)
        theirs = desk.cells(desk.colleague)
        assert issue_sheet(actor=desk.teacher, submission=desk.submission).version == 1  # nothing changed since
        desk.type_in(desk.teacher, {2: "1"})
        assert issue_sheet(actor=desk.teacher, submission=desk.submission).version == 3
        found = desk.send(desk.filled({0: "D*"}))
        assert found.state == "refused" and "Version 1 was replaced" in found.refusal
        assert desk.send(theirs, desk.colleague).state == "checked"


def test_another_cohorts_learners_are_neither_given_out_nor_read(desk):
    """QTG-17: the workbook holds the learners whom its issuer judges; a colleague's rows are named by their place alone."""
    with open_scope(desk.scene.ao):
        contact, centre = desk.scene.people[Role.QUALITY_CONTACT], desk.scene.centre
        elsewhere = Cohort.objects.create(centre=centre, qualification=desk.submission.qualification, name="Elsewhere")
        other = make_registration(centre, desk.submission.qualification, cohort=elsewhere, given="Unseen")
        judgement = Judgement.objects.create(
            submission=desk.submission, centre=centre, registration=other, state="open"
        )
        everybody = Standing(contact.person, desk.scene.ao, contact.grants | {(Role.TEACHER, centre.pk)})
        issue_sheet(actor=everybody, submission=desk.submission)
        rows = desk.cells(everybody)
        key = f"#row:{judgement.row_key}"
        assert key in {row[0] for row in rows} and key not in {row[0] for row in desk.sheet}
        next(row for row in rows if row[0] == key)[FIRST_VALUE] = "D*"
        found = desk.send(rows)
        assert found.state == "checked" and found.changes == []
        assert [fault["code"] for fault in found.faults] == ["not_yours"]
        assert "Unseen" not in str(found.faults)


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.xlsx", b"PK\x03\x04 nothing", "damaged"),
        ("b.xlsx", written([["Name", "Grade"], ["A", "M"]]), "not a workbook that the portal gave out"),
    ],
)
def test_what_is_no_workbook_of_ours_is_refused(desk, name, content, words):
    client = desk.scene.client(Role.TEACHER)
    where = desk.scene.url(f"qtags/{desk.submission.pk}/workbook/")
    answer = client.post(where, {"file": SimpleUploadedFile(name, content)}, follow=True)
    page = answer.content.decode()
    assert "Refused" in page and words in page
    assert "Apply the changes" not in page


def test_a_formula_is_named_and_not_read(desk):
    with open_scope(desk.scene.ao):
        found = desk.send(desk.filled({2: '=IF(1,"Pass","1")', 0: "D*"}))
    assert [fault["code"] for fault in found.faults] == ["formula"]
    assert [change["after"] for change in found.changes] == ["D*"]


def test_the_pages_lead_from_the_grid_to_the_workbook_and_back(scene):
    with open_scope(scene.ao):
        bring_to_agreed(scene.people, scene.submission)
    base = f"qtags/{scene.submission.pk}/"
    client = scene.client(Role.TEACHER)
    assert f'{base}workbook/"' in client.get(scene.url(f"{base}grid/")).content.decode()
    assert f'{base}workbook/"' not in scene.client(Role.HEAD_OF_CENTRE).get(scene.url(f"{base}grid/")).content.decode()
    page = client.post(scene.url(f"{base}workbook/issue/"), follow=True).content.decode()
    assert "Version 1 is ready to download" in page and f"{base}workbook/v1.xlsx" in page
    assert client.get(scene.url(f"{base}workbook/v2.xlsx")).status_code == 302
    content = client.get(scene.url(f"{base}workbook/v1.xlsx")).content
    answer = client.post(scene.url(f"{base}workbook/"), {"file": SimpleUploadedFile("v1.xlsx", content)}, follow=True)
    assert "The workbook changes nothing" in answer.content.decode()
    assert scene.client(Role.HEAD_OF_CENTRE).post(scene.url(f"{base}workbook/issue/")).status_code == 403
    with open_scope(scene.ao):
        for record in AuditRecord.objects.filter(event__startswith="submission.workbook"):
            assert set(record.data) <= {"version", "state", "changes", "faults"}
