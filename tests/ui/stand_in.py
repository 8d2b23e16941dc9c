"""A stand-in server for the browser tests: real templates, styles and scripts; a store of cells in memory.

It can be told to be slow, to be down, or that nobody is signed in, which a real server does only by accident.
"""

from __future__ import annotations

import json
import mimetypes
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qsl

from django.contrib import messages
from django.contrib.staticfiles import finders
from django.template.loader import render_to_string

from awarding.ui.colour import brand_palette
from awarding.ui.grid import CellResult, GridInputError, grid_response, read_cells
from tests.ui import gallery

POLICY = "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; object-src 'none'"


class StandIn:
    """Cells by (row, column): value and version. `mode` is "up", "down" (503) or "signed out"."""

    def __init__(self) -> None:
        self.cells: dict[tuple[str, str], tuple[str, int]] = {}
        self.mode = "up"
        self.user = gallery.Person()
        self.posts: list[dict[str, Any]] = []
        self.answered: dict[str, str] = {}
        self.lose_next_answer = False
        self.url = ""

    def grid(self) -> Any:
        plain = gallery.make_grid(rows=6)
        rows = []
        for row in plain.rows:
            cells = []
            for cell in row.cells:
                value, version = self.cells.get((row.key, cell.key), (cell.value, 1))
                if cell.locked or cell.error:
                    cells.append(cell)
                else:
                    cells.append(gallery.Cell(cell.key, value, version=version))
            rows.append(gallery.Row(row.key, row.label, cells))
        return gallery.Grid(plain.id, plain.caption, plain.columns, rows, plain.save_url)

    def save(self, post: dict[str, str], key: str) -> tuple[int, str]:
        """The status and JSON for a post of grid.js; repeats its answer to a repeated key."""
        if key in self.answered:
            return 200, self.answered[key]
        try:
            entries = read_cells(post)
        except GridInputError as problem:
            return 400, json.dumps({"message": str(problem)})
        results = []
        for entry in entries:
            stored, version = self.cells.get((entry.row, entry.column), ("", 1))
            if entry.version is not None and entry.version != str(version):
                results.append(CellResult(entry.row, entry.column, entry.value, version, "conflict", "", stored))
            elif entry.column == "mark" and entry.value and not entry.value.isdecimal():
                message = f"“{entry.value}” is not a number"
                results.append(CellResult(entry.row, entry.column, entry.value, version, "refused", message))
            else:
                self.cells[entry.row, entry.column] = (entry.value, version + 1)
                results.append(CellResult(entry.row, entry.column, entry.value, version + 1))
        answer = grid_response(results).content.decode()
        self.answered[key] = answer
        return 200, answer

    def page(self, path: str) -> str:
        if self.mode == "signed out":
            request = gallery.make_request("/sign-in", user=SimpleNamespace(is_authenticated=False, pk=None))
            return gallery.render_page("grid_page.html", {"heading": "Sign in"}, request)
        request = gallery.make_request(path, user=self.user)
        if path == "/gallery":
            messages.success(request, "The claim was saved.")
            return gallery.render_page("gallery.html", gallery.gallery_context(), request)
        return gallery.render_page("grid_page.html", {"grid": self.grid(), "heading": "Grades"}, request)


class _Handler(BaseHTTPRequestHandler):
    stand_in: StandIn

    def log_message(self, *arguments: Any) -> None:
        """Quiet: the tests say what went wrong."""

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        if path.startswith("/static/"):
            found = finders.find(path[8:])
            if found is None:
                return self._answer(404, "", "text/plain")
            kind = "text/javascript" if path.endswith(".js") else mimetypes.guess_type(path)[0] or "text/plain"
            return self._answer(200, Path(found).read_text(), kind)
        if path.endswith("brand.css"):
            palette = brand_palette("#7a2048")
            return self._answer(200, render_to_string("layouts/brand.css", {"palette": palette}), "text/css")
        if self.stand_in.mode == "down":
            return self._answer(503, "down", "text/plain")
        return self._answer(200, self.stand_in.page(path), "text/html; charset=utf-8")

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        post = dict(parse_qsl(body, keep_blank_values=True))
        stand_in = self.stand_in
        if stand_in.mode == "down":
            return self._answer(503, "down", "text/plain")
        if stand_in.mode == "signed out":
            return self._answer(401, "{}", "application/json")
        key = self.headers.get("Idempotency-Key", "")
        stand_in.posts.append(post | {"key": key})
        if self.headers.get("X-Requested-With") != "portal-grid":
            for entry in read_cells(post):
                stand_in.cells[entry.row, entry.column] = (entry.value, 2)
            return self._answer(200, stand_in.page("/grid"), "text/html; charset=utf-8")
        status, answer = stand_in.save(post, key)
        if stand_in.lose_next_answer:
            stand_in.lose_next_answer = False
            return self._answer(502, "lost", "text/plain")
        return self._answer(status, answer, "application/json")

    def _answer(self, status: int, content: str, kind: str) -> None:
        data = content.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.send_header("Content-Security-Policy", POLICY)
        self.end_headers()
        self.wfile.write(data)


@contextmanager
def running() -> Iterator[StandIn]:
    """A stand-in at a free port of this machine for as long as the block lasts."""
    stand_in = StandIn()
    handler = type("Handler", (_Handler,), {"stand_in": stand_in})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    stand_in.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield stand_in
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
