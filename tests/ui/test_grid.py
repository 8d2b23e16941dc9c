from __future__ import annotations

import json
from html.parser import HTMLParser

import pytest

from awarding.ui.grid import (
    Cell,
    CellInput,
    CellResult,
    Choice,
    Column,
    Grid,
    GridInputError,
    Row,
    grid_response,
    read_cells,
    wants_json,
)
from tests.ui.gallery import make_grid, make_request, show


def markup(grid: Grid) -> str:
    return show("{% grid grid %}", grid=grid)


class Controls(HTMLParser):
    """The fields that a browser without scripts would send, and every id."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.sent: dict[str, str] = {}
        self.ids: list[str] = []
        self.names: list[list[str]] = []
        self.select = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attributes}
        if "id" in given:
            self.ids.append(given["id"])
        if tag in {"select", "input"} and given.get("name", "").startswith("cell:"):
            self.names.append(given["aria-labelledby"].split())
        if tag == "select":
            self.select = given["name"]
            self.sent[self.select] = ""
        elif tag == "option" and "selected" in given:
            self.sent[self.select] = given["value"]
        elif tag == "input" and given.get("name", "").startswith(("cell:", "was:")):
            self.sent[given["name"]] = given["value"]


def test_an_untouched_grid_posts_no_entry() -> None:
    page = Controls(markup(make_grid()))
    refused = [CellInput("3", "mark", "31", was="")]
    assert read_cells(page.sent) == refused  # shown again with its error, so still to be saved


def test_only_what_was_changed_is_read_with_what_stood_there() -> None:
    page = Controls(markup(make_grid(rows=2)))
    page.sent["cell:1:u1"] = " D "
    page.sent["cell:2:mark"] = ""
    assert read_cells(page.sent) == [CellInput("1", "u1", "D", was="P")]


def test_every_control_is_named_by_its_learner_and_unit() -> None:
    page = Controls(markup(make_grid(rows=3)))
    assert len(page.names) == 8
    for row, column in page.names:
        assert row in page.ids and column in page.ids
    assert len(page.ids) == len(set(page.ids))


def test_a_locked_cell_has_no_control_and_says_why() -> None:
    html = markup(make_grid(rows=2))
    assert "cell:2:u2" not in html and "Claimed already" in html and "Merit" in html


def test_a_read_only_grid_sends_nothing() -> None:
    plain = make_grid()
    html = markup(Grid(plain.id, plain.caption, plain.columns, plain.rows, "", read_only=True))
    assert Controls(html).sent == {} and "Save this page" not in html


def test_a_stored_value_that_is_no_longer_offered_is_kept() -> None:
    grid = Grid("g", "G", [Column("u", "U", choices=[Choice("P", "Pass")])], [Row("1", "A", [Cell("u", "X")])], "/s")
    page = Controls(markup(grid))
    assert page.sent["cell:1:u"] == "X"
    assert read_cells(page.sent) == []


def test_everything_shown_is_escaped() -> None:
    nasty = '"><script>x</script>'
    grid = Grid(
        nasty, nasty,
        [Column("u", nasty, hint=nasty, choices=[Choice(nasty, nasty)]), Column("t", "T", kind="text")],
        [Row("1", nasty, [Cell("u", nasty, note=nasty, error=nasty), Cell("t", nasty)], hint=nasty, url=nasty),
         Row("2", "B", [Cell("u", nasty, locked=True, note=nasty), Cell("t", was=nasty)])],
        nasty,
    )  # fmt: skip
    assert "<script>x" not in markup(grid)
    assert Controls(markup(grid)).sent["cell:1:t"] == nasty


@pytest.mark.parametrize("key", ["", "a b", "a:b"])
def test_a_key_that_would_be_read_back_wrongly_is_refused(key: str) -> None:
    with pytest.raises(ValueError, match="key"):
        Row(key, "A", [])
    with pytest.raises(ValueError, match="key"):
        Column(key, "A")


def test_a_single_cell_and_a_block_are_read() -> None:
    assert read_cells({"row": "1", "column": "u", "value": " P ", "version": "3"}) == [
        CellInput("1", "u", "P", version="3")
    ]
    block = json.dumps([{"row": 1, "column": "u", "value": 7, "version": 2}, {"row": "2", "column": "u", "value": ""}])
    assert read_cells({"cells": block}) == [CellInput("1", "u", "7", version="2"), CellInput("2", "u", "")]


@pytest.mark.parametrize(
    "post",
    [
        {"cells": "{"},
        {"cells": "{}"},
        {"cells": "[1]"},
        {"cells": '[{"row": "1", "column": "u"}]'},
        {"cells": '[{"row": "1", "column": "u", "value": {"a": 1}}]'},
        {"cells": json.dumps([{"row": "1", "column": "u", "value": ""}] * 20_001)},
        {"row": "1", "column": "", "value": "P"},
        {"row": "1"},
        {"cell:1": "P"},
        {"cell::u": "P"},
    ],
)
def test_a_post_that_no_grid_sends_is_refused(post: dict[str, str]) -> None:
    with pytest.raises(GridInputError):
        read_cells(post)


def test_the_answer_has_the_outcome_of_each_entry() -> None:
    answer = json.loads(
        grid_response([
            CellResult("1", "u", "P", 2),
            CellResult("2", "u", "M", 5, "conflict", theirs="D"),
            CellResult("3", "u", "Z", 1, "refused", "Not on the scale"),
        ]).content
    )  # fmt: skip
    assert [cell["status"] for cell in answer["cells"]] == ["saved", "conflict", "refused"]
    assert answer["cells"][1]["theirs"] == "D" and answer["cells"][2]["message"] == "Not on the scale"


def test_only_the_grids_own_script_is_answered_with_json() -> None:
    request = make_request()
    assert wants_json(request) is False
    request.META["HTTP_X_REQUESTED_WITH"] = "portal-grid"
    del request.headers
    assert wants_json(request) is True
