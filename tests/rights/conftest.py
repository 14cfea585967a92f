"""Tracks that were really registered, and a buyer who owns one."""

from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from random import Random
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client
from django.utils import timezone

from accounts.models import Company
from generator.engine.originality.fingerprint import Fingerprint
from generator.engine.originality.labelled import VARIATIONS, draw_melody
from marketplace.catalog.models import Track
from marketplace.catalog.services import lock_family, mark_family_sold, publish_track
from marketplace.rights.services import NewFile, assign_copyright_id, register_track, transfer_ownership

WAV = b"RIFF" + bytes(range(256)) * 8


def tune_fingerprint(seed: int, *, vary: str = "") -> Fingerprint:
    """Of a melody drawn from the seed, or of a variant of it (see `labelled.VARIATIONS`)."""
    line = draw_melody(seed)
    line = VARIATIONS[vary](line, Random(seed)) if vary else line
    return Fingerprint(digest=sha256(repr(line).encode()).hexdigest(), lines=(line,))


@pytest.fixture
def facts(db) -> dict[str, Any]:
    return {
        "copyright_id": assign_copyright_id(reference="job 1"),
        "title": "Quiet Harbour",
        "style": "pop",
        "mood": "calm",
        "key": "C major",
        "metre": "4/4",
        "tempo": 96.0,
        "seconds": 30.0,
        "instruments": ["piano", "violin"],
        "seed": 7,
        "recipe": {"engine": "1"},
        "fingerprint": tune_fingerprint(1),
        "peaks": [[-40, 40]] * 8,
    }


@pytest.fixture
def files(tmp_path: Path) -> list[NewFile]:
    contents = {
        "preview.mp3": ("audio/mpeg", b"ID3" + bytes(100)),
        "track.wav": ("audio/wav", WAV),
        "parts/piano.mid": ("audio/midi", b"MThd" + bytes(20)),
    }
    made = []
    for name, (content_type, content) in contents.items():
        path = tmp_path / name.replace("/", "-")
        path.write_bytes(content)
        made.append(NewFile(name=name, path=path, content_type=content_type, is_preview=name == "preview.mp3"))
    return made


@pytest.fixture
def sell() -> Callable[..., None]:
    """A sale as payments perform it: one transaction, the family locked."""

    def act(*, track: Track, owner: Any, reference: str = "order 1") -> None:
        with transaction.atomic():
            family = lock_family(family_id=track.family_id)
            mark_family_sold(family=family)
            transfer_ownership(track=track, owner=owner, reference=reference)

    return act


@pytest.fixture
def sale(make_user, facts, files, sell) -> SimpleNamespace:
    """`maker` made and published `track`, `owner` bought it, `teammate` is the owner's, `outsider` is nobody."""
    maker, owner, outsider = make_user(), make_user(), make_user()
    company = owner.memberships.get().company
    track = register_track(company=maker.memberships.get().company, files=files, **facts)
    publish_track(track=track)
    sell(track=track, owner=company)
    return SimpleNamespace(
        track=track,
        maker=maker,
        owner=owner,
        company=company,
        teammate=make_user(company=company),
        outsider=outsider,
        sold_at=timezone.now(),
    )


@pytest.fixture
def companies(db) -> list[Company]:
    return [Company.objects.create(name=name) for name in ("First", "Second")]


def drop(client: Client, content: bytes, name: str = "file.bin") -> tuple[int, str]:
    response = client.post("/verify/file/", {"file": SimpleUploadedFile(name, content)})
    return response.status_code, " ".join(response.content.decode().split())
