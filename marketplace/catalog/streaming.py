"""Sends a track's file: streamed with ranges from the local disk, or by a signed link to S3."""

import logging
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import PurePosixPath
from typing import Any

from django.core.files.storage import FileSystemStorage, default_storage
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect, StreamingHttpResponse
from django.utils.http import content_disposition_header, parse_etags
from django.utils.text import slugify

from marketplace.catalog.editions import EditionSlice, GrowingEdition, etag_edition
from marketplace.catalog.models import PreviewHearing, TrackFile
from marketplace.catalog.ranges import ByteRange, UnsatisfiableRangeError, parse_range
from marketplace.catalog.stored_parts import LOST, Readable, open_part
from marketplace.errors import UnavailableError

logger = logging.getLogger(__name__)

_BLOCK = 64 * 1024


def send_file(
    request: HttpRequest, *, file: TrackFile, as_attachment: bool, hearing: PreviewHearing | None = None
) -> HttpResponseBase:
    """Answers GET and HEAD for one file. Private: it is revalidated on each use, so that a sale is felt at once.

    HEAD is answered from the file's row alone, wherever the file is, and gives nothing away.
    With `hearing` the file is a preview of two variants, and is put together for that listener.
    """
    disposition = content_disposition_header(as_attachment, name_download(file)) or "inline"
    is_local = isinstance(default_storage, FileSystemStorage)
    # A link serves GET, whatever it was asked for with: HEAD, which is no download, gets none. Nor is one of two
    # variants handed out by itself: a link would name no listener.
    if request.method == "GET" and not file.variant_storage_name and not is_local:
        parameters = {"ResponseContentType": file.content_type, "ResponseContentDisposition": disposition}
        return HttpResponseRedirect(_sign_link(file.storage_name, parameters=parameters))
    etag = f'"{etag_edition(hearing) if hearing else file.sha256}"'
    response = _answer(request, file, etag=etag, hearing=hearing)
    response["Accept-Ranges"] = "bytes"
    response["ETag"] = etag
    response["Cache-Control"] = "private, no-cache"
    response["Vary"] = "Authorization, Cookie"
    if response.status_code in (200, 206):
        response["Content-Type"] = file.content_type
        response["Content-Disposition"] = disposition
    return response


def _sign_link(storage_name: str, **options: Any) -> str:
    """A link that expires; only the S3 storage takes options."""
    return str(default_storage.url(storage_name, **options))


def name_download(file: TrackFile) -> str:
    """'parts/piano.mid' of “Quiet Harbour” → 'quiet-harbour-piano.mid'."""
    return f"{slugify(file.track.title) or 'track'}-{PurePosixPath(file.name).name}"


def starts_at_first_byte(request: HttpRequest, *, file: TrackFile) -> bool:
    """Does this request begin the file, rather than continue it?"""
    try:
        part = _wanted_part(request, file, etag=f'"{file.sha256}"')
    except UnsatisfiableRangeError:
        return False
    return part is None or part.first == 0


def _answer(request: HttpRequest, file: TrackFile, *, etag: str, hearing: PreviewHearing | None) -> HttpResponseBase:
    if _is_known(request, etag=etag):
        return HttpResponse(status=304)
    try:
        part = _wanted_part(request, file, etag=etag)
    except UnsatisfiableRangeError:
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{file.size}"})
    if request.method == "HEAD":
        return HttpResponse(headers={"Content-Length": str(file.size)})
    whole = ByteRange(0, file.size - 1)
    try:
        content = _slice(file, part or whole, hearing=hearing)
    except UnavailableError:
        logger.exception("%s of track %s is missing from storage", file.name, file.track_id)
        raise
    response = StreamingHttpResponse(content, status=206 if part else 200)
    response["Content-Length"] = str((part or whole).length)
    if part:
        response["Content-Range"] = f"bytes {part.first}-{part.last}/{file.size}"
    return response


def _slice(file: TrackFile, part: ByteRange, *, hearing: PreviewHearing | None) -> Iterable[bytes]:
    if hearing is None:
        return _FileSlice(_open(file, file.storage_name, part), part)
    open_edition = partial(_open_edition, code=hearing.code)
    if file.ready is None:
        return open_edition(file, part)
    try:
        return GrowingEdition(file, part, open_edition=open_edition)
    except UnavailableError:  # between the look at its row and this it became whole, and the opening went
        file.refresh_from_db()
        return open_edition(file, part)


def _open_edition(file: TrackFile, part: ByteRange, *, code: str) -> EditionSlice:
    first = _open(file, file.storage_name, part)
    try:
        second = _open(file, file.variant_storage_name, part)
    except UnavailableError:
        first.close()
        raise
    return EditionSlice((first, second), part, file=file, code=code)


def _wanted_part(request: HttpRequest, file: TrackFile, *, etag: str) -> ByteRange | None:
    """Ranges are defined for GET alone, and If-Range holds them to the very file that the client has a part of."""
    condition = request.headers.get("If-Range")
    if request.method != "GET" or (condition is not None and condition.strip() != etag):
        return None
    return parse_range(request.headers.get("Range", ""), size=file.size)


def _is_known(request: HttpRequest, *, etag: str) -> bool:
    known = [etag.removeprefix("W/") for etag in parse_etags(request.headers.get("If-None-Match", ""))]
    return "*" in known or etag in known


def _open(file: TrackFile, storage_name: str, part: ByteRange) -> Readable:
    try:
        return open_part(storage_name, part)
    except LOST as error:
        message = f"{file.name} cannot be read at the moment. It is still yours; the fault was logged. Try again later."
        raise UnavailableError(message, code="file_unavailable") from error


class _FileSlice:
    """The bytes of a range, in blocks. Django closes it when the answer ends, also when the client hangs up."""

    def __init__(self, file: Readable, part: ByteRange) -> None:
        self.file, self.left = file, part.length

    def __iter__(self) -> Iterator[bytes]:
        while self.left > 0 and (block := self.file.read(min(_BLOCK, self.left))):
            self.left -= len(block)
            yield block

    def close(self) -> None:
        self.file.close()
