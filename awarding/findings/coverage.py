"""Which rule is enforced where, and which test proves it: read from the files themselves.

Enforced is a rule that code outside ``tests`` names where it acts: a string in Python (a finding's rule, a docstring
of the function or class that enforces it) or a word in a template or YAML file. Comments and module docstrings only
talk about a rule. Proved is a rule that the name or the docstring of a test function or class carries. The catalogue,
this app and the frameworks' own lists do not count: they hold every id whether anything is checked or not.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from awarding.findings.catalogue import Catalogue, catalogue

_SKIPPED_FOLDERS = {"node_modules", "__pycache__", "docs", "var", "build", "dist", "static", "staticfiles", "locale"}
_NOT_ENFORCEMENT = ("awarding/findings/", "awarding/frameworks/data/", "templates/findings/")


@dataclass
class Coverage:
    """Places are ``path:line``, relative to the root, in the order of the files."""

    rules: list[str]
    enforced: dict[str, list[str]] = field(default_factory=dict)
    proved: dict[str, list[str]] = field(default_factory=dict)
    # Looks like a rule of a known area, but the catalogue has no such id: most likely a slip.
    unknown: dict[str, list[str]] = field(default_factory=dict)

    @property
    def missing(self) -> list[str]:
        """Enforced but not proved, in the order of the catalogue."""
        return [rule for rule in self.rules if rule in self.enforced and rule not in self.proved]

    def summary(self) -> dict[str, int | list[str]]:
        return {
            "rules": len(self.rules),
            "enforced": len(self.enforced),
            "proved": len(self.proved),
            "missing": self.missing,
        }


def scan_coverage(root: Path, rules: Catalogue | None = None) -> Coverage:
    """Read every .py, .yaml, .yml and .html file below ``root`` (hidden and generated folders apart)."""
    known = rules or catalogue()
    found = Coverage(list(known.rules))
    areas = "|".join(known.areas)
    written = re.compile(rf"\b(?:{areas})-\d\d\b")
    named = re.compile(rf"(?<![a-z0-9])({areas.lower()})_(\d\d)(?![0-9])")
    for path in _files(root):
        place = path.relative_to(root).as_posix()
        text = path.read_text(encoding="utf-8", errors="replace")
        if "tests" in path.relative_to(root).parts[:-1]:
            mentions = _proofs(text, place, written, named) if path.suffix == ".py" else iter(())
            _note(mentions, found.proved, found)
        elif not place.startswith(_NOT_ENFORCEMENT):
            _note(_enforcements(text, place, path.suffix, written), found.enforced, found)
    return found


def _files(root: Path) -> Iterator[Path]:
    for path in sorted(root.iterdir()):
        if path.name.startswith(".") or path.is_symlink():
            continue
        if path.is_dir():
            if path.name not in _SKIPPED_FOLDERS:
                yield from _files(path)
        elif path.suffix in {".py", ".yaml", ".yml", ".html"}:
            yield path


def _note(mentions: Iterator[tuple[str, str]], places: dict[str, list[str]], found: Coverage) -> None:
    for rule_id, place in mentions:
        target = places if rule_id in found.rules else found.unknown
        noted = target.setdefault(rule_id, [])
        if place not in noted:
            noted.append(place)


def _enforcements(text: str, place: str, suffix: str, written: re.Pattern[str]) -> Iterator[tuple[str, str]]:
    if suffix != ".py":
        for number, line in enumerate(text.splitlines(), start=1):
            for match in written.finditer(line):
                yield match[0], f"{place}:{number}"
        return
    tree = _parsed(text)
    talk = _module_docstring(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node is not talk:
            for match in written.finditer(node.value):
                yield match[0], f"{place}:{node.lineno}"


def _proofs(text: str, place: str, written: re.Pattern[str], named: re.Pattern[str]) -> Iterator[tuple[str, str]]:
    for node in ast.walk(_parsed(text)):
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            continue
        if not node.name.lower().startswith("test"):
            continue
        for area, number in named.findall(node.name):
            yield f"{area.upper()}-{number}", f"{place}:{node.lineno}"
        for match in written.finditer(ast.get_docstring(node) or ""):
            yield match[0], f"{place}:{node.lineno}"


def _parsed(text: str) -> ast.Module:
    try:
        return ast.parse(text)
    except SyntaxError:
        # A file in the middle of an edit proves and enforces nothing; the linter is the one to complain.
        return ast.Module(body=[], type_ignores=[])


def _module_docstring(tree: ast.Module) -> ast.expr | None:
    first = tree.body[0] if tree.body else None
    return first.value if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) else None
