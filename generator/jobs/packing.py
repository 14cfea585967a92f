"""Delivery packs: a sweep finds sold tracks that have none, a worker builds each under a lease.

Nobody tells this of a sale. The sweep reads it from the catalogue, so that payments need not know who makes music, and
a lost message or a lost file is found in the same way.
"""

import logging
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID

from celery import signature
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from generator.engine.audio.credentials import FileSigner, sign_audio
from generator.engine.audio.tags import Tags
from generator.engine.delivery.pack import PackReport, build_pack
from generator.engine.delivery.sealing import Sealer
from generator.engine.errors import EngineError
from generator.engine.plan import Piece
from generator.jobs.scores import RECORD, read_piece
from generator.jobs.tagging import make_tags
from generator.models import PackBuild
from marketplace.catalog.models import Track
from marketplace.errors import NotFoundError, UnavailableError
from marketplace.rights.credentials import load_credential
from marketplace.rights.mark_keys import make_mark
from marketplace.rights.packs import file_pack, tracks_without_pack
from marketplace.rights.signing import sign_document

logger = logging.getLogger(__name__)

Status = PackBuild.Status
_TASK = "generator.tasks.build_pack"
_BATCH = 50


class PackLostError(Exception):
    """Another attempt has taken over: this one writes nothing more."""


@dataclass(frozen=True, slots=True)
class _Claim:
    build_id: int
    attempt: int


def sweep_packs() -> int:
    """Sends the sold tracks without a pack whose turn it is to the workers. Returns how many."""
    due = tracks_without_pack().exclude(pack_build__lease_expires_at__gt=timezone.now())
    return sum(_send_if_due(track) for track in due[:_BATCH])


def _send_if_due(track: Track) -> bool:
    """One sweep of several wins: the lease says when it is due again."""
    build = PackBuild.objects.filter(track=track).first() or _open_build(track)
    now = timezone.now()
    unclaimed = PackBuild.objects.filter(pk=build.pk, status=build.status, attempt=build.attempt)
    if build.status != Status.DONE:
        unclaimed = unclaimed.filter(lease_expires_at__lte=now)
    if build.status == Status.RUNNING and build.attempt >= settings.PACK_MAX_ATTEMPTS:
        _fail(unclaimed, reason=f"The worker was lost {build.attempt} times.")
        return False
    is_afresh = build.status in (Status.DONE, Status.FAILED)
    if not unclaimed.update(
        status=Status.WAITING, attempt=0 if is_afresh else F("attempt"), lease_expires_at=now + settings.PACK_LEASE
    ):
        return False
    signature(_TASK, args=[str(track.pk)], immutable=True).apply_async(expires=settings.PACK_LEASE.total_seconds())
    return True


def _open_build(track: Track) -> PackBuild:
    tags = make_tags(title=track.title, copyright_id=track.copyright_id, made_at=track.created_at)
    fresh = {"tags": asdict(tags), "lease_expires_at": timezone.now()}
    return PackBuild.objects.get_or_create(track=track, defaults=fresh)[0]


def build_pack_of(*, track_id: UUID) -> bool:
    """What the task does: build the pack and file it. False when another worker has it, or it did not come off."""
    claim = _claim(track_id)
    if claim is None:
        return False
    build = PackBuild.objects.select_related("track").get(pk=claim.build_id)
    try:
        _build(build, claim=claim)
    except PackLostError:
        logger.info("Attempt %s at the %s was overtaken.", claim.attempt, build)
        return False
    except (EngineError, UnavailableError, ImproperlyConfigured, OSError) as error:
        if isinstance(error, EngineError) and not error.transient:
            logger.exception("The %s cannot be built.", build)
            _fail(_held(claim), reason=str(error))
        else:
            logger.warning("The %s will be tried again: %s", build, error)
            _retry(claim, reason=str(error))
        return False
    return True


def _claim(track_id: UUID) -> _Claim | None:
    waiting = PackBuild.objects.filter(track_id=track_id, status=Status.WAITING)
    with transaction.atomic():
        # num_updated 0: the message came twice, or another worker got there first
        if not waiting.update(
            status=Status.RUNNING, attempt=F("attempt") + 1, lease_expires_at=timezone.now() + settings.PACK_LEASE
        ):
            return None
        pk, attempt = PackBuild.objects.values_list("pk", "attempt").get(track_id=track_id)
    return _Claim(build_id=pk, attempt=attempt)


def _held(claim: _Claim) -> QuerySet[PackBuild]:
    return PackBuild.objects.filter(pk=claim.build_id, status=Status.RUNNING, attempt=claim.attempt)


def _build(build: PackBuild, *, claim: _Claim) -> None:
    def renew_lease() -> None:
        if not _held(claim).update(lease_expires_at=timezone.now() + settings.PACK_LEASE):
            raise PackLostError

    def sign(document: dict[str, Any]) -> dict[str, Any]:
        return _sign(document, build=build)

    track = build.track
    piece, mark = _read_score(track), make_mark(track.copyright_id, made_at=track.created_at)
    seal = Sealer(_make_file_signer(), kept=build.credentials)
    with TemporaryDirectory(prefix="onetake-pack-") as folder:
        out = Path(folder) / "pack.zip"
        report = build_pack(
            piece, out=out, tags=Tags(**build.tags), mark=mark, sign=sign, seal=seal, on_step=renew_lease
        )
        _conclude(build, claim=claim, report=report, credentials=seal.to_json())


def _make_file_signer() -> FileSigner:
    """The certificate is asked for by the first file that is signed anew: a lost pack is rebuilt without one."""
    load = cache(load_credential)

    def sign(data: bytes, suffix: str, tags: Tags) -> bytes:
        return sign_audio(data, suffix=suffix, tags=tags, credential=load())

    return sign


def _read_score(track: Track) -> Piece:
    """The score as it was registered: the file is the record, nothing is composed again."""
    try:
        return read_piece(track)
    except NotFoundError as error:
        raise EngineError(f"{track} has no {RECORD}. Restore the file from a backup.") from error


def _sign(document: dict[str, Any], *, build: PackBuild) -> dict[str, Any]:
    """The first build's signature as long as it fits: keys rotate, and a pack built again shall be the same."""
    if (
        build.manifest
        and {**document, "signed_at": build.manifest["document"]["signed_at"]} == build.manifest["document"]
    ):
        return dict(build.manifest)
    return sign_document(document, at=build.created_at)


def _conclude(build: PackBuild, *, claim: _Claim, report: PackReport, credentials: dict[str, Any]) -> None:
    if build.sha256 and build.sha256 != report.sha256:
        logger.warning("The %s differs from the first one: the engine or its libraries have changed.", build)

    def end() -> None:
        done = {"status": Status.DONE, "lease_expires_at": None, "finished_at": timezone.now(), "error": ""}
        kept = {"manifest": report.manifest, "credentials": credentials, "sha256": report.sha256}
        if not _held(claim).update(**kept, **done):
            raise PackLostError

    file_pack(build.track, path=report.path, conclude=end)


def _retry(claim: _Claim, *, reason: str) -> None:
    if claim.attempt >= settings.PACK_MAX_ATTEMPTS:
        _fail(_held(claim), reason=reason)
        return
    later = timezone.now() + settings.PACK_LEASE * claim.attempt
    _held(claim).update(status=Status.WAITING, lease_expires_at=later, error=reason[:500])


def _fail(builds: QuerySet[PackBuild], *, reason: str) -> None:
    later = timezone.now() + settings.PACK_RETRY
    builds.update(status=Status.FAILED, lease_expires_at=later, finished_at=timezone.now(), error=reason[:500])
