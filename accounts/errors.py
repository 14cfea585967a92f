"""Refusals of credentials."""

from marketplace.errors import AppError


class InvalidTokenError(AppError):
    """A bearer token that opens nothing: unknown, expired or revoked."""

    status = 401
    default_code = "invalid_token"
