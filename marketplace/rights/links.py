"""Links to one file each that work without logging in, for as long as their maker said, and no longer."""

from datetime import timedelta
from uuid import UUID

from django.core.signing import BadSignature, Signer
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone

from accounts.models import Company, Membership, User
from marketplace.catalog.models import Track
from marketplace.catalog.streaming import name_download
from marketplace.errors import AppError, InvalidInputError, NotFoundError
from marketplace.rights.models import DownloadLink
from marketplace.rights.queries import owned_file
from marketplace.rights.roles import has_owner_role

LONGEST_HOURS = 168
DEFAULT_HOURS = 24

_SIGNER = Signer(sep=".", salt="marketplace.rights.links")


class LinkEndedError(AppError):
    status = 410
    default_code = "link_ended"


def make_link(*, track_id: UUID, name: str, company: Company | None, user: User, hours: int) -> DownloadLink:
    """For a member of the owning company, to hand on or to give to a download manager."""
    file = owned_file(track_id=track_id, name=name, company=company)
    if not 1 <= hours <= LONGEST_HOURS or company is None:
        message = f"hours: {hours} is not possible. A link lives for 1 to {LONGEST_HOURS} hours."
        raise InvalidInputError(message, fields={"hours": [message]})
    expires_at = timezone.now() + timedelta(hours=hours)
    return DownloadLink.objects.create(
        track=file.track, file_name=file.name, company=company, user=user, expires_at=expires_at
    )


def link_address(link: DownloadLink) -> str:
    """Its path. The same link always has the same address, so nothing secret is stored."""
    file = link.track.files.filter(name=link.file_name).select_related("track").first()
    return reverse("rights:link", args=[_SIGNER.sign(link.pk.hex), name_download(file) if file else "file"])


def read_link(token: str) -> DownloadLink:
    """The link, if it still opens anything. Its maker must still act for the company; that the company still owns the
    track, and may have the file, `owned_file` checks as ever."""
    try:
        pk = UUID(_SIGNER.unsign(token))
    except (BadSignature, ValueError) as error:
        raise NotFoundError("This link is incomplete or changed. Copy it again, whole.") from error
    link = DownloadLink.objects.select_related("user", "company", "track").filter(pk=pk).first()
    if link is None or link.revoked_at is not None:
        raise LinkEndedError("This link was withdrawn. Ask whoever sent it for another.")
    if link.expires_at <= timezone.now():
        raise LinkEndedError(f"This link ended on {link.expires_at:%d %B %Y, %H:%M} UTC. Ask for another.")
    if not link.user.is_active or not Membership.objects.filter(user=link.user, company=link.company).exists():
        raise LinkEndedError("Whoever made this link no longer acts for the owner. Ask the owner for another.")
    return link


def live_links(*, track: Track, company: Company) -> QuerySet[DownloadLink]:
    live = DownloadLink.objects.filter(track=track, company=company, revoked_at=None, expires_at__gt=timezone.now())
    return live.select_related("user", "track")


def revoke_link(*, link_id: UUID, company: Company | None, user: User) -> DownloadLink:
    """One's own, or as an owner of the company anybody's."""
    link = DownloadLink.objects.select_related("track").filter(pk=link_id, company=company).first() if company else None
    if link is None or company is None or (link.user_id != user.pk and not has_owner_role(user=user, company=company)):
        raise NotFoundError("There is no such link of yours.")
    if link.revoked_at is None:
        link.revoked_at = timezone.now()
        link.save(update_fields=["revoked_at"])
    return link
