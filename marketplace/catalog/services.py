"""Writes to the catalogue. Whoever changes what may be sold locks the family first."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, TypedDict, Unpack

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.models import Company
from marketplace.catalog.models import REASON_LENGTH, Track, TrackFamily
from marketplace.catalog.money import check_price
from marketplace.errors import ConflictError, InvalidInputError, NotFoundError


class TrackFacts(TypedDict):
    """What the music is; the engine knows it, the catalogue stores it."""

    title: str
    style: str
    mood: str
    key: str
    metre: str
    tempo: float
    seconds: Decimal | float
    instruments: Sequence[str]
    seed: int
    recipe: Mapping[str, Any]
    peaks: Sequence[Sequence[int]]


def create_track(
    *,
    company: Company,
    copyright_id: str,
    score_digest: str,
    family: TrackFamily | None = None,
    is_complete: bool = True,
    **facts: Unpack[TrackFacts],
) -> Track:
    """A draft at the default price, in a family of its own or in one that is locked. Raises IntegrityError for a known
    ID or score."""
    return Track.objects.create(
        family=family or TrackFamily.objects.create(),
        company=company,
        copyright_id=copyright_id,
        score_digest=score_digest,
        is_complete=is_complete,
        price_amount=settings.DEFAULT_PRICE,
        price_currency=settings.DEFAULT_CURRENCY,
        first_refusal_until=timezone.now() + settings.FIRST_REFUSAL,
        **facts,
    )


def mark_complete(*, track: Track) -> Track:
    """All files are there: it can be bought from now on."""
    track.is_complete = True
    track.save(update_fields=["is_complete"])
    return track


def move_tracks(*, source: Company, target: Company) -> int:
    """A visitor's tracks join the company that the visitor logged in to."""
    return Track.objects.filter(company=source).update(company=target)


def lock_family(*, family_id: int) -> TrackFamily:
    """The family's row, locked until the transaction ends. SQLite's write lock is taken with the transaction."""
    family = TrackFamily.objects.select_for_update().filter(pk=family_id).first()
    if family is None:
        raise NotFoundError(f"There is no family {family_id}.")
    return family


def lock_families(*, family_ids: Iterable[int]) -> list[TrackFamily]:
    """Several at once, always in the order of their keys."""
    return list(TrackFamily.objects.select_for_update().filter(pk__in=set(family_ids)).order_by("pk"))


def merge_family(*, source: TrackFamily, target: TrackFamily) -> list[Track]:
    """Two locked families, of which `source` is neither held nor sold, become one. Returns the tracks that moved.

    The emptied family is retired, so that an order which still names it can never sell anything by it.
    """
    tracks = list(source.tracks.all())
    for track in tracks:
        track.family = target
        track.save(update_fields=["family"])
    retire_family(family=source)
    return tracks


def hold_family(*, family: TrackFamily, until: datetime) -> TrackFamily:
    """Reserves a locked family for one buyer; `until` only tells the others when to ask again."""
    family.held_until = until
    family.save(update_fields=["held_until"])
    return family


def release_family(*, family: TrackFamily) -> TrackFamily:
    family.held_until = None
    family.save(update_fields=["held_until"])
    return family


def mark_family_sold(*, family: TrackFamily) -> TrackFamily:
    family.sold_at, family.held_until = timezone.now(), None
    family.save(update_fields=["sold_at", "held_until"])
    return family


def return_family_to_sale(*, family: TrackFamily) -> TrackFamily:
    """After a refund, provided that no full file ever left us."""
    family.sold_at, family.frozen_at = None, None
    family.save(update_fields=["sold_at", "frozen_at"])
    return family


def retire_family(*, family: TrackFamily) -> TrackFamily:
    """Nobody owns it and nobody will: its full files are out, so it can never again be sold as exclusive."""
    family.sold_at, family.held_until, family.frozen_at, family.retired_at = None, None, None, timezone.now()
    family.save(update_fields=["sold_at", "held_until", "frozen_at", "retired_at"])
    return family


def freeze_family(*, family: TrackFamily) -> TrackFamily:
    """The owner keeps the rights, but gets no file, until the dispute about the payment has ended."""
    family.frozen_at = timezone.now()
    family.save(update_fields=["frozen_at"])
    return family


def unfreeze_family(*, family: TrackFamily) -> TrackFamily:
    family.frozen_at = None
    family.save(update_fields=["frozen_at"])
    return family


def publish_track(*, track: Track) -> Track:
    """On public sale from now, ending first refusal or a withdrawal."""
    with transaction.atomic():
        _lock_unsold(track, to="published")
        track.publication, track.withdrawn_reason = Track.Publication.LISTED, ""
        track.first_refusal_until = min(track.first_refusal_until, timezone.now())
        track.save(update_fields=["publication", "withdrawn_reason", "first_refusal_until"])
    return track


def withdraw_track(*, track: Track, reason: str) -> Track:
    reason = reason.strip()
    if not 0 < len(reason) <= REASON_LENGTH:
        message = f"Give a reason of 1 to {REASON_LENGTH} characters: it is kept with the track."
        raise InvalidInputError(message, fields={"reason": [message]})
    with transaction.atomic():
        family = _lock_unsold(track, to="withdrawn")
        if family.held_until:
            message = f"{track} is being bought. Withdraw it after {family.held_until:%H:%M} UTC if it was not sold."
            raise ConflictError(message, code="track_reserved")
        track.publication, track.withdrawn_reason = Track.Publication.WITHDRAWN, reason
        track.save(update_fields=["publication", "withdrawn_reason"])
    return track


def reprice_track(*, track: Track, amount: int, currency: str) -> Track:
    """For the next buyer: an order that was placed keeps its price."""
    check_price(amount=amount, currency=currency)
    with transaction.atomic():
        _lock_unsold(track, to="repriced")
        track.price_amount, track.price_currency = amount, currency.lower()
        track.save(update_fields=["price_amount", "price_currency"])
    return track


def _lock_unsold(track: Track, *, to: str) -> TrackFamily:
    family = lock_family(family_id=track.family_id)
    if family.sold_at or family.retired_at:
        raise ConflictError(f"{track} was sold, and can no longer be {to}.", code="track_sold")
    track.family = family
    return family
