"""WSGI entry point for gunicorn."""

import os

from django.core.wsgi import get_wsgi_application
from django.urls import reverse

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "awarding.settings")
application = get_wsgi_application()
# Loads every address and its view: once, before gunicorn makes its processes, and not in each of them while somebody waits
# for the first page.
reverse("healthz")
