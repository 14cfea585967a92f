"""The site's settings, with a faster beat: what takes minutes in earnest takes seconds in a drill."""

from datetime import timedelta

from django.core.exceptions import ImproperlyConfigured

from marketplace import env
from marketplace.settings import *  # noqa: F403  the site as it is, but for what follows
from marketplace.settings import CELERY_BEAT_SCHEDULE, INSTALLED_APPS, IS_PRODUCTION

if IS_PRODUCTION:
    raise ImproperlyConfigured("marketplace.drill.settings can switch guards off: they are not for production.")

INSTALLED_APPS = [*INSTALLED_APPS, "marketplace.drill"]

DRILL_PATIENCE = timedelta(seconds=4)
DRILL_RECONCILES = env.read_bool("DRILL_RECONCILES", default=True)
DRILL_DEDUPLICATES = env.read_bool("DRILL_DEDUPLICATES", default=True)

_SECONDS = {"payments-reconcile": 3.0, "payments-look-for-returns": 10.0} if DRILL_RECONCILES else {}
CELERY_BEAT_SCHEDULE = {name: CELERY_BEAT_SCHEDULE[name] | {"schedule": every} for name, every in _SECONDS.items()}
