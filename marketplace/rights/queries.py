"""Reads about ownership. The last transfer or revocation among a family's lines says who owns it."""

from uuid import UUID

from django.db.models import OuterRef, QuerySet, Subquery

from accounts.models import Company
from marketplace.catalog.models import Track, TrackFamily, TrackFile
from marketplace.errors import NotFoundError, PermissionRefusedError
from marketplace.rights.copyright_id import check_copyright_id
from marketplace.rights.models import AssignedId, Download, OwnerNaming, OwnershipEntry

_TITLES = (OwnershipEntry.Kind.TRANSFER, OwnershipEntry.Kind.REVOCATION)


def last_entry(family: TrackFamily) -> OwnershipEntry | None:
    """Whatever it says: the next line continues it."""
    return OwnershipEntry.objects.filter(family=family).order_by("sequence").last()


def last_title(family: TrackFamily) -> OwnershipEntry | None:
    """The line that decides who owns the family; later versions change nothing about it."""
    titles = OwnershipEntry.objects.filter(family=family, kind__in=_TITLES)
    return titles.select_related("owner").order_by("sequence").last()


def owner_of(family: TrackFamily) -> Company | None:
    entry = last_title(family)
    return entry.owner if entry else None


def owned_tracks(company: Company) -> QuerySet[Track]:
    """Every track of every family that the company owns now, newest purchase first."""
    ever = OwnershipEntry.objects.filter(owner=company).values("family")  # few: who owns is not asked of every track
    last = OwnershipEntry.objects.filter(family=OuterRef("family"), kind__in=_TITLES).order_by("-sequence")
    return (
        Track.objects.filter(family__in=ever)
        .select_related("family")
        .prefetch_related("files")
        .annotate(owner_id=Subquery(last.values("owner")[:1]), owned_since=Subquery(last.values("created_at")[:1]))
        .filter(owner_id=company.pk)
        .order_by("-owned_since", "title")
    )


def was_downloaded(family: TrackFamily) -> bool:
    """Has any full file of the family ever left us?"""
    return Download.objects.filter(track__family=family).exists()


def downloads_of(family: TrackFamily, *, company: Company) -> QuerySet[Download]:
    """Every full file of the family that this company fetched, the first one first."""
    return Download.objects.filter(track__family=family, company=company).select_related("user", "track").order_by("pk")


def owned_track(*, track_id: UUID, company: Company | None) -> Track:
    """For a member of the owning company, who may have all of it now; for everybody else it does not exist.

    Raises PermissionRefusedError `access_frozen` for the owner while the payment is disputed.
    """
    track = track_of_owner(track_id=track_id, company=company)
    if track.family.frozen_at:
        raise PermissionRefusedError(
            f"{track.title} is still yours, but its payment is disputed at the bank: the files rest until that is "
            "settled. If the dispute is a mistake, withdraw it at the bank.",
            code="access_frozen",
        )
    return track


def track_of_owner(*, track_id: UUID, company: Company | None) -> Track:
    """As `owned_track`, also while the payment is disputed: for what gives no music away."""
    track = Track.objects.select_related("family").filter(pk=track_id).first()
    owner = owner_of(track.family) if track else None
    if track is None or company is None or owner != company:
        raise NotFoundError("There is no such file in your library. Files belong to the company that bought the track.")
    return track


def owned_file(*, track_id: UUID, name: str, company: Company | None) -> TrackFile:
    """A file for a member of the owning company, under the rules of `owned_track`."""
    track = owned_track(track_id=track_id, company=company)
    file = next((file for file in track.files.all() if file.name == name), None)
    if file is None:
        names = ", ".join(file.name for file in track.files.all())
        raise NotFoundError(f"{track.title} has no file of that name. It has: {names}.")
    return file


def is_sealed(track: Track, *, company: Company | None) -> bool:
    """Are brief, seed and recipe closed to this company? Once the family is sold they are its owner's alone."""
    owner = owner_of(track.family)
    return owner != company if owner else track.family.was_sold


def named_owner(family: TrackFamily) -> Company | None:
    """The owner, if it agreed to be named to everybody. The consent ends with the ownership."""
    entry = last_title(family)
    return entry.owner if entry and OwnerNaming.objects.filter(entry=entry).exists() else None


def find_registered_track(copyright_id: str) -> Track:
    """The track behind an ID as typed. A mistyped ID and an unknown one are told apart."""
    canonical = check_copyright_id(copyright_id)
    track = Track.objects.select_related("family").filter(copyright_id=canonical).first()
    if track is None and AssignedId.objects.filter(copyright_id=canonical).exists():
        raise NotFoundError(f"{canonical} was assigned, but no track was ever finished under it.", code="unused_id")
    if track is None:
        raise NotFoundError(f"{canonical} is well-formed, but was never registered here.", code="unknown_id")
    return track
