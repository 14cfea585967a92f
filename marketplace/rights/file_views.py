"""Verification by dropping a file, for everybody."""

from datetime import timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_POST

from accounts.addresses import client_address
from accounts.limits import AttemptLimit
from marketplace.errors import AppError, InvalidInputError, TooManyRequestsError
from marketplace.rights.dropped import DigestUploadHandler, DroppedFile
from marketplace.rights.recognition import recognise_file

DROPS = AttemptLimit(name="verify-file", limit=20, period=timedelta(minutes=10))


@csrf_exempt  # the check reads the form, and the handler has to be set before: the inner view is protected
@require_POST
def verify_file(request: HttpRequest) -> HttpResponse:
    if not DROPS.take(client_address(request)):
        raise TooManyRequestsError("Too many files from your address. Try again in ten minutes. No file was kept.")
    request.upload_handlers = [DigestUploadHandler(request)]
    return _answer(request)


@csrf_protect
def _answer(request: HttpRequest) -> HttpResponse:
    try:
        finding = recognise_file(_read_drop(request))
    except AppError as error:
        return render(request, "rights/verify.html", {"error": error}, status=error.status)
    track = finding.track
    context = {
        "finding": finding,
        "track": track,
        "named_owner": finding.owner,
        # Whoever drops music that resembles another company's draft does not learn which one.
        "is_told": track is not None and (track.is_public or not finding.is_by_music),
    }
    return render(request, "rights/verify.html", context)


def _read_drop(request: HttpRequest) -> DroppedFile:
    file = request.FILES.get("file")
    if file is None:
        raise InvalidInputError(
            "No file came with the form. Choose one.", code="no_file", fields={"file": ["Choose one."]}
        )
    dropped: DroppedFile = file.dropped  # type: ignore[attr-defined]
    return dropped
