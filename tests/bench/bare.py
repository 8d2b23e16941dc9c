"""The floor of a page: what any Django page of this kind costs, with nothing of the portal's own.

Session, user, a count, fifty rows of a table, and a template that extends a base template of the usual parts. Plain
Django middleware, no tenant, no row-level security, no permissions.
"""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path

ROWS = 20_000
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [__file__.rpartition("/")[0] + "/templates"],
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


@login_required
def things(request: HttpRequest) -> HttpResponse:
    page = Paginator(Thing.objects.all(), 50).get_page(request.GET.get("page"))
    return render(request, "bench/things.html", {"heading": "Things", "page_obj": page})


urlpatterns = [path("things/", things, name="things"), path("<path:other>", things, name="other")]
