"""What every test may lean on: people, companies, clients and a track that is on sale."""

import hashlib
import itertools
import logging
import socket
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, settings
from pytest_socket import enable_socket, socket_allow_hosts
from rest_framework.test import APIClient

from accounts.models import Company, Membership, User
from accounts.services import issue_token
from marketplace.catalog.models import Track, TrackFamily, TrackFile
from marketplace.rights.copyright_id import make_copyright_id

# A loaded machine is slow: how long hypothesis takes to draw says nothing about the code.
settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")

OURS = ("accounts", "generator", "marketplace", "payments")
PASSWORD = "correct horse battery"
_NUMBERS = itertools.count(1)


@pytest.fixture(autouse=True)
def only_loopback() -> Iterator[None]:
    """A test that reaches outside this machine is wrong."""
    socket_allow_hosts(["127.0.0.1", "::1"], allow_unix_socket=True)
    yield
    enable_socket()


@pytest.fixture(autouse=True)
def empty_cache() -> None:
    """Rate limits of one test do not reach the next."""
    cache.clear()


@pytest.fixture(autouse=True)
def our_loggers_stay_awake() -> Iterator[None]:
    """A library that configures logging anew disables ours, and alerts of later tests would go unheard."""
    yield
    loggers = logging.Logger.manager.loggerDict.items()
    assert [name for name, logger in loggers if name.startswith(OURS) and getattr(logger, "disabled", False)] == []


@pytest.fixture
def silent_mail_server(settings: Any) -> Iterator[None]:
    """It accepts whoever calls, and says nothing. Our patience with it is a fiftieth of what it is in earnest."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = server.getsockname()
        settings.EMAIL_TIMEOUT /= 50
        yield


@pytest.fixture
def make_user(db: None) -> Callable[..., User]:
    """A user who owns a company of their own, or joins `company`."""

    def make(
        email: str | None = None, *, company: Company | None = None, role: str | None = None, **fields: Any
    ) -> User:
        email = email or f"person{next(_NUMBERS)}@example.com"
        user = User.objects.create_user(email, PASSWORD, **fields)
        joined = company or Company.objects.create(name=f"Company of {email}")
        Membership.objects.create(
            user=user, company=joined, role=role or (Membership.Role.MEMBER if company else Membership.Role.OWNER)
        )
        return user

    return make


@pytest.fixture
def client_for() -> Callable[[User], Client]:
    """A logged-in browser."""

    def make(user: User) -> Client:
        client = Client()
        client.force_login(user)
        return client

    return make


@pytest.fixture
def api_for() -> Callable[[User], APIClient]:
    """A program that carries the user's token."""

    def make(user: User) -> APIClient:
        membership = user.memberships.select_related("company").get()
        _, token = issue_token(user=user, company=membership.company, name="test")
        client = APIClient()
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
        return client

    return make


@pytest.fixture
def make_track(db: None) -> Callable[..., Track]:
    """A track on public sale by a house company, with small files in storage; `draft=True` is in first refusal."""

    def make(*, company: Company | None = None, draft: bool = False, **fields: Any) -> Track:
        number = next(_NUMBERS)
        owner = company or Company.objects.get_or_create(name="House")[0]
        values = {
            "copyright_id": make_copyright_id(year=26),
            "title": f"Quiet Harbour {number}",
            "style": "pop",
            "mood": "calm",
            "key": "C major",
            "metre": "4/4",
            "tempo": 96.0,
            "seconds": 30,
            "instruments": ["piano", "violin"],
            "seed": number,
            "score_digest": hashlib.sha256(str(number).encode()).hexdigest(),
            "peaks": [[-40, 40]] * 32,
            "price_amount": 24_900,
            "price_currency": "eur",
            "first_refusal_until": timezone.now() + timedelta(hours=24 if draft else -1),
        }
        track = Track.objects.create(family=TrackFamily.objects.create(), company=owner, **(values | fields))
        for name, content, kind, is_preview in _FILES:
            stored = default_storage.save(f"tracks/{track.pk}/{name}", ContentFile(content))
            TrackFile.objects.create(
                track=track,
                name=name,
                storage_name=stored,
                content_type=kind,
                size=len(content),
                sha256=hashlib.sha256(content).hexdigest(),
                is_preview=is_preview,
            )
        return track

    return make


_FILES = (
    ("preview.mp3", bytes(range(256)) * 40, "audio/mpeg", True),
    ("track.wav", b"RIFF" + bytes(range(256)) * 80, "audio/wav", False),
    ("track.mid", b"MThd" + bytes(64), "audio/midi", False),
    ("parts/piano.mid", b"MThd" + bytes(32), "audio/midi", False),
)
