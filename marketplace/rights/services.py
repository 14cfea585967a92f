"""Writes to the register: a track enters it once, changes hands by a sale, comes back by a refund."""

from collections.abc import Sequence
from typing import Any, Unpack

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import Company, User
from generator.engine.originality.fingerprint import Fingerprint
from marketplace.catalog.models import Track, TrackFile
from marketplace.catalog.services import TrackFacts, create_track, lock_family, mark_complete
from marketplace.errors import ConflictError, InvalidInputError
from marketplace.rights.certificates import issue_certificate
from marketplace.rights.copyright_id import make_copyright_id
from marketplace.rights.filing import NewFile, StoredFile, filed_in_storage
from marketplace.rights.models import AssignedId, Download, DownloadLink, OwnershipEntry
from marketplace.rights.originality import (
    TooNearMeanwhileError,
    choose_families,
    join_families,
    refuse_late_neighbours,
    store_fingerprint,
)
from marketplace.rights.originality_report import write_report
from marketplace.rights.queries import last_title, owned_file, owned_track
from marketplace.rights.register import append_entry

__all__ = [
    "NewFile",
    "add_files",
    "assign_copyright_id",
    "assign_ownership",
    "check_originality",
    "note_download",
    "note_papers",
    "register_stored",
    "register_track",
    "revoke_ownership",
    "transfer_ownership",
]


def assign_copyright_id(*, reference: str) -> str:
    """The ID for what `reference` names, before anything is made of it. Asked again, it answers with the same ID."""
    known = AssignedId.objects.filter(reference=reference).first()
    while known is None:
        copyright_id = make_copyright_id(year=timezone.now().year)
        try:
            with transaction.atomic():
                known = AssignedId.objects.create(copyright_id=copyright_id, reference=reference)
        except IntegrityError:  # somebody has this ID, or another worker has just assigned one for the same cause
            known = AssignedId.objects.filter(reference=reference).first()
    return known.copyright_id


def register_track(
    *,
    company: Company,
    copyright_id: str,
    fingerprint: Fingerprint,
    files: Sequence[NewFile],
    derived_from: Track | None = None,
    borrowing: dict[str, Any] | None = None,
    is_complete: bool = True,
    **facts: Unpack[TrackFacts],
) -> Track:
    """A new draft with its files and the first line of its register: all of it, or nothing.

    `copyright_id` was given by `assign_copyright_id`, and stands in the files already. Files are stored first, and
    removed again if the rest fails. Music that is registered already, or too close
    to some that is, is refused; a version of what the company itself has on offer joins that family. `derived_from`
    names the track that this one is a kit version, an edit or another take of: it joins its family whatever it sounds
    like, and after the sale only the owner can add to it. `borrowing` is what the engine found in the training corpora
    (`describe_borrowing`); with it goes an originality report. A track that is not `is_complete` cannot be bought until
    `add_files` has brought the rest.
    """
    _refuse_unassigned(copyright_id)
    check_originality(fingerprint=fingerprint, company=company, derived_from=derived_from)  # before anything is stored
    with filed_in_storage(files) as stored:
        return register_stored(
            company=company,
            copyright_id=copyright_id,
            fingerprint=fingerprint,
            files=stored,
            derived_from=derived_from,
            borrowing=borrowing,
            is_complete=is_complete,
            **facts,
        )


def register_stored(
    *,
    company: Company,
    copyright_id: str,
    fingerprint: Fingerprint,
    files: Sequence[StoredFile],
    derived_from: Track | None = None,
    borrowing: dict[str, Any] | None = None,
    is_complete: bool = True,
    **facts: Unpack[TrackFacts],
) -> Track:
    """`register_track` for files that are in storage already: for whoever registers inside a transaction, which must
    not wait for storage. Taking them away again if this fails is the caller's, by `filed_in_storage`."""
    _refuse_unassigned(copyright_id)
    for _ in range(_LOOKS):
        try:
            return _write_track(
                company=company,
                copyright_id=copyright_id,
                fingerprint=fingerprint,
                files=files,
                derived_from=derived_from,
                borrowing=borrowing,
                is_complete=is_complete,
                facts=facts,
            )
        except TooNearMeanwhileError:
            continue  # what came in between is committed: the next look refuses or joins it
        except IntegrityError:
            _refuse_known_score(fingerprint.digest, company=company)  # another worker had the same music
            raise
    raise ConflictError("Music like this is being registered right now. Change the seed.", code="near_duplicate")


def _refuse_unassigned(copyright_id: str) -> None:
    if not AssignedId.objects.filter(copyright_id=copyright_id).exists():
        message = f"{copyright_id!r} was never assigned. Assign an ID before the files are made."
        raise InvalidInputError(message, fields={"copyright_id": [message]})


def check_originality(*, fingerprint: Fingerprint, company: Company, derived_from: Track | None = None) -> None:
    """Raises ConflictError, as registering would, for music that is registered or too close to some that is."""
    _refuse_known_score(fingerprint.digest, company=company)
    choose_families(fingerprint=fingerprint, company=company, derived_from=derived_from)


_LOOKS = 5


@transaction.atomic
def _write_track(
    *,
    company: Company,
    copyright_id: str,
    fingerprint: Fingerprint,
    files: Sequence[StoredFile],
    derived_from: Track | None,
    borrowing: dict[str, Any] | None,
    is_complete: bool,
    facts: TrackFacts,
) -> Track:
    family_ids = choose_families(fingerprint=fingerprint, company=company, derived_from=derived_from)
    family = join_families(family_ids, company=company) if family_ids else None
    identity = {"copyright_id": copyright_id, "score_digest": fingerprint.digest}
    track = create_track(company=company, family=family, is_complete=is_complete, **identity, **facts)
    store_fingerprint(track=track, fingerprint=fingerprint)
    if borrowing is not None:
        write_report(track=track, fingerprint=fingerprint, borrowing=borrowing)
    TrackFile.objects.bulk_create(_file_row(track, file) for file in files)
    append_entry(track, kind=OwnershipEntry.Kind.REGISTRATION, reference=f"generated by {company.pk}")
    refuse_late_neighbours(track, fingerprint=fingerprint)
    return track


@transaction.atomic
def add_files(*, track: Track, files: Sequence[StoredFile]) -> Track:
    """Brings the files that a track was registered without, all of them or none: it can be bought now."""
    TrackFile.objects.bulk_create(_file_row(track, file) for file in files)
    return mark_complete(track=track)


def _refuse_known_score(digest: str, *, company: Company) -> None:
    known = Track.objects.select_related("family").filter(score_digest=digest).first()
    if known:
        named = f", as {known.copyright_id}" if known.is_public or known.company_id == company.pk else ""
        message = f"This music is registered already{named}. Change the seed to make another."
        raise ConflictError(message, code="duplicate_score")


def _file_row(track: Track, file: StoredFile) -> TrackFile:
    return TrackFile(
        track=track,
        name=file.source.name,
        storage_name=file.storage_name,
        variant_storage_name=file.variant_storage_name,
        layout=dict(file.source.layout),
        content_type=file.source.content_type,
        size=file.size,
        sha256=file.sha256,
        is_preview=file.source.is_preview,
        ready=file.ready,
    )


def transfer_ownership(*, track: Track, owner: Company, reference: str) -> OwnershipEntry:
    """The sale's line in the register. The same cause a second time returns the line that it wrote."""
    with transaction.atomic():
        lock_family(family_id=track.family_id)
        last = last_title(track.family)
        if last is not None and last.owner_id is not None:
            if (last.owner_id, last.reference) == (owner.pk, reference):
                return last
            raise ConflictError(f"{track} is owned already; it cannot be transferred.", code="track_sold")
        entry = append_entry(track, kind=OwnershipEntry.Kind.TRANSFER, owner=owner, reference=reference)
        issue_certificate(entry)
        return entry


def assign_ownership(*, track: Track, to: Company, reference: str) -> OwnershipEntry:
    """The owner passes all its rights on to another company, which gets a certificate of its own. The operator's to do,
    on the owner's word: `reference` names the deed. Repeated, it returns the line that it wrote."""
    if not to.is_claimed:
        raise ConflictError("That company belongs to a visitor: rights go to registered companies.", code="not_claimed")
    with transaction.atomic():
        family = lock_family(family_id=track.family_id)
        last = last_title(track.family)
        if last is None or last.owner_id is None:
            raise ConflictError(f"{track} has no owner who could pass it on.", code="not_owned")
        if family.frozen_at:
            message = f"The payment for {track} is disputed at the bank: its rights stay where they are until then."
            raise ConflictError(message, code="access_frozen")
        if last.owner_id == to.pk:
            if last.reference == reference:
                return last
            raise ConflictError(f"{to} owns {track} already.", code="already_owner")
        entry = append_entry(track, kind=OwnershipEntry.Kind.TRANSFER, owner=to, reference=reference)
        issue_certificate(entry)
        return entry


def revoke_ownership(*, track: Track, reference: str) -> OwnershipEntry:
    """Ownership ends, by a line of its own: what was written stays written."""
    with transaction.atomic():
        lock_family(family_id=track.family_id)
        last = last_title(track.family)
        if last is not None and (last.kind, last.reference) == (OwnershipEntry.Kind.REVOCATION, reference):
            return last
        if last is None or last.owner_id is None:
            raise ConflictError(f"{track} has no owner whose rights could be revoked.", code="not_owned")
        return append_entry(track, kind=OwnershipEntry.Kind.REVOCATION, reference=reference)


def note_download(
    *, file: TrackFile, company: Company, user: User, is_continuation: bool, link: DownloadLink | None = None
) -> Download | None:
    """The audit's line for a full file: once per request that starts it, not for every part that a player seeks to.

    A continuation is noted too if nothing was before, so that asking for all but the first byte leaves its trace.
    """
    if file.is_preview:
        return None
    if is_continuation and Download.objects.filter(track=file.track, company=company, file_name=file.name).exists():
        return None
    with transaction.atomic():
        # A refund decides under this lock whether any file has left: it knows of this one, or ended the rights before.
        lock_family(family_id=file.track.family_id)
        owned_file(track_id=file.track_id, name=file.name, company=company)
        return Download.objects.create(track=file.track, company=company, user=user, file_name=file.name, link=link)


def note_papers(*, track: Track, company: Company, user: User, name: str) -> Download:
    """Whoever has the recipe can make the music again, so that it counts as a full file."""
    with transaction.atomic():
        lock_family(family_id=track.family_id)
        owned_track(track_id=track.pk, company=company)
        return Download.objects.create(track=track, company=company, user=user, file_name=name)
