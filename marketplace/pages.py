"""The landing page, and what people see when something is refused or goes wrong."""

from collections.abc import Callable
from http import HTTPStatus

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template import loader

from accounts.requests import PageRequest
from marketplace.api_errors import describe_error
from marketplace.catalog.listeners import keep_visit, read_visit
from marketplace.catalog.queries import listed_tracks
from marketplace.errors import AppError

LANDING_TRACKS = 6
_LARGEST_DRAINED_BODY = 32 * 1024 * 1024
_TITLES = {
    400: "That could not be understood",
    401: "That key does not fit",
    403: "That is not allowed",
    404: "There is nothing here",
    409: "That is not possible now",
    413: "That is too much",
    429: "A little slower, please",
    500: "Something went wrong on our side",
    503: "A service does not answer",
}


class TooLargeError(AppError):
    status = 413
    default_code = "too_large"


def landing(request: PageRequest) -> HttpResponse:
    """A few tracks to play at once, and what is sold."""
    tracks = listed_tracks().filter(family__held_until=None)[:LANDING_TRACKS]
    context = {
        "tracks": tracks,
        "price_amount": settings.DEFAULT_PRICE,
        "price_currency": settings.DEFAULT_CURRENCY,
    }
    page = render(request, "landing.html", context)
    return page if request.company else keep_visit(page, read_visit(request))


class BodyLimitMiddleware:
    """Refuses a body over the limit, for pages, API and webhooks alike, before anything parses it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        length = request.META.get("CONTENT_LENGTH") or "0"
        limit = settings.LARGER_BODIES.get(request.path_info, settings.DATA_UPLOAD_MAX_MEMORY_SIZE)
        if length.isdigit() and int(length) > limit:
            _drain(request)
            return show_error(request, _too_large(limit))
        return self.get_response(request)


def _drain(request: HttpRequest) -> None:
    """Reads the body away: many clients never see an answer that comes while they still send."""
    left = _LARGEST_DRAINED_BODY
    while left > 0 and (block := request.read(64 * 1024)):
        left -= len(block)


def _too_large(limit: int) -> AppError:
    return TooLargeError(f"What you sent is larger than {limit // 1024} KiB. Nothing was saved. Send less.")


class AppErrorMiddleware:
    """Shows an AppError that a page's view raised, with its status. The API has a handler of its own."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        return show_error(request, error) if isinstance(error, AppError) else None


def show_error(request: HttpRequest, error: AppError) -> HttpResponse:
    """JSON for programs, a page for people. `error.html` gets status, title, message, code and fields."""
    response: HttpResponse
    if request.path.startswith("/api/"):
        response = JsonResponse(describe_error(error), status=error.status)
    else:
        fields = {name: " ".join(messages) for name, messages in error.fields.items()}
        context = describe_error(error) | {"status": error.status, "title": _title(error.status), "fields": fields}
        response = render(request, "error.html", context, status=error.status)
    if error.status == 401:
        response["WWW-Authenticate"] = 'Bearer realm="api"'
    if "retry_after" in error.extra:
        response["Retry-After"] = str(error.extra["retry_after"])
    return response


def _title(status: int) -> str:
    return _TITLES.get(status, HTTPStatus(status).phrase)


def _error(message: str, *, status: int, code: str) -> AppError:
    error = AppError(message, code=code)
    error.status = status
    return error


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    if isinstance(exception, RequestDataTooBig):
        return show_error(request, _too_large(settings.DATA_UPLOAD_MAX_MEMORY_SIZE))
    message = "The request was malformed. Nothing was saved. Go back, reload the page and try again."
    return show_error(request, _error(message, status=400, code="bad_request"))


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    message = "Your account may not do this. Log in with another account, or ask an owner of your company."
    return show_error(request, _error(message, status=403, code="permission_refused"))


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    message = "The form had expired, or cookies are off. Nothing was saved. Go back, reload the page and try again."
    return show_error(request, _error(message, status=403, code="csrf_failed"))


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    message = "This address leads nowhere. Check it for a typing mistake, or start from the list of tracks."
    return show_error(request, _error(message, status=404, code="not_found"))


def server_error(request: HttpRequest) -> HttpResponse:
    """Rendered without the request, so that a broken session or database cannot break the page about it."""
    message = "Nothing that you saved is lost, and the fault was logged. Try again in a minute."
    error = _error(message, status=500, code="server_error")
    if request.path.startswith("/api/"):
        return JsonResponse(describe_error(error), status=500)
    context = {"status": 500, "title": _title(500), **describe_error(error)}
    return HttpResponse(loader.render_to_string("error.html", context), status=500)
