"""An owner passes its rights on: it offers them, the other side accepts, and only then does anything change hands."""

from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import send_mail
from django.core.signing import BadSignature, Signer
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from accounts.models import Company, User
from marketplace.catalog.models import Track
from marketplace.catalog.services import lock_family
from marketplace.errors import ConflictError, InvalidInputError, NotFoundError, PermissionRefusedError
from marketplace.rights.models import AssignmentOffer, OwnershipEntry
from marketplace.rights.queries import last_title, owned_track, track_of_owner
from marketplace.rights.roles import require_owner_role
from marketplace.rights.services import assign_ownership

OFFER_LIFE = timedelta(days=14)
DEED_LENGTH = 200
State = AssignmentOffer.State

_SIGNER = Signer(sep=".", salt="marketplace.rights.offers")


def offer_assignment(
    *, track_id: UUID, company: Company | None, user: User, recipient: str, deed: str
) -> AssignmentOffer:
    """Offers a sold track, with its family, to whoever reads mail at `recipient`. One offer at a time."""
    track = owned_track(track_id=track_id, company=company)
    _refuse_if_off()
    if company is not None:
        require_owner_role(user=user, company=company)
    _check_offer(recipient, deed)
    with transaction.atomic():
        lock_family(family_id=track.family_id)
        track = owned_track(track_id=track_id, company=company)
        entry = last_title(track.family)
        if entry is None:  # cannot be: the company owns it
            raise NotFoundError("There is no such track in your library.")
        _close_lapsed(entry)
        try:
            with transaction.atomic():
                offer = AssignmentOffer.objects.create(
                    entry=entry,
                    track=track,
                    recipient=recipient.strip().lower(),
                    deed=deed.strip(),
                    user=user,
                    expires_at=timezone.now() + OFFER_LIFE,
                )
        except IntegrityError as error:
            message = "This track is on offer to somebody already. Withdraw that offer first."
            raise ConflictError(message, code="offer_open") from error
        transaction.on_commit(lambda: _send_offer(offer))
    return offer


def offer_address(offer: AssignmentOffer) -> str:
    return settings.SITE_URL + reverse("rights:offer", args=[_SIGNER.sign(offer.pk.hex)])


def read_offer(token: str) -> AssignmentOffer:
    """The offer behind a link as it was mailed. Who has the link has read the mail, or was given it by the owner."""
    try:
        pk = UUID(_SIGNER.unsign(token))
    except (BadSignature, ValueError) as error:
        raise NotFoundError("This link is incomplete or changed. Copy it again, whole.") from error
    offer = AssignmentOffer.objects.select_related("track__family", "entry__owner").filter(pk=pk).first()
    if offer is None:
        raise NotFoundError("There is no such offer.")
    return offer


def open_offer_of(track: Track) -> AssignmentOffer | None:
    """What its owner has on offer now."""
    entry = last_title(track.family)
    offers = AssignmentOffer.objects.filter(entry=entry, state=State.OPEN, expires_at__gt=timezone.now())
    return offers.first()


def accept_offer(*, token: str, company: Company | None, user: User) -> OwnershipEntry:
    """All rights pass to `company`, in one transaction with the register's line and a certificate of its own."""
    offer = read_offer(token)
    _refuse_if_off()
    if company is None:
        raise PermissionRefusedError("Your account acts for no company that could own a track.", code="no_company")
    require_owner_role(user=user, company=company)
    with transaction.atomic():
        _lock_open(offer)
        entry = assign_ownership(track=offer.track, to=company, reference=f"assignment {offer.pk}")
        _close(offer, State.ACCEPTED)
    return entry


def decline_offer(*, token: str) -> AssignmentOffer:
    offer = read_offer(token)
    with transaction.atomic():
        _lock_open(offer)
        _close(offer, State.DECLINED)
    return offer


def withdraw_offer(*, track_id: UUID, company: Company | None, user: User) -> AssignmentOffer:
    track = track_of_owner(track_id=track_id, company=company)
    if company is not None:
        require_owner_role(user=user, company=company)
    offer = open_offer_of(track)
    if offer is None:
        raise NotFoundError("This track is not on offer to anybody.")
    with transaction.atomic():
        _lock_open(offer)
        _close(offer, State.WITHDRAWN)
    return offer


def _refuse_if_off() -> None:
    if not settings.OWNERS_MAY_ASSIGN:
        message = "On this site the operator passes rights on. Send them the deed: the register names its line."
        raise PermissionRefusedError(message, code="assignment_off")


def _check_offer(recipient: str, deed: str) -> None:
    faults: dict[str, list[str]] = {}
    try:
        validate_email(recipient.strip())
    except ValidationError:
        faults["recipient"] = [f"{recipient!r} is not an e-mail address. Write it like name@example.com."]
    if not 0 < len(deed.strip()) <= DEED_LENGTH or "\0" in deed:
        faults["deed"] = [f"Name the agreement in 1 to {DEED_LENGTH} characters, such as “deed of 3 May 2027”."]
    if faults:
        raise InvalidInputError("Nothing was offered.", fields=faults)


def _close_lapsed(entry: OwnershipEntry) -> None:
    now = timezone.now()
    lapsed = AssignmentOffer.objects.filter(entry=entry, state=State.OPEN, expires_at__lte=now)
    lapsed.update(state=State.WITHDRAWN, closed_at=now)


def _lock_open(offer: AssignmentOffer) -> None:
    """The family, and with it the offer: nobody else accepts, withdraws or sells meanwhile."""
    family = lock_family(family_id=offer.track.family_id)
    offer.refresh_from_db(fields=["state", "expires_at"])
    if offer.state != State.OPEN:
        raise ConflictError(f"This offer was {offer.get_state_display().lower()} already.", code="offer_closed")
    entry = last_title(family)
    if offer.expires_at <= timezone.now() or entry is None or entry.pk != offer.entry_id:
        message = "This offer has ended: its time is over, or the track no longer belongs to whoever offered it."
        raise ConflictError(message, code="offer_ended")


def _close(offer: AssignmentOffer, state: State) -> None:
    offer.state, offer.closed_at = state, timezone.now()
    offer.save(update_fields=["state", "closed_at"])


def _send_offer(offer: AssignmentOffer) -> None:
    context = {"offer": offer, "company": offer.entry.owner, "address": offer_address(offer)}
    text = render_to_string("rights/offer_email.txt", context)
    send_mail(f"{offer.entry.owner} offers you {offer.track.title}", text, None, [offer.recipient], fail_silently=True)
