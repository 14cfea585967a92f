"""The same music is never sold twice: what is too close to something registered is refused, or joins its family."""

from django.db import transaction

from accounts.models import Company
from generator.engine.originality.fingerprint import Fingerprint
from marketplace.catalog.models import Track, TrackFamily
from marketplace.catalog.services import lock_families, merge_family, withdraw_track
from marketplace.errors import ConflictError
from marketplace.rights.index import NearTrack, find_near_tracks, find_neighbours, store_fingerprint
from marketplace.rights.models import OwnershipEntry
from marketplace.rights.queries import owner_of
from marketplace.rights.register import append_entry

__all__ = [
    "TooNearMeanwhileError",
    "choose_families",
    "join_families",
    "refuse_late_neighbours",
    "settle_near_variants",
    "store_fingerprint",
]


class TooNearMeanwhileError(Exception):
    """Something too close was registered in the same moment: look again, it can be seen now."""


def choose_families(*, fingerprint: Fingerprint, company: Company, derived_from: Track | None = None) -> list[int]:
    """The families that become one with this new music; none for a family of its own.

    A version of what the company itself offers joins that family, and so does what is derived from a track of the
    company's, however little it resembles it. What is too close to anything else is refused.
    """
    home = [check_origin(derived_from, company)] if derived_from else []
    close = [each for each in _list_too_close(fingerprint) if each.track.family_id not in home]
    foreign = next((each for each in close if each.track.company_id != company.pk or _is_gone(each.track.family)), None)
    if foreign is not None:
        raise _refusal(foreign, company)
    return list(dict.fromkeys([*home, *(each.track.family_id for each in close)]))


def check_origin(origin: Track, company: Company) -> int:
    """Who may add to a family: its maker while it is on offer, its owner once it is sold."""
    family = TrackFamily.objects.get(pk=origin.family_id)
    owner = owner_of(family)
    if owner == company or (owner is None and origin.company_id == company.pk and not _is_gone(family)):
        return family.pk
    message = "The track that this one is derived from is not your company's to make versions of."
    raise ConflictError(message, code="not_yours")


def join_families(family_ids: list[int], *, company: Company) -> TrackFamily | None:
    """One family out of several, locked, for a version that joins it. Raises ConflictError once one was sold.

    At most one of them is held: the others join that one, since its order names it.
    """
    families = lock_families(family_ids=family_ids)
    gone = [family for family in families if _is_gone(family)]
    if any(owner_of(family) != company for family in gone) or (gone and len(families) > 1):
        message = "This is a version of a track that was sold. Change the seed to make another."
        raise ConflictError(message, code="near_duplicate")
    if sum(family.held_until is not None for family in families) > 1:
        message = "This is a version of two tracks that are being bought. Try again when the checkouts have ended."
        raise ConflictError(message, code="track_reserved")
    return _unite(families)


def refuse_late_neighbours(track: Track, *, fingerprint: Fingerprint) -> None:
    """The last look of a registration, under the lock on the register's head: whoever registers next sees this track,
    and whatever was registered before is seen here. Two near variants cannot both get past it."""
    late = [each for each in _list_too_close(fingerprint) if each.track.family_id != track.family_id]
    if late:
        raise TooNearMeanwhileError(late[0].track.copyright_id)


def settle_near_variants(*, track: Track) -> Track:
    """The last look before a sale: near variants in other families become one family with this track.

    Two that were registered in the same moment did not see each other; from here on they are held and sold together.
    One whose near variant is sold is withdrawn, and refused by ConflictError `near_duplicate`. Returns the track as it
    is now.
    """
    close = (each for each in find_neighbours(track) if each.likeness.is_too_close)
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
    families = lock_families(family_ids=[track.family_id, *others])
    _unite([family for family in families if not _is_gone(family)])


def _unite(families: list[TrackFamily]) -> TrackFamily | None:
    """Locked families become one: the one that is sold or being bought, if there is one, since its order names it."""
    ranked = sorted(families, key=lambda family: (not _is_gone(family), family.held_until is None, family.pk))
    target = ranked[0] if ranked else None
    for source in families:
        if target is not None and source.pk != target.pk and source.held_until is None:
            for moved in merge_family(source=source, target=target):
                append_entry(moved, kind=OwnershipEntry.Kind.MERGER, reference=f"near variant, was {source}")
    return target


def _refusal(near: NearTrack, company: Company) -> ConflictError:
    """Another company's draft is not named: that it exists is nobody else's to know."""
    is_known = near.track.is_public or near.track.company_id == company.pk
    message = (
        f"{near.likeness.share:.0%} of this melody is that of {near.track.copyright_id if is_known else 'a track'}, "
        "which is registered already: too close to be sold as another. Change the seed to make another."
    )
    return ConflictError(message, code="near_duplicate")
