"""`manage.py create_token EMAIL`: an API token, printed as the last word."""

import secrets
from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.forms import TOKEN_DAYS
from accounts.models import Membership, User
from accounts.queries import membership_of
from accounts.services import issue_token, register_user
from marketplace.errors import AppError


class Command(BaseCommand):
    help = "Create an API token. Under local settings an unknown user is created with a company of their own."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--name", default="command line", help="what the token is for")
        parser.add_argument("--days", type=int, help="days until it expires (without: never)")

    def handle(self, *, email: str, name: str, days: int | None, **options: Any) -> None:
        if days is not None and not 1 <= days <= TOKEN_DAYS:
            raise CommandError(f"--days {days}: give 1 to {TOKEN_DAYS} days.")
        expires_at = timezone.now() + timedelta(days=days) if days else None
        try:
            membership = _find_or_create_membership(email)
            _, text = issue_token(user=membership.user, company=membership.company, name=name, expires_at=expires_at)
        except AppError as error:
            faults = [message for messages in error.fields.values() for message in messages]
            raise CommandError(" ".join(faults) or error.message) from error
        self.stdout.write(f"Token for {membership.user} at {membership.company}: {text}")


def _find_or_create_membership(email: str) -> Membership:
    user = User.objects.filter(email__iexact=email).first()
    if user is None and settings.ENVIRONMENT == "local":
        # Nobody knows this password: the person logs in after a reset, if ever.
        user = register_user(email=email, password=secrets.token_urlsafe(24), company_name=f"Company of {email}"[:120])
    if user is None:
        raise CommandError(f"There is no user {email}. Register at {settings.SITE_URL}/accounts/register/ first.")
    membership = membership_of(user)
    if membership is None:
        raise CommandError(f"{email} belongs to no company. Add a membership in the administration first.")
    return membership
