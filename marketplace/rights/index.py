"""Finding the tracks that are most like a fingerprint, among a million, in milliseconds.

The index holds a sketch of each melody (`generator.engine.originality.grams`); tracks that share most of the sketch
are then compared whole. At most `MOST_PER_GRAM` tracks are looked at for one gram: what so many have in common says
little, and this bounds the time that a query can take.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import connection

from generator.engine.originality.fingerprint import Fingerprint, pack_lines, unpack_lines
from generator.engine.originality.grams import SKETCH
from generator.engine.originality.likeness import Likeness, compare
from marketplace.catalog.models import Track
from marketplace.rights.models import Fingerprint as FingerprintRow
from marketplace.rights.models import FingerprintGram

MOST_PER_GRAM = 100
MOST_COMPARED = 10


@dataclass(frozen=True, kw_only=True)
class NearTrack:
    track: Track
    fingerprint: Fingerprint
    likeness: Likeness


def store_fingerprint(*, track: Track, fingerprint: Fingerprint) -> None:
    row = FingerprintRow.objects.create(track=track, lines=pack_lines(fingerprint.lines))
    FingerprintGram.objects.bulk_create(FingerprintGram(gram=gram, fingerprint=row) for gram in fingerprint.sketch)


def find_near_tracks(fingerprint: Fingerprint) -> list[NearTrack]:
    """What is registered and most like it, the closest first; the same music has a share of 1."""
    found = {near.track.pk: near for near in _compare_all(fingerprint, _find_candidates(list(fingerprint.sketch)))}
    same = Track.objects.select_related("family", "fingerprint").filter(score_digest=fingerprint.digest).first()
    if same is not None and same.pk not in found:
        found[same.pk] = _compare(fingerprint, same, pack_lines(()))
    return _rank(found.values())


def find_neighbours(track: Track) -> list[NearTrack]:
    """What else is registered and most like a registered track. None of a track that was listed without fingerprint.

    Its sketch is in the index, and no other track has its score's digest: as a rule nothing is left to be compared, and
    its lines are not even read.
    """
    stored = list(FingerprintGram.objects.filter(fingerprint__track=track).values_list("gram", "fingerprint"))
    own = {pk for _, pk in stored}
    others = [pk for pk in _find_candidates([gram for gram, _ in stored]) if pk not in own]
    if not others:
        return []
    row = FingerprintRow.objects.get(track=track)
    return _rank(_compare_all(Fingerprint(digest=track.score_digest, lines=unpack_lines(bytes(row.lines))), others))


def _compare_all(fingerprint: Fingerprint, candidates: Sequence[int]) -> list[NearTrack]:
    if not candidates:
        return []
    rows = FingerprintRow.objects.select_related("track__family").filter(pk__in=candidates)
    return [_compare(fingerprint, row.track, bytes(row.lines)) for row in rows]


def _rank(found: Iterable[NearTrack]) -> list[NearTrack]:
    near = [each for each in found if each.likeness.share > 0]
    return sorted(near, key=lambda each: (*(-value for value in each.likeness.rank), each.track.copyright_id))


def _compare(fingerprint: Fingerprint, track: Track, packed: bytes) -> NearTrack:
    stored = Fingerprint(digest=track.score_digest, lines=unpack_lines(packed))
    return NearTrack(track=track, fingerprint=stored, likeness=compare(fingerprint, stored))


def _find_candidates(sketch: list[int]) -> list[int]:
    """Fingerprints that share most of the sketch. A single common gram of many is chance."""
    if not sketch:
        return []
    fewest = 1 if len(sketch) < SKETCH // 2 else 2
    sql = (
        f"SELECT fingerprint_id FROM ({_select_hits(len(sketch))}) hits GROUP BY fingerprint_id "  # noqa: S608
        f"HAVING COUNT(*) >= {fewest} ORDER BY COUNT(*) DESC, fingerprint_id LIMIT {MOST_COMPARED}"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, [sketch] if connection.vendor == "postgresql" else sketch)
        return [row[0] for row in cursor.fetchall()]


def _select_hits(count: int) -> str:
    """One look into the index per gram, each bounded. PostgreSQL would plan a union of many parts too long."""
    table = connection.ops.quote_name(FingerprintGram._meta.db_table)
    if connection.vendor == "postgresql":
        one = f"SELECT fingerprint_id FROM {table} WHERE gram = asked LIMIT {MOST_PER_GRAM}"  # noqa: S608
        return f"SELECT fingerprint_id FROM unnest(%s::bigint[]) asked, LATERAL ({one}) one"  # noqa: S608
    one = f"SELECT fingerprint_id FROM (SELECT fingerprint_id FROM {table} WHERE gram = %s LIMIT {MOST_PER_GRAM})"  # noqa: S608
    return " UNION ALL ".join([one] * count)
