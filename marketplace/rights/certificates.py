"""Certificates: what a sale proves, frozen in the transaction of the sale."""

import hashlib
import json
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.models import Company
from marketplace.catalog.models import Track
from marketplace.errors import NotFoundError
from marketplace.rights.chain import write_time
from marketplace.rights.models import Certificate, CertificatePaper, OwnershipEntry
from marketplace.rights.originality_report import summarise_report
from marketplace.rights.queries import owner_of
from marketplace.rights.signing import Envelope, sign_document
from marketplace.rights.terms import current_terms, fill_terms
from marketplace.rights.training_bill import training_of

CERTIFICATE_FORMAT = "onetake-certificate/1"
AI_NOTICE = "Composed and recorded by machine (generative AI), to the owner's brief."


def issue_certificate(entry: OwnershipEntry) -> Certificate:
    terms = current_terms()
    content = {
        **_describe_sale(entry),
        "terms": {"version": terms.version, "title": terms.title, "text": fill_terms(terms, entry=entry)},
        **_describe_music(entry.track),
    }
    # No floats in what is signed: programs print them differently.
    frozen = json.loads(json.dumps(content, default=str), parse_float=str)
    return Certificate.objects.create(entry=entry, terms=terms, content=frozen)


def read_certificate(*, track_id: UUID, company: Company | None) -> Envelope:
    """The signed certificate, for the company that owns the track now; for everybody else there is none."""
    track = Track.objects.select_related("family").filter(pk=track_id).first()
    owner = owner_of(track.family) if track else None
    if track is None or company is None or owner != company:
        raise NotFoundError("There is no such certificate. It belongs to the company that owns the track.")
    certificate = find_certificate(track)
    if certificate is None:
        raise NotFoundError("This track was sold without a certificate. Ask the operator of this site for one.")
    return sign_certificate(certificate)


def find_certificate(track: Track) -> Certificate | None:
    """Of the family's last transfer, which is the one that counts."""
    sold = Certificate.objects.filter(entry__family=track.family).select_related("entry")
    return sold.order_by("entry__sequence").last()


def find_certificate_by_cause(reference: str) -> Certificate | None:
    """Of the transfer that `reference` caused, whoever owns the track today."""
    return Certificate.objects.filter(entry__reference=reference).select_related("entry").order_by("pk").last()


@transaction.atomic
def sign_certificate(certificate: Certificate) -> Envelope:
    locked = Certificate.objects.select_for_update().get(pk=certificate.pk)
    if locked.envelope is None:
        locked.envelope = sign_document(locked.content, at=timezone.now())
        locked.save(update_fields=["envelope"])
    return dict(locked.envelope)


def keep_paper(envelope: Envelope, *, content: bytes) -> None:
    """The digest of a PDF that leaves us. A later version may draw the same certificate with other bytes."""
    certificate = Certificate.objects.get(entry__digest=envelope["document"]["register"]["digest"])
    sha256 = hashlib.sha256(content).hexdigest()
    CertificatePaper.objects.get_or_create(sha256=sha256, defaults={"certificate": certificate})


def find_paper(sha256: str) -> Certificate | None:
    """The certificate of which a PDF with this digest left us."""
    return Certificate.objects.filter(papers__sha256=sha256).select_related("entry__track__family").first()


def _describe_sale(entry: OwnershipEntry) -> dict[str, Any]:
    track = entry.track
    return {
        "format": CERTIFICATE_FORMAT,
        "certificate": f"{track.copyright_id}/{entry.position}",
        "copyright_id": track.copyright_id,
        "title": track.title,
        "owner": entry.owner.name if entry.owner else "",
        "owner_id": str(entry.owner_id),
        "sold_at": write_time(entry.created_at),
        "reference": entry.reference,
        "register": {"position": entry.position, "previous_digest": entry.previous_digest, "digest": entry.digest},
        "versions": [each.copyright_id for each in track.family.tracks.order_by("created_at") if each.pk != track.pk],
        "verify_url": f"{settings.SITE_URL}/verify/?id={track.copyright_id}",
    }


def _describe_music(track: Track) -> dict[str, Any]:
    return {
        "music": {
            "style": track.style,
            "key": track.key,
            "metre": track.metre,
            "tempo": f"{track.tempo:.2f}",
            "seconds": f"{track.seconds:.3f}",
            "instruments": track.instruments,
            "score_digest": track.score_digest,
        },
        "files": [{"name": file.name, "size": file.size, "sha256": file.sha256} for file in track.files.all()],
        "ai_notice": AI_NOTICE,
        "human_contribution": track.recipe.get("human_contribution", []),
        "training": training_of(track.recipe),
        "originality": summarise_report(track),
    }
