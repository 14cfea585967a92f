"""The same music is never sold twice: what is too close to something registered is refused, or joins its family."""

from django.db import transaction

from accounts.models import Company
from generator.engine.originality.fingerprint import Fingerprint
from marketplace.catalog.models import Track, TrackFamily
from marketplace.catalog.services import lock_families, lock_family, merge_family, withdraw_track
from marketplace.errors import ConflictError
from marketplace.rights.index import NearTrack, find_near_tracks, read_stored, store_fingerprint
from marketplace.rights.models import OwnershipEntry
from marketplace.rights.register import append_entry

__all__ = ["choose_family", "lock_open_family", "settle_near_variants", "store_fingerprint"]


def choose_family(*, fingerprint: Fingerprint, company: Company) -> int | None:
    """The family that this new music belongs to; None for a family of its own.

    A version of what the company itself offers joins that family. What is too close to anything else is refused.
    """
    close = _list_too_close(fingerprint)
    foreign = next((each for each in close if each.track.company_id != company.pk or _is_gone(each.track.family)), None)
    if foreign is not None:
        raise _refusal(foreign)
    return close[0].track.family_id if close else None


def lock_open_family(family_id: int) -> TrackFamily:
    """For a version that joins it. Raises ConflictError once the family is sold or retired."""
    family = lock_family(family_id=family_id)
    if _is_gone(family):
        message = "This is a version of a track that was sold in this moment. Change the seed to make another."
        raise ConflictError(message, code="near_duplicate")
    return family


def settle_near_variants(*, track: Track) -> Track:
    """The last look before a sale: near variants in other families become one family with this track.

    Two that were registered in the same moment did not see each other; from here on they are held and sold together.
    One whose near variant is sold is withdrawn, and refused by ConflictError `near_duplicate`. Returns the track as it
    is now.
    """
    fingerprint = read_stored(track)
    close = _list_too_close(fingerprint) if fingerprint else []
    others = {each.track.family_id: each for each in close if each.track.family_id != track.family_id}
    if others:
        _withdraw_if_gone(track, others)
        _merge(track, others)
        track.refresh_from_db()
    return track


def _list_too_close(fingerprint: Fingerprint) -> list[NearTrack]:
    return [each for each in find_near_tracks(fingerprint) if each.likeness.is_too_close]


def _is_gone(family: TrackFamily) -> bool:
    return family.sold_at is not None or family.retired_at is not None


def _withdraw_if_gone(track: Track, others: dict[int, NearTrack]) -> None:
    gone = next((each for each in others.values() if _is_gone(each.track.family)), None)
    if gone is None or track.status not in (Track.Status.DRAFT, Track.Status.ON_SALE):
        return
    withdraw_track(track=track, reason=f"Too close to {gone.track.copyright_id}, which was sold.")
    message = f"{track} is too close to a track that was sold, and was withdrawn. Nothing was charged."
    raise ConflictError(message, code="near_duplicate")


@transaction.atomic
def _merge(track: Track, others: dict[int, NearTrack]) -> None:
    """Into the family that is being bought, if one is: its order names it."""
    families = lock_families(family_ids=[track.family_id, *others])
    families = [family for family in families if not _is_gone(family)]
    target = min(families, key=lambda family: (family.held_until is None, family.pk), default=None)
    for source in families:
        if target is not None and source.pk != target.pk and source.held_until is None:
            for moved in merge_family(source=source, target=target):
                append_entry(moved, kind=OwnershipEntry.Kind.MERGER, reference=f"near variant, was {source}")


def _refusal(near: NearTrack) -> ConflictError:
    message = (
        f"{near.likeness.share:.0%} of this melody is that of {near.track.copyright_id}, which is registered already: "
        "too close to be sold as another. Change the seed to make another."
    )
    return ConflictError(message, code="near_duplicate")
