"""`manage.py migrate`, one at a time: several hosts may start together, and Django itself takes no lock."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.management.commands import migrate
from django.db import connections

LOCK = 0x0E7A_4E01
"""Any number that nothing else takes an advisory lock by in the same database."""


class Command(migrate.Command):
    def handle(self, *args: Any, **options: Any) -> None:
        with _locked(options["database"]):
            super().handle(*args, **options)


@contextmanager
def _locked(alias: str) -> Iterator[None]:
    """Waits for whoever migrates the database now. SQLite has one writer, on the one host that has the file."""
    connection = connections[alias]
    if connection.vendor != "postgresql":
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])
