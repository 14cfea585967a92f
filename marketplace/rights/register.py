"""Appending to the register: one line at a time, each chained to the one before it."""

from django.db import transaction
from django.utils import timezone

from accounts.models import Company
from marketplace.catalog.models import Track, TrackFamily
from marketplace.rights.chain import GENESIS, Content, digest_line, write_time
from marketplace.rights.models import OwnershipEntry, RegisterHead, SignedHead
from marketplace.rights.queries import last_entry
from marketplace.rights.signing import sign_document

HEAD_FORMAT = "onetake-register-head/1"


@transaction.atomic
def append_entry(
    track: Track,
    *,
    kind: OwnershipEntry.Kind,
    reference: str,
    owner: Company | None = None,
    family: TrackFamily | None = None,
) -> OwnershipEntry:
    """Lock families before, never after: the head is the last lock that a transaction takes."""
    head = lock_head()
    family = family or track.family
    last = last_entry(family)
    entry = OwnershipEntry(
        position=head.position + 1,
        family=family,
        sequence=last.sequence + 1 if last else 1,
        kind=kind,
        track=track,
        owner=owner,
        reference=reference,
        created_at=timezone.now(),
        previous_digest=head.digest,
    )
    entry.digest = digest_line(describe_entry(entry), previous=head.digest)
    entry.save(force_insert=True)
    head.position, head.digest = entry.position, entry.digest
    head.save(update_fields=["position", "digest"])
    return entry


def lock_head() -> RegisterHead:
    RegisterHead.objects.get_or_create(pk=1, defaults={"digest": GENESIS})
    return RegisterHead.objects.select_for_update().get(pk=1)


@transaction.atomic
def sign_head() -> SignedHead:
    """The head, signed: once for each line that was the last when somebody asked."""
    head = lock_head()
    last = SignedHead.objects.last()
    if last is not None and (last.position, last.digest) == (head.position, head.digest):
        return last
    document = {"format": HEAD_FORMAT, "position": head.position, "digest": head.digest}
    envelope = sign_document(document, at=timezone.now())
    return SignedHead.objects.create(position=head.position, digest=head.digest, envelope=envelope)


def describe_entry(entry: OwnershipEntry) -> Content:
    """What the chain protects: the line, and the ID and the music of its track. Companies by their ID alone."""
    return {
        "position": entry.position,
        "family": entry.family_id,
        "sequence": entry.sequence,
        "kind": str(entry.kind),
        "track": str(entry.track_id),
        "copyright_id": entry.track.copyright_id,
        "score_digest": entry.track.score_digest,
        "owner": str(entry.owner_id) if entry.owner_id else None,
        "reference": entry.reference,
        "created_at": write_time(entry.created_at),
    }
