"""Reads about tracks: what is listed, and who may know of what."""

from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import Company
from marketplace.catalog.models import Track, TrackFile
from marketplace.errors import NotFoundError

_UNKNOWN_TRACK = "There is no such track here: it may be another company's draft, or withdrawn from sale."


def listed_tracks() -> QuerySet[Track]:
    """On public sale now. Reserved ones stay in the list, since a hold may end; sold ones leave it at once."""
    return Track.objects.select_related("family").filter(
        publication=Track.Publication.LISTED,
        first_refusal_until__lte=timezone.now(),
        family__sold_at=None,
        family__retired_at=None,
    )


def tracks_made_by(company: Company) -> QuerySet[Track]:
    """Whatever has become of them since."""
    return Track.objects.select_related("family").filter(company=company)


def draft_tracks(company: Company) -> QuerySet[Track]:
    """In first refusal: only this company may hear and buy them yet."""
    return tracks_made_by(company).filter(
        publication=Track.Publication.LISTED,
        first_refusal_until__gt=timezone.now(),
        family__sold_at=None,
        family__retired_at=None,
    )


def visible_track(*, track_id: UUID, company: Company | None) -> Track:
    """A track that this company may know of, else NotFoundError.

    A draft and a withdrawn track are their company's alone, also while it holds them. That a track is sold anyone may
    learn, so that the second buyer is told.
    """
    track = Track.objects.select_related("family").filter(pk=track_id).first()
    if track is None or not (track.is_public or (company is not None and track.company_id == company.pk)):
        raise NotFoundError(_UNKNOWN_TRACK)
    return track


def preview_file(track: Track) -> TrackFile:
    """What may be heard before the sale; afterwards only the owner listens, by downloading."""
    if track.status in (Track.Status.SOLD, Track.Status.WITHDRAWN):
        raise NotFoundError(f"The preview is gone: this track is {track.status}.", code=f"track_{track.status}")
    preview = track.files.filter(is_preview=True).first()
    if preview is None:
        raise NotFoundError("This track has no preview.")
    return preview
