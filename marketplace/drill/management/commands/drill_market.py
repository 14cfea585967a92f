"""In the drill's database: buyers who are logged in and tracks on sale, told as JSON."""

import hashlib
import json
import secrets
from typing import Any

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.core.management.base import BaseCommand, CommandParser
from django.db import transaction

from accounts.models import Company, User
from accounts.services import register_user
from marketplace.catalog.services import create_track, publish_track
from marketplace.rights.services import assign_copyright_id


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--buyers", type=int, required=True)
        parser.add_argument("--tracks", type=int, required=True)

    @transaction.atomic
    def handle(self, *, buyers: int, tracks: int, **options: Any) -> None:
        house = Company.objects.create(name="House")
        market = {
            "sessions": [_log_in(number) for number in range(buyers)],
            "tracks": [_offer(house, number) for number in range(tracks)],
        }
        self.stdout.write(json.dumps(market))


def _log_in(number: int) -> str:
    """The session key of a new buyer."""
    password = secrets.token_urlsafe(24)
    user: User = register_user(email=f"buyer{number}@example.com", password=password, company_name=f"Buyer {number}")
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    return str(session.session_key)


def _offer(house: Company, number: int) -> str:
    track = create_track(
        company=house,
        copyright_id=assign_copyright_id(reference=f"drill {number}"),
        score_digest=hashlib.sha256(f"drill {number}".encode()).hexdigest(),
        title=f"Drill {number}",
        style="pop",
        mood="calm",
        key="C major",
        metre="4/4",
        tempo=96.0,
        seconds=30,
        instruments=["piano"],
        seed=number,
        recipe={},
        peaks=[[-40, 40]] * 32,
    )
    return str(publish_track(track=track).pk)
