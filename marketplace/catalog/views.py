"""Listening and choosing."""

from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.cache import add_never_cache_headers
from django.views.decorators.http import require_safe

from accounts.authentication import identify_company
from accounts.requests import PageRequest
from marketplace.catalog.filters import TrackFilterForm, narrow_tracks
from marketplace.catalog.listeners import keep_visit, note_hearing, read_visit
from marketplace.catalog.models import Track
from marketplace.catalog.queries import draft_tracks, listed_tracks, preview_file, visible_track
from marketplace.catalog.streaming import send_file

TRACKS_PER_PAGE = 24


@require_safe
def list_tracks(request: PageRequest) -> HttpResponse:
    """Tracks on sale; a filter that cannot be meant is named, and the list stays empty."""
    form = TrackFilterForm(request.GET)
    tracks = narrow_tracks(listed_tracks(), form=form) if form.is_valid() else Track.objects.none()
    page = Paginator(tracks, TRACKS_PER_PAGE).get_page(request.GET.get("page"))
    query = request.GET.copy()
    query.pop("page", None)
    context = {
        "form": form,
        "page": page,
        "tracks": page.object_list,
        "query": query.urlencode(),
        "is_narrowed": not form.is_valid() or form.is_narrowed,
        "drafts": draft_tracks(request.company).count() if request.company else 0,
    }
    answer = render(request, "catalog/list.html", context, status=200 if form.is_valid() else 400)
    return answer if request.company else keep_visit(answer, read_visit(request))


@require_safe
def show_track(request: PageRequest, track_id: UUID) -> HttpResponse:
    """The page to listen and to buy on. Of a sold track it says so; its owner finds the files there as well."""
    track = visible_track(track_id=track_id, company=request.company)
    can_buy = track.status in (Track.Status.DRAFT, Track.Status.ON_SALE)
    if request.GET.get("shown") == "writing" and can_buy and track.is_being_written:
        return HttpResponse(status=204)  # the page asks whether anything has changed, and keeps what it shows
    context = {
        "track": track,
        "is_maker": request.company is not None and track.company_id == request.company.pk,
        "can_buy": can_buy,
        "must_register": not request.user.is_authenticated,
        "can_hear": track.status not in (Track.Status.SOLD, Track.Status.WITHDRAWN),
    }
    answer = render(request, "catalog/detail.html", context)
    if request.company is None:
        return keep_visit(answer, read_visit(request))
    add_never_cache_headers(answer)  # after logging out, Back must not show the company's files
    return answer


@require_safe
def send_preview(request: PageRequest, track_id: UUID) -> HttpResponseBase:
    """In an order of variants of the listener's own, where the preview has any: a leak of it can be traced."""
    company = identify_company(request)
    track = visible_track(track_id=track_id, company=company)
    file = preview_file(track)
    if request.method != "GET" or not file.variant_storage_name:
        return send_file(request, file=file, as_attachment=False)
    visit = read_visit(request)
    hearing = note_hearing(request, track=track, company=company, visit=visit)
    answer = send_file(request, file=file, as_attachment=False, hearing=hearing)
    return answer if company else keep_visit(answer, visit)
