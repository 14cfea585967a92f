"""How many jobs a company may have: both are asked under the lock on its row."""

from django.conf import settings
from django.db.models import Q

from accounts.models import Company
from generator.models import GenerationJob
from marketplace.errors import PermissionRefusedError, TooManyRequestsError


def refuse_second_visit(company: Company) -> None:
    made = company.generation_jobs.filter(Q(status__in=GenerationJob.ACTIVE) | Q(track__isnull=False))
    if not company.is_claimed and made.exists():
        message = "You have made your first track. Register to make more: it stays yours, nothing is lost."
        raise PermissionRefusedError(message, code="registration_required")


def refuse_crowd(company: Company) -> None:
    limit = settings.GENERATION_MAX_ACTIVE_PER_COMPANY
    if company.generation_jobs.filter(status__in=GenerationJob.ACTIVE, track=None).count() >= limit:
        message = f"Your company has {limit} tracks in the making already. Wait for one to finish, or cancel one."
        raise TooManyRequestsError(message, code="too_many_jobs", extra={"retry_after": 10})
