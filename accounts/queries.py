"""Reads about people and companies."""

from hashlib import sha256

from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet
from django.utils import timezone

from accounts.errors import InvalidTokenError
from accounts.models import ApiToken, Company, Membership, User

_REMEDY = "Create another in the account settings, under API tokens."


def membership_of(user: User | AnonymousUser) -> Membership | None:
    """The membership a person acts under: the oldest one."""
    if not user.is_authenticated:
        return None
    return Membership.objects.filter(user=user).select_related("company").order_by("pk").first()


def company_of(user: User | AnonymousUser) -> Company | None:
    membership = membership_of(user)
    return membership.company if membership else None


def members_of(company: Company) -> QuerySet[Membership]:
    return Membership.objects.filter(company=company).select_related("user").order_by("pk")


def tokens_shown_to(membership: Membership) -> QuerySet[ApiToken]:
    """Live and expired tokens: an owner sees the company's, a member their own."""
    tokens = ApiToken.objects.filter(company=membership.company, revoked_at=None).select_related("user")
    if membership.role != Membership.Role.OWNER:
        tokens = tokens.filter(user=membership.user)
    return tokens.order_by("-created_at", "-pk")


def digest_of(token: str) -> str:
    return sha256(token.encode()).hexdigest()


def find_live_token(text: str) -> ApiToken:
    """The token that a program carries, if its user may still act for its company; else the error says why not."""
    token = ApiToken.objects.filter(digest=digest_of(text)).select_related("user", "company").first()
    if token is None:
        raise InvalidTokenError(f"This token is unknown. {_REMEDY}", code="invalid_token")
    if token.revoked_at:
        raise InvalidTokenError(f"This token was revoked. {_REMEDY}", code="revoked_token")
    if token.expires_at and token.expires_at <= timezone.now():
        message = f"This token expired at {token.expires_at:%Y-%m-%d %H:%M} UTC. {_REMEDY}"
        raise InvalidTokenError(message, code="expired_token")
    if not token.user.is_active or not Membership.objects.filter(user=token.user, company=token.company).exists():
        message = "The person behind this token no longer acts for its company. Ask a member for another token."
        raise InvalidTokenError(message, code="revoked_token")
    return token
