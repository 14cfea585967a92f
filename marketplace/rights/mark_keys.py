"""The secrets behind the inaudible mark. Whoever has one can find, and strip, every mark made with it.

`MARK_KEY` lists them, oldest first: a secret, then for each later one the time from which it is used, such as
`2027-01-01T00:00:00Z=…`. A track is marked under the key of its own time, so a pack that is built again after a change
of keys has the same bytes; the detector tries them all. Without `MARK_KEY` the list is a file, made when first needed.
"""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from generator.engine.audio.marking.embedding import Mark
from marketplace.rights.chain import write_time
from marketplace.rights.copyright_id import number_copyright_id
from marketplace.rights.private_files import write_private_file

_SHORTEST = 32
_PURPOSE = b"onetake mark"


@dataclass(frozen=True, slots=True)
class MarkKey:
    since: datetime
    key: bytes


def make_mark(copyright_id: str, *, made_at: datetime) -> Mark:
    """What goes into the full files of a track that was made then."""
    in_time = [each.key for each in list_mark_keys() if each.since <= made_at]
    return Mark(key=(in_time or [list_mark_keys()[0].key])[-1], number=number_copyright_id(copyright_id))


def list_mark_keys() -> list[MarkKey]:
    """Every key, oldest first. Read anew each time: keys are added while we run."""
    return [_read_entry(entry) for entry in settings.MARK_KEYS or _read_key_file(settings.MARK_KEY_PATH)]


def add_mark_key(*, at: datetime) -> None:
    """A fresh key, in use from then on, at the end of the file. The others stay: their marks are out there."""
    entries = [*_read_key_file(settings.MARK_KEY_PATH), f"{write_time(at)}={secrets.token_hex(_SHORTEST)}"]
    write_private_file(settings.MARK_KEY_PATH, _join_entries(entries), replace=True)


def _read_entry(entry: str) -> MarkKey:
    since, _, secret = entry.rpartition("=")
    if len(secret) < _SHORTEST:
        raise ImproperlyConfigured(f"MARK_KEY: a secret has {len(secret)} characters. Use {_SHORTEST} or more.")
    try:
        time = datetime.fromisoformat(since) if since else datetime.min.replace(tzinfo=UTC)
    except ValueError as error:
        raise ImproperlyConfigured(
            f"MARK_KEY: {since!r} is no time. Write it as 2027-01-01T00:00:00Z=SECRET."
        ) from error
    if time.tzinfo is None:
        raise ImproperlyConfigured(f"MARK_KEY: {since!r} has no time zone. Write it as 2027-01-01T00:00:00Z=SECRET.")
    return MarkKey(since=time, key=hmac.digest(secret.encode(), _PURPOSE, hashlib.sha256))


def _read_key_file(path: Path) -> list[str]:
    if not path.exists():
        write_private_file(path, _join_entries([secrets.token_hex(_SHORTEST)]), replace=False)
    return path.read_text().split()


def _join_entries(entries: list[str]) -> bytes:
    return ("\n".join(entries) + "\n").encode()
