"""Hands a file to its owner, and notes that it did. Pages and API come through here."""

from uuid import UUID

from django.http import HttpRequest, HttpResponseBase

from accounts.models import Company, User
from marketplace.catalog.streaming import send_file, starts_at_first_byte
from marketplace.errors import UnavailableError
from marketplace.rights.models import DownloadLink
from marketplace.rights.packs import forget_lost_pack
from marketplace.rights.queries import owned_file
from marketplace.rights.services import note_download


def deliver_file(
    request: HttpRequest,
    *,
    track_id: UUID,
    name: str,
    company: Company | None,
    user: User,
    link: DownloadLink | None = None,
) -> HttpResponseBase:
    file = owned_file(track_id=track_id, name=name, company=company)
    if forget_lost_pack(file):  # before the answer: on S3 that is a link, and nobody tells us that it leads nowhere
        message = "The pack was lost from storage. It is being built again, the same to the byte: try again shortly."
        raise UnavailableError(message, code="pack_being_rebuilt")
    response = send_file(request, file=file, as_attachment=not file.is_preview)
    if request.method == "GET" and response.status_code in (200, 206, 302) and company is not None:
        # The answer has not left yet: whoever gets a byte has been written down.
        is_continuation = not starts_at_first_byte(request, file=file)
        note_download(file=file, company=company, user=user, is_continuation=is_continuation, link=link)
    return response
