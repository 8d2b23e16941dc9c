"""The floor of a page: a bare view on the same server and database.

Session, user, a count, fifty rows of a plain table, and a template that extends the portal's base template: no tenant,
no row-level security, no permission, no form, no component. `--plain` measures beside a Django project with nothing of
the portal in it, base template and middleware included.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.test import override_settings
from django.urls import URLPattern, URLResolver, path

from awarding.accounts.audience import signed_in
from awarding.urls import urlpatterns as portal_urls

ROWS = 20_000
FOLDER = __file__.rpartition("/")[0] + "/templates"
PLAIN_MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
PLAIN_TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [FOLDER],
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
            "builtins": ["django.templatetags.i18n"],
        },
    }
]
TABLE = f"""
    CREATE TABLE IF NOT EXISTS bench_thing (
        id bigint PRIMARY KEY, number text NOT NULL, name text NOT NULL, title text NOT NULL, state text NOT NULL,
        at timestamptz NOT NULL
    );
    TRUNCATE bench_thing;
    INSERT INTO bench_thing SELECT n, 'AIM-2026-' || lpad(n::text, 6, '0'), 'Centre number ' || n % 400,
        'Level 2 Certificate in Measuring Things ' || n % 300, 'queued', now() - n * interval '1 minute'
    FROM generate_series(1, {ROWS}) n;
"""


class Thing(models.Model):
    """A row to show."""

    number = models.TextField()
    name = models.TextField()
    title = models.TextField()
    state = models.TextField()
    at = models.DateTimeField()

    class Meta:
        app_label = "bench"
        db_table = "bench_thing"
        managed = False
        ordering = ["-id"]


@signed_in
@login_required
def things(request: HttpRequest, other: str = "") -> HttpResponse:
    page = Paginator(Thing.objects.all(), 50).get_page(request.GET.get("page"))
    context = {"heading": "Things", "page_obj": page, "base": settings.BENCH_BASE}
    return render(request, "bench/things.html", context)


urlpatterns: list[URLPattern | URLResolver] = [
    path("bench/", things, name="things"),
    path("bench/<path:other>/", things, name="other"),
    *portal_urls,
]


def same_server() -> Any:
    """The portal as it is, with the bare view added to its addresses and the bench's template to its folders."""
    return override_settings(ROOT_URLCONF=__name__, TEMPLATES=[settings_first()], BENCH_BASE="layouts/base.html")


def settings_first() -> dict[str, Any]:
    """The portal's own template engine with the bench's folder added."""
    first = settings.TEMPLATES[0]
    return first | {"DIRS": [*first["DIRS"], FOLDER]}


def plain_project() -> Any:
    """Plain Django: its own middleware, a base template of the usual parts."""
    return override_settings(
        ROOT_URLCONF=__name__, MIDDLEWARE=PLAIN_MIDDLEWARE, TEMPLATES=PLAIN_TEMPLATES, BENCH_BASE="bench/base.html"
    )
