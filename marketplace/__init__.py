"""The site: settings, URLs, Celery, and the two apps that hold the catalogue and the rights."""

from marketplace.celery import app as celery_app

__all__ = ["celery_app"]
