"""What a balancer asks."""

import pytest
from django.test import Client
from pytest_django import Settings

from generator.worker_reports import BOOKS, COMPOSE, PACK, RENDER, write_report

pytestmark = pytest.mark.django_db


def report_workers(*, models: list[str]) -> None:
    write_report(COMPOSE, state={"alive": True, "models": models})
    write_report(RENDER, state={"alive": True})
    write_report(PACK, state={"alive": True})
    write_report(BOOKS, state={"alive": True})


def test_process_that_answers_is_healthy(client: Client) -> None:
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
    assert "no-store" in answer["Cache-Control"]


def test_site_is_ready_once_every_kind_of_worker_has_reported(client: Client) -> None:
    report_workers(models=["piano"])
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json() == {"ready": True, "checks": dict.fromkeys(("database", "broker", "worker", "models"), "ok")}


def test_site_without_workers_says_which_are_missing(client: Client) -> None:
    write_report(RENDER, state={"alive": True})
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["checks"]["worker"] == "no compose and no pack and no books worker has reported lately"


def test_worker_without_models_is_not_ready(client: Client) -> None:
    report_workers(models=[])
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["checks"]["models"] == "no worker has loaded the models yet"


def test_broker_that_does_not_answer_is_named(client: Client, settings: Settings) -> None:
    report_workers(models=["piano"])
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["checks"]["broker"] == "the broker does not answer"


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_health_is_for_reading(client: Client, path: str) -> None:
    assert client.post(path).status_code == 405


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_balancer_that_comes_to_the_address_of_the_machine_is_answered(
    client: Client, settings: Settings, path: str
) -> None:
    """Neither by the site's name nor over TLS; everything else is refused."""
    settings.ALLOWED_HOSTS, settings.SECURE_SSL_REDIRECT = ["music.example.com"], True
    report_workers(models=["piano"])
    assert client.get(path, headers={"Host": "10.0.0.7:8000"}).status_code == 200
    assert client.get("/", headers={"Host": "10.0.0.7:8000"}).status_code == 400
