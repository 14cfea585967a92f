"""What a dropped file is: byte for byte ours, the same music, a genuine certificate, altered, or unknown."""

import io
import json
import zipfile
from dataclasses import dataclass

from generator.engine.errors import EngineError
from generator.engine.originality.fingerprint import read_fingerprint
from marketplace.catalog.models import Track, TrackFile
from marketplace.errors import AppError, InvalidInputError
from marketplace.rights.certificates import CERTIFICATE_FORMAT, find_certificate
from marketplace.rights.dropped import KEPT, DroppedFile
from marketplace.rights.index import find_near_tracks
from marketplace.rights.queries import find_registered_track, owner_of
from marketplace.rights.signing import check_envelope

LARGEST_UNPACKED = 8 * 1024 * 1024


@dataclass(frozen=True, kw_only=True)
class Finding:
    """`verdict` is 'genuine', 'same', 'altered' or 'unknown'; `track` is what it is about, where that is known."""

    verdict: str
    sentence: str
    track: Track | None = None


def recognise_file(file: DroppedFile) -> Finding:
    """Raises InvalidInputError for an empty file and for a score that cannot be read."""
    if file.size == 0:
        raise InvalidInputError("The file is empty. Drop the file as it was downloaded.", code="empty_file")
    known = TrackFile.objects.select_related("track__family").filter(sha256=file.sha256).first()
    if known is not None:
        sentence = f"Genuine: byte for byte the {known.name} that was registered."
        return Finding(verdict="genuine", sentence=sentence, track=known.track)
    match file.kind:
        case "score":
            return _recognise_score(file)
        case "document":
            return _recognise_document(file)
        case "sound" | "pdf":
            return _recognise_by_name(file)
    message = "This is no file that we can read: drop WAV, FLAC, MP3, MIDI, MusicXML or a certificate as JSON."
    raise InvalidInputError(message, code="unknown_file")


def _recognise_score(file: DroppedFile) -> Finding:
    _refuse_large_score(file)
    try:
        fingerprint = read_fingerprint(file.start)
    except EngineError as error:
        raise InvalidInputError(f"The score cannot be read. {error}", code="unreadable_score") from error
    except (ValueError, ArithmeticError, LookupError, RecursionError) as error:
        message = "The score cannot be read: it is damaged, or no MusicXML."
        raise InvalidInputError(message, code="unreadable_score") from error
    near = find_near_tracks(fingerprint)
    if near and near[0].fingerprint.digest == fingerprint.digest:
        return Finding(verdict="same", sentence="The same music, note for note.", track=near[0].track)
    if near and near[0].likeness.is_too_close:
        sentence = f"The same music, changed: {near[0].likeness.share:.0%} of the melody is that of this track."
        return Finding(verdict="altered", sentence=sentence, track=near[0].track)
    return Finding(verdict="unknown", sentence="No music like this is registered here.")


def _refuse_large_score(file: DroppedFile) -> None:
    size = file.size
    if file.is_whole and file.start[:2] == b"PK":
        try:
            size = sum(each.file_size for each in zipfile.ZipFile(io.BytesIO(file.start)).infolist())
        except (zipfile.BadZipFile, ValueError, OSError) as error:
            raise InvalidInputError("The archive is damaged: drop the .mxl or .musicxml file.") from error
    if not file.is_whole or size > LARGEST_UNPACKED:
        message = f"A score above {KEPT // 2**20} MiB ({LARGEST_UNPACKED // 2**20} MiB unpacked) is not compared."
        raise InvalidInputError(message, code="score_too_large")


def _recognise_document(file: DroppedFile) -> Finding:
    try:
        envelope = json.loads(file.start)
    except (ValueError, RecursionError) as error:
        raise InvalidInputError("This is neither a certificate nor any other JSON.", code="unknown_file") from error
    try:
        document = check_envelope(envelope)
    except AppError as error:
        return Finding(verdict="altered" if error.code == "altered" else "unknown", sentence=error.message)
    if document.get("format") != CERTIFICATE_FORMAT:
        return Finding(verdict="genuine", sentence="Genuine: signed here. It is not a certificate.")
    track = find_registered_track(document["copyright_id"])
    return Finding(verdict="genuine", sentence=_describe_certificate(document["certificate"], track), track=track)


def _describe_certificate(number: str, track: Track) -> str:
    valid = find_certificate(track)
    is_last = valid is not None and valid.content["certificate"] == number
    if is_last and owner_of(track.family) is not None:
        return "Genuine: this certificate was signed here, and its owner still owns the track."
    return "Genuine, but no longer valid: the rights that it certifies have ended or passed on."


def _recognise_by_name(file: DroppedFile) -> Finding:
    """Sound that was converted or cut is not known by its bytes, but may still name its ID."""
    what = "This PDF" if file.kind == "pdf" else "This recording"
    try:
        track = find_registered_track(file.named_id) if file.named_id else None
    except AppError:
        track = None
    if track is None:
        sentence = f"{what} is not, byte for byte, one of ours, and names no copyright ID."
        return Finding(verdict="unknown", sentence=sentence + " If you know its ID, look that up.")
    if file.kind == "pdf":
        sentence = "A PDF carries no signature: check its certificate.json. This one names the following ID."
        return Finding(verdict="unknown", sentence=sentence, track=track)
    sentence = "Altered: it names this copyright ID, but its bytes are not those that were registered."
    return Finding(verdict="altered", sentence=sentence, track=track)
