"""What a dropped document is: a certificate, a signed head, an export of the register, or none of them."""

import enum
import json
from typing import Any, TypedDict

from marketplace.catalog.models import Track
from marketplace.errors import AppError, InvalidInputError
from marketplace.rights.audit import EXPORT_FORMAT, audit_export
from marketplace.rights.certificate_pdf import read_attached
from marketplace.rights.certificates import CERTIFICATE_FORMAT, find_certificate, find_paper
from marketplace.rights.dropped import KEPT, DroppedFile
from marketplace.rights.models import Certificate, OwnershipEntry
from marketplace.rights.queries import find_registered_track, owner_of
from marketplace.rights.register import HEAD_FORMAT
from marketplace.rights.signing import check_envelope

_MOST_FAULTS = 5


class Verdict(enum.StrEnum):
    GENUINE = "genuine"
    SAME = "same"
    ALTERED = "altered"
    MARKED = "marked"
    ENDED = "ended"
    """Genuine, but what it certifies has ended."""
    UNKNOWN = "unknown"


class Judgement(TypedDict):
    verdict: Verdict
    sentence: str
    track: Track | None


def judge_document(file: DroppedFile) -> Judgement:
    """JSON of any kind. Raises InvalidInputError for what is none."""
    if EXPORT_FORMAT.encode() in file.start.split(b"\n", 1)[0]:
        return _judge_export(file)
    try:
        envelope = json.loads(file.start)
    except (ValueError, RecursionError) as error:
        raise InvalidInputError("This is neither a certificate nor any other JSON.", code="unknown_file") from error
    return _judge_envelope(envelope)


def judge_pdf(file: DroppedFile) -> Judgement:
    """A PDF is known by its bytes. One that was changed may still carry the signed certificate inside."""
    certificate = find_paper(file.sha256)
    if certificate is not None:
        return _judge_certificate(certificate.content, what="this PDF left us as it is")
    inside = _judge_envelope(read_attached(file.start)) if b"/EmbeddedFile" in file.start else None
    if inside is not None and inside["verdict"] in (Verdict.GENUINE, Verdict.ENDED):
        sentence = (
            "Altered: the certificate attached inside is genuine, but these pages are not the ones that left us. "
            "Trust its certificate.json alone."
        )
        return Judgement(verdict=Verdict.ALTERED, sentence=sentence, track=inside["track"])
    track = _find_named(file)
    if track is None:
        sentence = f"This PDF is none of ours, and names no copyright ID. {file.mismatch}".strip()
        return Judgement(verdict=Verdict.UNKNOWN, sentence=sentence, track=None)
    sentence = "This PDF did not leave us like this. Pages carry no signature: ask for its certificate.json."
    return Judgement(verdict=Verdict.UNKNOWN, sentence=f"{sentence} It names the following ID.", track=track)


def _judge_envelope(envelope: object) -> Judgement:
    try:
        document = check_envelope(envelope)
    except AppError as error:
        verdict = Verdict.ALTERED if error.code == "altered" else Verdict.UNKNOWN
        return Judgement(verdict=verdict, sentence=error.message, track=None)
    if document.get("format") == HEAD_FORMAT:
        return _judge_head(document)
    if document.get("format") == CERTIFICATE_FORMAT:
        return _judge_certificate(document, what="this certificate was signed here")
    sentence = "Genuine: signed here. It is not a certificate."
    return Judgement(verdict=Verdict.GENUINE, sentence=sentence, track=_find_track(document.get("copyright_id")))


def _judge_certificate(document: dict[str, Any], *, what: str) -> Judgement:
    track = find_registered_track(document["copyright_id"])
    if not _is_on_record(document):
        sentence = "Signed with our key, but the register holds another certificate of this sale: not genuine."
        return Judgement(verdict=Verdict.ALTERED, sentence=sentence, track=track)
    if _is_last(track, document):
        sentence = f"Genuine: {what}, and its owner still owns the track."
        return Judgement(verdict=Verdict.GENUINE, sentence=sentence, track=track)
    sentence = "Genuine, but no longer valid: the rights that it certifies have ended or passed on."
    return Judgement(verdict=Verdict.ENDED, sentence=sentence, track=track)


def _is_on_record(document: dict[str, Any]) -> bool:
    """A stolen key can sign anything, also with an earlier date. What was certified is kept here as well."""
    stored = Certificate.objects.filter(entry__digest=document["register"]["digest"]).first()
    return stored is not None and stored.content == {k: v for k, v in document.items() if k != "signed_at"}


def _is_last(track: Track, document: dict[str, Any]) -> bool:
    valid: Certificate | None = find_certificate(track)
    is_last = valid is not None and valid.content["certificate"] == document["certificate"]
    return is_last and owner_of(track.family) is not None


def _judge_head(document: dict[str, Any]) -> Judgement:
    """A head that somebody kept, against the register as it is now."""
    position = int(document["position"])
    entry = OwnershipEntry.objects.filter(position=position).first()
    if position == 0 or (entry is not None and entry.digest == document["digest"]):
        sentence = f"Genuine: the register still holds everything up to line {position} as it was when this was signed."
        return Judgement(verdict=Verdict.GENUINE, sentence=sentence, track=None)
    sentence = f"This head was signed here, but line {position} of the register is another now: it was rewritten."
    return Judgement(verdict=Verdict.ALTERED, sentence=sentence, track=None)


def _judge_export(file: DroppedFile) -> Judgement:
    if not file.is_whole:
        message = f"An export above {KEPT // 2**20} MiB is not checked here: use docs/verify_offline.py."
        raise InvalidInputError(message, code="export_too_large")
    try:
        faults = audit_export(file.start.decode().splitlines())
    except UnicodeDecodeError as error:
        raise InvalidInputError("The export is damaged: it is no text.", code="not_an_export") from error
    if faults:
        more = f" And {len(faults) - _MOST_FAULTS} more." if len(faults) > _MOST_FAULTS else ""
        return Judgement(
            verdict=Verdict.ALTERED, sentence="Altered: " + " ".join(faults[:_MOST_FAULTS]) + more, track=None
        )
    sentence = "Genuine: an export of the register, whole and unchanged up to its signed head."
    return Judgement(verdict=Verdict.GENUINE, sentence=sentence, track=None)


def _find_named(file: DroppedFile) -> Track | None:
    return _find_track(file.named_id)


def _find_track(copyright_id: object) -> Track | None:
    try:
        return find_registered_track(copyright_id) if isinstance(copyright_id, str) and copyright_id else None
    except AppError:
        return None
