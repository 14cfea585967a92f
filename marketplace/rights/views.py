"""My tracks, their files, and the public look-up of a copyright ID."""

from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import redirect_to_login
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.addresses import client_address
from accounts.limits import AttemptLimit
from accounts.requests import MemberRequest, PageRequest
from marketplace.catalog.queries import draft_tracks
from marketplace.errors import AppError, NotFoundError, TooManyRequestsError
from marketplace.rights.certificates import read_certificate
from marketplace.rights.credentials import list_known_certificates
from marketplace.rights.delivery import deliver_file
from marketplace.rights.papers import read_certificate_pdf
from marketplace.rights.queries import find_registered_track, named_owner, owned_tracks
from marketplace.rights.register import sign_head
from marketplace.rights.signing import list_keys

TRACKS_PER_PAGE = 20
LOOKUPS = AttemptLimit(name="verify", limit=60, period=timedelta(minutes=10))


@never_cache
@require_safe
def show_library(request: PageRequest) -> HttpResponse:
    """What the company may buy first, and what it owns. A visitor sees the draft that registering keeps."""
    if request.company is None:
        return redirect_to_login(request.get_full_path()) if request.user.is_anonymous else _show_nothing(request)
    page = Paginator(owned_tracks(request.company), TRACKS_PER_PAGE).get_page(request.GET.get("page"))
    context = {"drafts": draft_tracks(request.company), "page": page, "tracks": page.object_list}
    return render(request, "rights/library.html", context)


def _show_nothing(request: HttpRequest) -> HttpResponse:
    """Somebody without a company, such as a bare administrator."""
    return render(request, "rights/library.html", {"drafts": [], "tracks": []})


@login_required
@require_safe
def download(request: MemberRequest, track_id: UUID, name: str) -> HttpResponseBase:
    return deliver_file(request, track_id=track_id, name=name, company=request.company, user=request.user)


@login_required
@require_safe
def show_certificate(request: MemberRequest, track_id: UUID, kind: str) -> HttpResponse:
    """As PDF for people, as JSON for programs and for ever."""
    if kind not in ("pdf", "json"):
        raise NotFoundError("A certificate comes as certificate.pdf or as certificate.json.")
    pdf = b""
    if kind == "pdf":
        envelope, pdf = read_certificate_pdf(track_id=track_id, company=request.company)
    else:
        envelope = read_certificate(track_id=track_id, company=request.company)
    name = f"certificate-{envelope['document']['copyright_id']}.{kind}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "private, no-store"}
    if pdf:
        return HttpResponse(pdf, content_type="application/pdf", headers=headers)
    return JsonResponse(envelope, headers=headers)


@require_safe
def verify(request: HttpRequest) -> HttpResponse:
    """Says of an ID: registered, on sale, sold, unknown or mistyped; to whom only where the owner allows it."""
    text = request.GET.get("id", "").strip()
    context: dict[str, object] = {"text": text}
    status = 200
    if text:
        if not LOOKUPS.take(client_address(request)):
            raise TooManyRequestsError("Too many look-ups from your address. Try again in ten minutes.")
        try:
            track = find_registered_track(text[:100])
            context |= {"track": track, "named_owner": named_owner(track.family), "is_told": True}
        except AppError as error:
            context["error"], status = error, error.status
    return render(request, "rights/verify.html", context, status=status)


@require_safe
def show_keys(request: HttpRequest) -> JsonResponse:
    """Every public key that ever signed here, and whose Content Credentials are ours, for checks made elsewhere."""
    return JsonResponse({"keys": list_keys(), "credential_certificates": list_known_certificates()})


@require_safe
def show_head(request: HttpRequest) -> JsonResponse:
    """The register's signed head. Whoever keeps it can later show that nothing before it was rewritten."""
    return JsonResponse(sign_head().envelope)


@require_safe
def show_script(request: HttpRequest) -> HttpResponse:
    """The script that checks all of this on any machine, to keep beside the certificate."""
    content = (settings.BASE_DIR / "docs" / "verify_offline.py").read_bytes()
    headers = {"Content-Disposition": 'attachment; filename="verify_offline.py"'}
    return HttpResponse(content, content_type="text/x-python; charset=utf-8", headers=headers)
