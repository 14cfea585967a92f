"""System checks that stop a start with certificates under which no credential could be signed."""

from typing import Any

from django.conf import settings
from django.core import checks
from django.core.exceptions import ImproperlyConfigured

from marketplace.rights.credentials import load_credential


@checks.register(checks.Tags.security)
def check_credential_settings(**_options: Any) -> list[checks.CheckMessage]:
    """Only what the operator gave: a chain of our own cannot be wrong."""
    if not settings.CREDENTIAL_CERTIFICATES and not settings.CREDENTIAL_KEY:
        return []
    try:
        load_credential()
    except ImproperlyConfigured as error:
        return [checks.Error(str(error), id="rights.E001")]
    return []
