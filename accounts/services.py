"""Writes about people, companies and tokens."""

import secrets
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.module_loading import import_string

from accounts.models import COMPANY_NAME_LENGTH, TOKEN_NAME_LENGTH, ApiToken, Company, Membership, User
from accounts.queries import digest_of, tokens_shown_to
from marketplace.errors import ConflictError, InvalidInputError, NotFoundError, PermissionRefusedError

VISITOR_COMPANY_NAME = "Visitor"
TOKEN_PREFIX = "ot_"  # noqa: S105 - a mark by which scanners and people recognise our tokens


def register_user(*, email: str, password: str, company_name: str, visitor_company: Company | None = None) -> User:
    """A user who owns a company: the visitor's own, claimed with all that was made in it, or a new one."""
    _check_registration(email=email, password=password, company_name=company_name)
    try:
        with transaction.atomic():
            user = User.objects.create_user(email, password)
            company = _claim_company(visitor_company, name=company_name.strip())
            Membership.objects.create(user=user, company=company, role=Membership.Role.OWNER)
    except IntegrityError:
        message = "There is already an account with this e-mail address. Log in, or reset its password."
        raise ConflictError(message, code="email_taken", fields={"email": [message]}) from None
    return user


def _check_registration(*, email: str, password: str, company_name: str) -> None:
    faults: dict[str, list[str]] = {}
    try:
        User(email=email.lower()).clean_fields(exclude=["password"])
    except ValidationError:
        faults["email"] = [f"{email!r} is not an e-mail address. Write it like name@example.com."]
    try:
        validate_password(password, User(email=email))
    except ValidationError as error:
        faults["password"] = error.messages
    faults |= _find_name_faults(company_name)
    if faults:
        raise InvalidInputError("The registration is not complete; nothing was saved.", fields=faults)


def _find_name_faults(name: str) -> dict[str, list[str]]:
    if 0 < len(name.strip()) <= COMPANY_NAME_LENGTH and "\0" not in name:
        return {}
    return {"company_name": [f"Give the company a name of 1 to {COMPANY_NAME_LENGTH} characters."]}


def _claim_company(visitor_company: Company | None, *, name: str) -> Company:
    if visitor_company is not None:
        unclaimed = Company.objects.filter(pk=visitor_company.pk, is_claimed=False)
        # Of two people who register from one visitor session only the first gets its company.
        if unclaimed.update(name=name, is_claimed=True) == 1:
            return Company.objects.get(pk=visitor_company.pk)
    return Company.objects.create(name=name)


def create_visitor_company() -> Company:
    """Holds what a visitor makes before registering."""
    return Company.objects.create(name=VISITOR_COMPANY_NAME, is_claimed=False)


def merge_company(*, source: Company, target: Company) -> Company:
    """Moves a visitor's work into the company that they logged in to. A company with members is never emptied."""
    with transaction.atomic():
        both = Company.objects.filter(pk__in=[source.pk, target.pk]).order_by("pk")
        # Not against foreign keys: a worker that registers the visitor's track holds the job that is waited for here,
        # and has to name the company before it lets go.
        rows = {row.pk: row for row in both.select_for_update(no_key=True)}
        if source.pk in rows and not rows[source.pk].is_claimed and source.pk != target.pk:
            for path in settings.ACCOUNTS_COMPANY_MERGERS:
                import_string(path)(source=rows[source.pk], target=rows[target.pk])
    return target


def rename_company(*, membership: Membership, name: str) -> Company:
    if membership.role != Membership.Role.OWNER:
        raise PermissionRefusedError("Only an owner may rename the company. Ask one of the owners listed below.")
    faults = _find_name_faults(name)
    if faults:
        raise InvalidInputError(faults["company_name"][0], fields=faults)
    membership.company.name = name.strip()
    membership.company.save(update_fields=["name"])
    return membership.company


def issue_token(*, user: User, company: Company, name: str, expires_at: datetime | None = None) -> tuple[ApiToken, str]:
    """The row and the token itself, which is not stored and cannot be shown again."""
    if not Membership.objects.filter(user=user, company=company).exists():
        raise PermissionRefusedError("Only a member of the company may have a token for it.")
    faults = {}
    if not 0 < len(name.strip()) <= TOKEN_NAME_LENGTH or "\0" in name:
        faults["name"] = [
            f"Give the token a name of 1 to {TOKEN_NAME_LENGTH} characters: the program that will use it."
        ]
    if expires_at is not None and expires_at <= timezone.now():
        faults["expires_at"] = ["The token would have expired already. Choose a later day, or none."]
    if faults:
        raise InvalidInputError("No token was created.", fields=faults)
    text = TOKEN_PREFIX + secrets.token_urlsafe(32)
    token = ApiToken.objects.create(
        user=user, company=company, name=name.strip(), digest=digest_of(text), hint=text[:8], expires_at=expires_at
    )
    return token, text


def revoke_token(*, membership: Membership, token_id: int) -> ApiToken:
    """Ends a token at once: one's own, or, for an owner, any of the company."""
    token = tokens_shown_to(membership).filter(pk=token_id).first()
    if token is None:
        raise NotFoundError("There is no such token in your company, or it was revoked already.")
    token.revoked_at = timezone.now()
    token.save(update_fields=["revoked_at"])
    return token


def note_token_use(token: ApiToken) -> None:
    """Remembers the time to the minute, so that busy programs do not write on every call."""
    now = timezone.now()
    unnoted = Q(last_used_at=None) | Q(last_used_at__lt=now - timedelta(minutes=1))
    if token.last_used_at is None or token.last_used_at < now - timedelta(minutes=1):
        ApiToken.objects.filter(unnoted, pk=token.pk).update(last_used_at=now)
