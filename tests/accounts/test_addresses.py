"""Which address a rate limit counts for."""

from django.test import RequestFactory

from accounts.addresses import client_address

PROXIED = {"HTTP_X_FORWARDED_FOR": "6.6.6.6, 203.0.113.7", "REMOTE_ADDR": "10.0.0.1"}


def test_without_a_proxy_a_forged_header_is_ignored(settings) -> None:
    settings.SECURE_PROXY_SSL_HEADER = None
    assert client_address(RequestFactory().get("/", **PROXIED)) == "10.0.0.1"


def test_behind_our_proxy_only_its_own_entry_counts(settings) -> None:
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    assert client_address(RequestFactory().get("/", **PROXIED)) == "203.0.113.7"
    assert client_address(RequestFactory().get("/", REMOTE_ADDR="10.0.0.1")) == "10.0.0.1"
