"""The Celery application. Tasks live in each app's `tasks` module and are one line that calls a job with an id."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "marketplace.settings")

app = Celery("onetake")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
