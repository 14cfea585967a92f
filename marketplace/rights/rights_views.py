"""An owned track's proof and papers, and what its owner decides about it."""

from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.models import Company
from accounts.requests import MemberRequest
from marketplace.catalog.models import Track
from marketplace.errors import AppError
from marketplace.rights.assignments import offer_address, offer_assignment, open_offer_of, withdraw_offer
from marketplace.rights.certificates import find_certificate
from marketplace.rights.delivery import deliver_file
from marketplace.rights.links import DEFAULT_HOURS, LONGEST_HOURS, link_address, live_links, make_link, read_link
from marketplace.rights.links import revoke_link as end_link
from marketplace.rights.models import DownloadLink
from marketplace.rights.naming import set_naming
from marketplace.rights.papers import build_dispute_pack, read_recipe
from marketplace.rights.queries import named_owner, track_of_owner
from marketplace.rights.roles import has_owner_role

_DOWNLOADS_SHOWN = 20


@login_required
@never_cache
@require_safe
def show_rights(request: MemberRequest, track_id: UUID) -> HttpResponse:
    track = track_of_owner(track_id=track_id, company=request.company)
    return _render(request, track)


def _render(request: MemberRequest, track: Track, *, error: AppError | None = None) -> HttpResponse:
    company = request.company
    assert company is not None  # noqa: S101  `track_of_owner` let nobody else in
    offer = open_offer_of(track)
    downloads = track.downloads.filter(company=company).select_related("user")
    context = {
        "track": track,
        "lines": track.family.ownership_entries.select_related("track", "owner").order_by("position"),
        "versions": track.family.tracks.exclude(pk=track.pk).order_by("created_at"),
        "certificate": find_certificate(track),
        "named_owner": named_owner(track.family),
        "is_company_owner": has_owner_role(user=request.user, company=company),
        "may_assign": settings.OWNERS_MAY_ASSIGN,
        "offer": offer,
        "offer_address": offer_address(offer) if offer else "",
        "links": _list_links(request, track, company),
        "files": [] if track.family.frozen_at else track.files.all(),
        "downloads": downloads[:_DOWNLOADS_SHOWN],
        "default_hours": DEFAULT_HOURS,
        "longest_hours": LONGEST_HOURS,
        "error": error,
    }
    return render(request, "rights/rights.html", context, status=error.status if error else 200)


def _list_links(request: MemberRequest, track: Track, company: Company) -> list[tuple[DownloadLink, str]]:
    """A member sees the addresses of their own links, and of the others' that they exist."""
    links = live_links(track=track, company=company)
    return [
        (link, request.build_absolute_uri(link_address(link)) if link.user_id == request.user.pk else "")
        for link in links
    ]


@login_required
@require_POST
def create_link(request: MemberRequest, track_id: UUID) -> HttpResponse:
    hours = request.POST.get("hours", "")
    try:
        make_link(
            track_id=track_id,
            name=request.POST.get("name", ""),
            company=request.company,
            user=request.user,
            hours=int(hours) if hours.isdecimal() and len(hours) < 6 else 0,
        )
    except AppError as error:
        return _show_refusal(request, track_id, error)
    messages.success(request, "The link works from now on. Whoever has it can fetch this one file until it ends.")
    return redirect("rights:rights", track_id=track_id)


@login_required
@require_POST
def revoke_link(request: MemberRequest, track_id: UUID, link_id: UUID) -> HttpResponse:
    end_link(link_id=link_id, company=request.company, user=request.user)
    messages.success(request, "The link opens nothing any more.")
    return redirect("rights:rights", track_id=track_id)


@login_required
@require_POST
def save_naming(request: MemberRequest, track_id: UUID) -> HttpResponse:
    is_named = request.POST.get("named") == "yes"
    set_naming(track_id=track_id, company=request.company, user=request.user, is_named=is_named)
    who = f"{request.company} is named" if is_named else "No owner is named"
    messages.success(request, f"{who} to whoever verifies this track.")
    return redirect("rights:rights", track_id=track_id)


@login_required
@require_POST
def create_offer(request: MemberRequest, track_id: UUID) -> HttpResponse:
    try:
        offer = offer_assignment(
            track_id=track_id,
            company=request.company,
            user=request.user,
            recipient=request.POST.get("recipient", ""),
            deed=request.POST.get("deed", ""),
        )
    except AppError as error:
        return _show_refusal(request, track_id, error)
    messages.success(request, f"Offered to {offer.recipient}. The track stays yours until they accept.")
    return redirect("rights:rights", track_id=track_id)


@login_required
@require_POST
def end_offer(request: MemberRequest, track_id: UUID) -> HttpResponse:
    withdraw_offer(track_id=track_id, company=request.company, user=request.user)
    messages.success(request, "The offer is withdrawn.")
    return redirect("rights:rights", track_id=track_id)


def _show_refusal(request: MemberRequest, track_id: UUID, error: AppError) -> HttpResponse:
    """Beside the form it came from, for those who may see the page; for others as it is."""
    if not error.fields:
        raise error
    return _render(request, track_of_owner(track_id=track_id, company=request.company), error=error)


@login_required
@never_cache
@require_safe
def send_dispute_pack(request: MemberRequest, track_id: UUID) -> HttpResponse:
    content = build_dispute_pack(track_id=track_id, company=request.company, user=request.user)
    return answer_zip(content, track_id=track_id)


def answer_zip(content: bytes, *, track_id: UUID) -> HttpResponse:
    name = f"dispute-pack-{Track.objects.values_list('copyright_id', flat=True).get(pk=track_id)}.zip"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "private, no-store"}
    return HttpResponse(content, content_type="application/zip", headers=headers)


@login_required
@never_cache
@require_safe
def send_recipe(request: MemberRequest, track_id: UUID) -> HttpResponse:
    envelope = read_recipe(track_id=track_id, company=request.company, user=request.user)
    name = f"recipe-{envelope['document']['copyright_id']}.json"
    return JsonResponse(envelope, headers={"Content-Disposition": f'attachment; filename="{name}"'})


@require_safe
def open_link(request: HttpRequest, token: str, name: str) -> HttpResponseBase:
    """Without logging in: the address is the key. `name` only tells programs how to call the file."""
    link = read_link(token)
    response = deliver_file(
        request, track_id=link.track_id, name=link.file_name, company=link.company, user=link.user, link=link
    )
    response["X-Robots-Tag"] = "noindex"
    response["Referrer-Policy"] = "no-referrer"
    return response
