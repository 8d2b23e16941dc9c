"""The Celery application: the queue through which long work leaves the web process."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "awarding.settings")

app = Celery("awarding")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
