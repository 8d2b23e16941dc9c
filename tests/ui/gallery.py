"""One page with every component on it, and invented things to show on it. Used by the tests of this folder only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from django import forms
from django.conf import settings
from django.contrib.messages.storage.fallback import FallbackStorage
from django.core.paginator import Paginator
from django.http import HttpRequest
from django.template.backends.django import DjangoTemplates
from django.test import RequestFactory

from awarding.accounts.navigation import Link, Navigation
from awarding.findings.finding import Finding, Severity
from awarding.ui.charts import Bar, BarChart
from awarding.ui.forms import DateField, HintedRadios, PortalForm, UploadField
from awarding.ui.grid import Cell, Choice, Column, Grid, Row
from tests.ui.chart_examples import interval_example, share_example

TEMPLATES = Path(__file__).parent / "templates"
# The project's templates without its own context processors: here nobody is really signed in and no row is read.
ENGINE = DjangoTemplates({
    "NAME": "gallery",
    "DIRS": [*settings.TEMPLATES[0]["DIRS"], TEMPLATES],
    "APP_DIRS": True,
    "OPTIONS": {
        "builtins": settings.TEMPLATES[0]["OPTIONS"]["builtins"],
        "context_processors": [
            "django.template.context_processors.request",
            "django.contrib.auth.context_processors.auth",
            "django.contrib.messages.context_processors.messages",
            "django.template.context_processors.i18n",
        ],
    },
})  # fmt: skip
GRADES = (Choice("P", "Pass"), Choice("M", "Merit"), Choice("D", "Distinction"))


@dataclass(frozen=True)
class Person:
    """As much of a user as the layouts look at."""

    pk: int = 7
    name: str = "Amina O’Neill"
    is_authenticated: bool = True

    def __str__(self) -> str:
        return self.name


class EverythingForm(PortalForm):
    title = forms.CharField(label="Title of the request", help_text="As it should stand in the letter", max_length=60)
    reason = forms.CharField(label="Reason", widget=forms.Textarea, max_length=500)
    outcome = forms.ChoiceField(
        label="Decision",
        choices=[("sufficient", "Sufficient"), ("insufficient", "Insufficient")],
        widget=HintedRadios(hints={"sufficient": "The sample is asked for and the claim goes to its verifier."}),
    )
    evidence = forms.MultipleChoiceField(
        label="Evidence to hand",
        choices=[("work", "Learner’s work"), ("record", "Assessment record")],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    unit = forms.ChoiceField(label="Unit", choices=[("", "Choose"), ("a", "Unit 1"), ("b", "Unit 2")])
    taught_until = DateField(label="Taught until", help_text="For example, 27 3 2021")
    password = forms.CharField(label="Password", widget=forms.PasswordInput)
    workbook = UploadField(label="Workbook", kinds=(".xlsx", ".csv"), required=False)
    agreed = forms.BooleanField(label="I have read the statement")


def make_request(path: str = "/ao/example/claims/", user: Any = None, **query: str) -> HttpRequest:
    """A request with what the layouts' context processors need."""
    request = RequestFactory().get(path, query)
    request.user = user if user is not None else Person()
    request.session = {}
    request._messages = FallbackStorage(request)
    return request


def render_page(template: str, context: dict[str, Any], request: HttpRequest | None = None) -> str:
    """The HTML of a template of this folder, inside the real layouts."""
    return ENGINE.get_template(template).render(
        {"service_name": "Awarding portal"} | context, request or make_request()
    )


def show(source: str, request: HttpRequest | None = None, **context: Any) -> str:
    """What a piece of template becomes."""
    return ENGINE.from_string(source).render(context, request or make_request())


def make_grid(rows: int = 6, save_url: str = "/save") -> Grid:
    """Learners by three units: two drop-downs and a number; one cell locked, one refused."""
    columns = (
        Column("u1", "Unit 1: Principles", hint="L/601/7282", choices=GRADES),
        Column("u2", "Unit 2: Practice", choices=GRADES),
        Column("mark", "Mark", kind="number"),
    )
    made = []
    for number in range(1, rows + 1):
        cells = [
            Cell("u1", "P" if number % 2 else "", version=1),
            Cell("u2", "M", locked=True, note="Claimed already") if number == 2 else Cell("u2", "", version=1),
            Cell("mark", "31", error="At most 30", was="", version=1) if number == 3 else Cell("mark", "", version=1),
        ]
        made.append(Row(str(number), f"Learner {number}", cells, hint=f"100010250{number}"))
    return Grid("eRAC-1", "Grades by learner and unit", columns, made, save_url)


def gallery_context() -> dict[str, Any]:
    """Everything at once, with a form full of mistakes."""
    claims = [
        SimpleNamespace(
            number=f"ERAC-{n:05d}",
            qan="60171595",
            centre="Hillside College",
            state=state,
            colour=colour,
            when=date(2020, 6, n + 1),
        )
        for n, (state, colour) in enumerate(
            [("Submitted", "blue"), ("Sufficient", "green"), ("Returned", "orange")] * 4
        )
    ]
    return {
        "heading": "Claim ERAC-00012",
        "ao": SimpleNamespace(name="Example Awards", slug="example"),
        "demo": True,
        "unread_notices": 3,
        "organisations": [
            SimpleNamespace(label="Example Awards", url="#", current=True),
            SimpleNamespace(label="Another Board", url="#", current=False),
        ],
        "navigation": Navigation(
            [Link("Claims", "/ao/example/claims/", True), Link("Learners", "#", False)],
            [("What applies", [Link("Qualifications", "#", False)])],
        ),
        "breadcrumbs": [("Hillside College", "#"), ("Claims", "#")],
        "turn": {
            "state": "With the panel",
            "colour": "blue",
            "holder": "Special considerations panel",
            "since": date(2020, 6, 3),
            "next": "A verifier is allocated",
            "due": date(2020, 6, 17),
        },
        "findings": [
            Finding("CLM-06", Severity.WARNS, "Ada Byron", "Two of six components are complete.", "Add evidence."),
            Finding("MIT-07", Severity.BLOCKS, "Row 12", "The learner is not registered.", "Register the learner."),
        ],
        "summary": [
            ("Qualification", "601/7159/5"),
            {"key": "Centre", "value": "Hillside College", "actions": [{"text": "Change", "url": "#"}]},
        ],
        "tasks": [
            {"title": "Grid", "url": "#", "hint": "12 learners", "status": "Done"},
            {"title": "Checklist", "url": "#", "status": "Begun", "colour": "blue"},
            {"title": "Declaration", "status": "Cannot start yet"},
        ],
        "page_obj": Paginator(claims, 3).page(2),
        "chart": BarChart(
            "Claims by state", [Bar("Submitted", 41), Bar("With the panel", 17, "#"), Bar("Held", 0)], "State", "Claims"
        ),
        "intervals": interval_example(),
        "shares": share_example(),
        "events": [
            {
                "what": "Submitted",
                "who": "Amina O’Neill",
                "when": datetime(2020, 6, 3, 13, 5, tzinfo=UTC),
                "reason": "",
            },
            {
                "what": "Returned",
                "who": "Panel",
                "when": datetime(2020, 6, 2, 9, 0, tzinfo=UTC),
                "reason": "Unit 2 missing",
            },
        ],
        "form": EverythingForm({"taught_until-day": "27", "title": ""}, {}),
        "grid": make_grid(),
    }
