"""`/healthz`: this process answers. `/readyz`: everything it leans on does.

Both are answered before anything looks at the request's host or scheme: balancers come to the machine's own address.
"""

from collections.abc import Callable

from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from redis import Redis, RedisError

from generator.queries import worker_state


class _NotReadyError(Exception):
    """The message says what is missing."""


def _check_database() -> None:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError as error:
        raise _NotReadyError("the database does not answer") from error


def _check_broker() -> None:
    try:
        with Redis.from_url(settings.REDIS_URL, socket_connect_timeout=1, socket_timeout=1) as broker:
            broker.ping()
    except RedisError as error:
        raise _NotReadyError("the broker does not answer") from error


def _check_worker() -> None:
    state = worker_state()
    missing = [name for name in ("compose", "render", "pack", "books") if not state[name]["alive"]]
    if missing:
        raise _NotReadyError(f"no {' and no '.join(missing)} worker has reported lately")


def _check_models() -> None:
    if not worker_state()["compose"]["models"]:
        raise _NotReadyError("no worker has loaded the models yet")


_CHECKS: dict[str, Callable[[], None]] = {
    "database": _check_database,
    "broker": _check_broker,
    "worker": _check_worker,
    "models": _check_models,
}


@never_cache
@require_safe
def healthz(_request: HttpRequest) -> JsonResponse:
    return JsonResponse({"status": "ok"})


@never_cache
@require_safe
def readyz(_request: HttpRequest) -> JsonResponse:
    """200 when every check says 'ok', else 503 with the reason beside the check that failed."""
    results = {}
    for name, check in _CHECKS.items():
        try:
            check()
            results[name] = "ok"
        except (_NotReadyError, RedisError) as error:
            results[name] = str(error)
    ready = all(result == "ok" for result in results.values())
    return JsonResponse({"ready": ready, "checks": results}, status=200 if ready else 503)


_VIEWS = {"/healthz": healthz, "/readyz": readyz}


class HealthMiddleware:
    """The first of all."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        view = _VIEWS.get(request.path_info, self.get_response)
        return view(request)
