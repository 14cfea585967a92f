"""The one family of errors that people and programs are told about.

Services raise these. The API answers with `{code, message, fields}` (`marketplace.api_errors`), pages with a page
(`marketplace.pages`).
"""

from collections.abc import Mapping


class AppError(Exception):
    """`code` is stable, `message` says what happened and what to do next, `fields` maps a field to its own message."""

    status = 400
    default_code = "invalid"

    def __init__(
        self,
        message: str,
        *,
        code: str | None = None,
        fields: Mapping[str, list[str]] | None = None,
        extra: Mapping[str, object] | None = None,
    ) -> None:
        self.code = code or self.default_code
        self.message = message
        self.fields = dict(fields or {})
        self.extra = dict(extra or {})
        """More keys for the API's answer, such as `retry_at`."""
        super().__init__(message)


class InvalidInputError(AppError):
    """What was sent cannot be meant; `fields` names each fault and its remedy."""


class PermissionRefusedError(AppError):
    status = 403
    default_code = "permission_refused"


class NotFoundError(AppError):
    """Missing, or not yours to know about: the two read alike on purpose."""

    status = 404
    default_code = "not_found"


class ConflictError(AppError):
    """Right in itself, but not in the present state of things."""

    status = 409
    default_code = "conflict"


class TooManyRequestsError(AppError):
    status = 429
    default_code = "too_many_requests"


class UnavailableError(AppError):
    """A service we lean on does not answer. Transient: try again."""

    status = 503
    default_code = "unavailable"
