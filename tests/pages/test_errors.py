"""What people and programs see when something is refused or breaks."""

import json

import pytest
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.test import Client, RequestFactory
from rest_framework import serializers
from rest_framework.test import APIRequestFactory
from rest_framework.views import APIView

from marketplace.errors import ConflictError, TooManyRequestsError
from marketplace.pages import AppErrorMiddleware, bad_request, csrf_failure, permission_denied, server_error


class Inner(serializers.Serializer):
    seconds = serializers.IntegerField()


class Outer(serializers.Serializer):
    name = serializers.CharField()
    brief = Inner()
    takes = Inner(many=True)


class Probe(APIView):
    """Reads a body and refuses as it was told to."""

    authentication_classes = permission_classes = throttle_classes = ()
    refusal: Exception | None = None

    def post(self, request) -> None:
        Outer(data=request.data).is_valid(raise_exception=True)

    def get(self, request) -> None:
        raise self.refusal


def post(body: str, content_type: str = "application/json"):
    request = APIRequestFactory().generic("POST", "/api/v1/probe/", body, content_type)
    return Probe.as_view()(request).render()


def refuse(error: Exception):
    return Probe.as_view(refusal=error)(APIRequestFactory().get("/api/v1/probe/")).render()


@pytest.mark.parametrize(
    "body", ["", "{", "nonsense", "\xff\xfe", "[" * 100_000, '{"name": NaN}', '{"seed": ' + "9" * 5000 + "}"]
)
def test_body_that_is_not_json_is_refused(body: str) -> None:
    response = post(body)
    data = json.loads(response.content)
    assert response.status_code == 400
    assert set(data) == {"code", "message", "fields"}
    assert data["code"] == ("invalid_json" if body else "invalid")


@pytest.mark.parametrize("body", ["[]", "3", '"text"', "null"])
def test_body_that_is_no_object_is_refused(body: str) -> None:
    assert json.loads(post(body).content)["code"] == "invalid"


def test_every_faulty_field_is_named_wherever_it_lies() -> None:
    response = post('{"brief": {"seconds": "x"}, "takes": [{"seconds": 5}, {}]}')
    assert response.status_code == 400
    assert list(json.loads(response.content)["fields"]) == ["name", "brief.seconds", "takes.1.seconds"]


@pytest.mark.parametrize(
    "content_type", ["text/plain", "multipart/form-data; boundary=x", "application/x-www-form-urlencoded"]
)
def test_other_content_types_are_refused_with_the_remedy(content_type: str) -> None:
    response = post("name=x", content_type)
    assert response.status_code == 415
    assert "Send application/json." in json.loads(response.content)["message"]


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (ConflictError("Sold.", code="track_sold"), 409, "track_sold"),
        (TooManyRequestsError("Slower."), 429, "too_many_requests"),
        (Http404(), 404, "not_found"),
        (PermissionDenied(), 403, "permission_refused"),
    ],
)
def test_refusal_reaches_programs_with_its_code(error: Exception, status: int, code: str) -> None:
    response = refuse(error)
    assert (response.status_code, json.loads(response.content)["code"]) == (status, code)


def test_refusal_may_carry_more_for_programs() -> None:
    response = refuse(TooManyRequestsError("Slower.", extra={"retry_after": 30}))
    assert response["Retry-After"] == "30"
    assert json.loads(response.content)["retry_after"] == 30


def test_unknown_address_of_the_api_answers_in_json(client, db) -> None:
    response = client.get("/api/v1/nothing/")
    assert (response.status_code, response.json()["code"]) == (404, "not_found")


@pytest.mark.parametrize(("url", "kind"), [("/accounts/login/", "text/html"), ("/api/v1/tracks/", "application/json")])
def test_ten_megabytes_are_refused_before_anybody_reads_them(client, url: str, kind: str) -> None:
    response = client.generic("POST", url, b"x" * 10 * 1024 * 1024, "application/json")
    assert response.status_code == 413
    assert response["Content-Type"].startswith(kind)
    assert "larger than 1024 KiB" in response.content.decode()


def test_unknown_page_says_where_to_go(client, db) -> None:
    response = client.get("/nothing/")
    assert response.status_code == 404
    assert "This address leads nowhere" in response.content.decode()


def test_page_refusal_keeps_its_status_and_words() -> None:
    middleware = AppErrorMiddleware(lambda request: None)
    error = ConflictError("It is sold.", fields={"track": ["Choose another."]}, extra={"retry_after": 60})
    response = middleware.process_exception(RequestFactory().get("/orders/"), error)
    assert (response.status_code, response["Retry-After"]) == (409, "60")
    assert "It is sold." in response.content.decode()
    assert "Choose another." in response.content.decode()


def test_bugs_are_left_to_the_log_and_the_500_page() -> None:
    assert AppErrorMiddleware(lambda request: None).process_exception(RequestFactory().get("/"), KeyError("x")) is None


@pytest.mark.parametrize(("show", "status"), [(bad_request, 400), (permission_denied, 403), (csrf_failure, 403)])
def test_djangos_own_refusals_have_a_page(show, status: int) -> None:
    response = show(RequestFactory().get("/"), Exception())
    assert response.status_code == status
    assert "text/html" in response["Content-Type"]


def test_broken_page_is_shown_without_session_or_database() -> None:
    response = server_error(RequestFactory().get("/"))
    assert response.status_code == 500
    assert "Nothing that you saved is lost" in response.content.decode()
    assert json.loads(server_error(RequestFactory().get("/api/v1/x/")).content)["code"] == "server_error"


def test_form_without_its_csrf_token_is_refused_with_a_page(db) -> None:
    response = Client(enforce_csrf_checks=True).post("/accounts/login/", {"username": "a", "password": "b"})
    assert response.status_code == 403
    assert "reload the page and try again" in response.content.decode()
