"""Stripe's objects as JSON documents in one SQLite file, so that a restart forgets nothing."""

import json
import secrets
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

Document = dict[str, Any]
"""Keys that start with an underscore are the sandbox's own and never leave it. At `_due` time changes the document."""

_SCHEMA = """
CREATE TABLE IF NOT EXISTS objects (id TEXT PRIMARY KEY, kind TEXT NOT NULL, due REAL, data TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS objects_by_kind ON objects (kind);
CREATE INDEX IF NOT EXISTS objects_by_due ON objects (due);
CREATE TABLE IF NOT EXISTS dated_replies (
    key TEXT PRIMARY KEY, fingerprint TEXT NOT NULL, status INTEGER NOT NULL, body TEXT NOT NULL, kept_at REAL NOT NULL
);
CREATE TABLE IF NOT EXISTS deliveries (event TEXT PRIMARY KEY, attempts INTEGER NOT NULL, due REAL NOT NULL);
"""
_UPSERT = """
INSERT INTO objects VALUES (?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET due = excluded.due, data = excluded.data
"""


class Store:
    """One connection under one lock: requests are short, and a sandbox serves one developer."""

    def __init__(self, path: str = ":memory:") -> None:
        self._lock = threading.RLock()
        self._database = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._database.executescript(_SCHEMA)

    def close(self) -> None:
        with self._lock:
            self._database.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing, also for a process that is killed in the middle. Transactions do not nest."""
        with self._lock:
            self._database.execute("BEGIN")
            try:
                yield
            except BaseException:
                self._database.execute("ROLLBACK")
                raise
            self._database.execute("COMMIT")

    def put(self, document: Document) -> Document:
        values = (document["id"], document["object"], document.get("_due"), json.dumps(document))
        self._execute(_UPSERT, values)
        return document

    def get(self, object_id: str) -> Document | None:
        row = self._execute("SELECT data FROM objects WHERE id = ?", (object_id,)).fetchone()
        return json.loads(row[0]) if row else None

    def list_kind(self, kind: str) -> list[Document]:
        """Newest first, as Stripe lists."""
        rows = self._execute("SELECT data FROM objects WHERE kind = ? ORDER BY rowid DESC", (kind,)).fetchall()
        return [json.loads(row[0]) for row in rows]

    def list_due(self, kind: str, now: float) -> list[Document]:
        query = "SELECT data FROM objects WHERE kind = ? AND due <= ? ORDER BY due, rowid"
        return [json.loads(row[0]) for row in self._execute(query, (kind, now)).fetchall()]

    def get_reply(self, key: str, *, since: float) -> tuple[str, int, str] | None:
        query = "SELECT fingerprint, status, body FROM dated_replies WHERE key = ? AND kept_at > ?"
        row: tuple[str, int, str] | None = self._execute(query, (key, since)).fetchone()
        return row

    def put_reply(self, key: str, *, fingerprint: str, status: int, body: str, now: float) -> None:
        """In the place of one that is out of date."""
        self._execute(
            "INSERT OR REPLACE INTO dated_replies VALUES (?, ?, ?, ?, ?)", (key, fingerprint, status, body, now)
        )

    def schedule(self, event_id: str, *, attempts: int, due: float) -> None:
        self._execute("INSERT OR REPLACE INTO deliveries VALUES (?, ?, ?)", (event_id, attempts, due))

    def unschedule(self, event_id: str) -> None:
        self._execute("DELETE FROM deliveries WHERE event = ?", (event_id,))

    def due_deliveries(self, now: float) -> list[tuple[str, int]]:
        query = "SELECT event, attempts FROM deliveries WHERE due <= ? ORDER BY rowid"
        return list(self._execute(query, (now,)).fetchall())

    def _execute(self, query: str, values: tuple[Any, ...]) -> sqlite3.Cursor:
        with self._lock:
            return self._database.execute(query, values)


def make_id(prefix: str) -> str:
    return f"{prefix}_{secrets.token_hex(12)}"


def publish(document: Document) -> Document:
    """What the outside sees of a document."""
    return {name: value for name, value in document.items() if not name.startswith("_")}
