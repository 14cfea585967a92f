"""How fast near variants are found among many tracks, and whether they are found.

    nice python -m tests.benchmarks.originality_index --tracks 100000            SQLite
    nice python -m tests.benchmarks.originality_index --tracks 1000000 --postgres  a private PostgreSQL

The first `POOL` melodies are drawn one by one. The others are these again with every gram that fewer than `POPULAR` of
the pool have made anew: so what melodies have in common stays as common as it is, however many tracks there are.
"""

import argparse
import os
import random
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from uuid import UUID

POOL = 20_000
POPULAR = 4
SALT = 0x5851F42D4C957F2D >> 1
Row = tuple[object, ...]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tracks", type=int, default=100_000)
    parser.add_argument("--queries", type=int, default=300)
    parser.add_argument("--postgres", action="store_true")
    options = parser.parse_args()
    folder = tempfile.TemporaryDirectory(prefix="onetake-benchmark-")
    with folder as name, _serve(name, postgres=options.postgres) as address:
        _set_up(name, address)
        started = time.perf_counter()
        _fill(options.tracks)
        print(f"{options.tracks} tracks written in {time.perf_counter() - started:.0f} s")
        _measure(options.tracks, options.queries)


def _serve(folder: str, *, postgres: bool) -> AbstractContextManager[str]:
    from tests.postgres import find_binaries, run_server

    return run_server(find_binaries()) if postgres else nullcontext(f"sqlite:///{folder}/index.sqlite3")


def _set_up(folder: str, address: str) -> None:
    os.environ |= {"ONETAKE_ENV": "test", "SECRET_KEY": "a benchmark's", "ONETAKE_VAR": folder, "DATABASE_URL": address}
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "marketplace.settings")
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)


def _fill(count: int) -> None:
    from generator.engine.originality.fingerprint import Fingerprint, pack_lines
    from generator.engine.originality.labelled import draw_melody

    pool = [Fingerprint(digest=f"{seed:064x}", lines=(draw_melody(seed),)) for seed in range(min(POOL, count))]
    packed = [pack_lines(each.lines) for each in pool]
    spread = Counter(gram for each in pool for gram in each.sketch)
    columns = ["id", "track_id", "lines"]
    _write_tracks(count)
    _write("rights_fingerprint", columns, ((i + 1, UUID(int=i + 1), packed[i % len(pool)]) for i in range(count)))
    with _keyed_afterwards("rights_fingerprintgram", "gram, fingerprint_id"):
        _write("rights_fingerprintgram", ["gram", "fingerprint_id"], _list_grams(pool, spread, count))
    _analyse()


@contextmanager
def _keyed_afterwards(table: str, columns: str) -> Iterator[None]:
    """PostgreSQL sorts a key of millions of rows faster than it keeps one in order while they come."""
    from django.db import connection

    if connection.vendor != "postgresql":
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {table}_pkey")
        yield
        cursor.execute(f"ALTER TABLE {table} ADD PRIMARY KEY ({columns})")


def _list_grams(pool, spread: Counter[int], count: int) -> Iterator[Row]:
    for i in range(count):
        salt = (i // len(pool)) * SALT & (2**63 - 1)
        for gram in pool[i % len(pool)].sketch:
            yield (gram if spread[gram] >= POPULAR else gram ^ salt, i + 1)


def _write_tracks(count: int) -> None:
    from django.utils import timezone

    from accounts.models import Company
    from marketplace.catalog.models import Track, TrackFamily

    company = Company.objects.create(name="Benchmark")
    now = timezone.now()
    _write("catalog_trackfamily", ["id", "created_at"], ((i + 1, now) for i in range(count)))
    fields = {
        "title": "Try", "style": "pop", "mood": "calm", "key": "C major", "metre": "4/4", "tempo": 96.0, "seconds": 30,
        "instruments": "[]", "seed": 1, "recipe": "{}", "peaks": "[]", "price_amount": 1, "price_currency": "eur",
        "publication": "listed", "withdrawn_reason": "", "first_refusal_until": now, "created_at": now,
        "company_id": company.pk,
    }  # fmt: skip
    assert {"id", "family_id", "copyright_id", "score_digest", *fields} == {f.column for f in Track._meta.fields}
    columns = ["id", "family_id", "copyright_id", "score_digest", *fields]
    rest = tuple(fields.values())
    rows = ((UUID(int=i + 1), i + 1, f"B{i}", f"{i:064x}", *rest) for i in range(count))
    _write("catalog_track", columns, rows)
    assert TrackFamily.objects.count() == count


def _write(table: str, columns: list[str], rows: Iterator[Row]) -> None:
    from django.db import connection, transaction

    names = ", ".join(columns)
    with transaction.atomic(), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
            return
        marks = ", ".join("?" * len(columns))
        plain = (tuple(value.hex if isinstance(value, UUID) else value for value in row) for row in rows)
        connection.connection.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks})", plain)  # noqa: S608


def _analyse() -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")


def _measure(tracks: int, queries: int) -> None:
    from generator.engine.originality.fingerprint import Fingerprint
    from generator.engine.originality.labelled import VARIATIONS, draw_melody
    from marketplace.rights.index import find_near_tracks

    rng = random.Random(7)
    kinds = [*VARIATIONS, "stranger"]
    times: list[float] = []
    own: list[float] = []
    found: Counter[str] = Counter()
    asked: Counter[str] = Counter()
    for number in range(queries):
        kind = kinds[number % len(kinds)]
        seed = rng.randrange(min(POOL, tracks)) if kind != "stranger" else 10_000_000 + number
        line = draw_melody(seed)
        line = VARIATIONS[kind](line, rng) if kind != "stranger" else line
        query = Fingerprint(digest=f"query {number}", lines=(line,))
        started, computing = time.perf_counter(), time.process_time()
        near = find_near_tracks(query)
        times.append(1000 * (time.perf_counter() - started))
        own.append(1000 * (time.process_time() - computing))
        close = [each.fingerprint.lines[0] for each in near if each.likeness.is_too_close]
        asked[kind] += 1
        found[kind] += bool(close) if kind == "stranger" else draw_melody(seed) in close
    _report(times, own, found, asked)


def _report(times: list[float], own: list[float], found: Counter[str], asked: Counter[str]) -> None:
    from django.db import connection

    ordered = sorted(times)
    print(f"{connection.vendor}: median {statistics.median(times):.1f} ms, 95 of 100 below "
          f"{ordered[int(0.95 * len(ordered))]:.1f} ms, slowest {ordered[-1]:.1f} ms")  # fmt: skip
    print(f"  of which this process computed {statistics.median(own):.1f} ms; load {os.getloadavg()[0]:.1f}")
    for kind, count in asked.items():
        print(f"  {kind:<45} called too close {found[kind]} of {count}")


if __name__ == "__main__":
    main()
