"""What a dropped file is: byte for byte ours, the same music, a genuine certificate, altered, or unknown."""

import io
import zipfile
from dataclasses import dataclass
from pathlib import PurePath

from accounts.models import Company
from generator.engine.audio.credentials import read_credential
from generator.engine.errors import EngineError, UnreadableSoundError
from generator.engine.originality.fingerprint import read_fingerprint
from marketplace.catalog.models import Track, TrackFile
from marketplace.errors import AppError, InvalidInputError
from marketplace.rights.credentials import list_known_certificates
from marketplace.rights.dropped import KEPT, DroppedFile
from marketplace.rights.index import find_near_tracks
from marketplace.rights.marks import look_for_mark
from marketplace.rights.queries import find_registered_track, named_owner
from marketplace.rights.signed_papers import Verdict, judge_document, judge_pdf

LARGEST_UNPACKED = 8 * 1024 * 1024
MARK_SECONDS = 90.0
"""How much of a recording is searched for the mark: one or two seconds' work, longer where there are many keys."""
LARGEST_RATIO = 200
"""By how much a score in a .mxl shrinks at most: real ones by 10 to 40."""


@dataclass(frozen=True, kw_only=True)
class Finding:
    """`track` is what it is about, where that is known; `owner` is named only if it agreed to be."""

    verdict: Verdict
    sentence: str
    track: Track | None = None
    is_by_music: bool = False
    """Found by its melody: whoever drops it need not have the track, so a draft is not named."""

    @property
    def owner(self) -> Company | None:
        return named_owner(self.track.family) if self.track else None


def recognise_file(file: DroppedFile) -> Finding:
    """Raises InvalidInputError for an empty file and for one that cannot be read."""
    if file.size == 0:
        raise InvalidInputError("The file is empty. Drop the file as it was downloaded.", code="empty_file")
    known = TrackFile.objects.select_related("track__family").filter(sha256=file.sha256).first()
    if known is not None:
        sentence = f"Genuine: byte for byte the {known.name} that was registered."
        return Finding(verdict=Verdict.GENUINE, sentence=sentence, track=known.track)
    match file.kind:
        case "score":
            return _recognise_score(file)
        case "document":
            return Finding(**judge_document(file))
        case "pdf":
            return Finding(**judge_pdf(file))
        case "sound":
            return _recognise_sound(file)
    message = (
        f"{_name(file)} is no file that we can read: drop WAV, FLAC, MP3, MIDI, MusicXML, a certificate as "
        "PDF or JSON, or an export of the register."
    )
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
        sentence = "The same music, note for note."
        return Finding(verdict=Verdict.SAME, sentence=sentence, track=near[0].track, is_by_music=True)
    if near and near[0].likeness.is_too_close:
        sentence = f"The same music, changed: {near[0].likeness.share:.0%} of the melody is that of this track."
        return Finding(verdict=Verdict.ALTERED, sentence=sentence, track=near[0].track, is_by_music=True)
    return Finding(verdict=Verdict.UNKNOWN, sentence="No music like this is registered here.")


def _refuse_large_score(file: DroppedFile) -> None:
    size = file.size
    if file.is_whole and file.start[:2] == b"PK":
        try:
            infos = zipfile.ZipFile(io.BytesIO(file.start)).infolist()
        except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError) as error:  # the second: ZIP above 6.3
            raise InvalidInputError("The archive is damaged: drop the .mxl or .musicxml file.") from error
        if any(each.file_size > LARGEST_RATIO * max(each.compress_size, 1) for each in infos):
            raise InvalidInputError("The archive unpacks to far more than a score would: it was not opened.")
        size = sum(each.file_size for each in infos)
    if not file.is_whole or size > LARGEST_UNPACKED:
        message = f"A score above {KEPT // 2**20} MiB ({LARGEST_UNPACKED // 2**20} MiB unpacked) is not compared."
        raise InvalidInputError(message, code="score_too_large")


def _recognise_sound(file: DroppedFile) -> Finding:
    """Sound that was converted or cut is not known by its bytes, but by its mark, or it may still name its ID.

    A credential comes first, for it is bound to every byte. Then the mark: anybody can write tags, and they get lost.
    """
    return _recognise_credential(file) or _recognise_mark(file) or _recognise_named(file)


def _recognise_credential(file: DroppedFile) -> Finding | None:
    """An intact one under a chain of ours. Where it is broken or foreign, the mark still tells where it came from."""
    credential = read_credential(io.BytesIO(file.start), known=list_known_certificates()) if file.is_whole else None
    if credential is None or credential.faults or not credential.is_known:
        return None
    track = Track.objects.select_related("family").filter(copyright_id=credential.copyright_id).first()
    sentence = f"Genuine: its Content Credential is ours and fits every byte. AI-generated: “{credential.title}”."
    return Finding(verdict=Verdict.GENUINE, sentence=sentence, track=track)


def _recognise_mark(file: DroppedFile) -> Finding | None:
    try:
        found = look_for_mark(file.start, seconds=MARK_SECONDS)
    except UnreadableSoundError:
        return None
    if not found.is_found:
        return None
    if found.track is None:
        sentence = "It carries our mark, but too little of it to read the ID. Drop 20 seconds of it or more."
        if found.copyright_id:
            sentence = f"It carries our mark with the ID {found.copyright_id}, which is not registered here."
        return Finding(verdict=Verdict.MARKED, sentence=sentence)
    sentence = "Our inaudible mark is in the sound: it is this track, or was made from it. Its bytes were changed."
    if file.named_id and file.named_id != found.copyright_id:
        sentence += f" Its tags name another ID, {file.named_id}: they were changed too."
    return Finding(verdict=Verdict.MARKED, sentence=sentence, track=found.track)


def _recognise_named(file: DroppedFile) -> Finding:
    track = _find_named(file)
    if track is None:
        sentence = (
            "This recording is not, byte for byte, one of ours, and names no copyright ID. "
            "If you know its ID, look that up."
        )
        return Finding(verdict=Verdict.UNKNOWN, sentence=_note_name(file, sentence))
    sentence = "Altered: it names this copyright ID, but its bytes are not those that were registered."
    return Finding(verdict=Verdict.ALTERED, sentence=sentence, track=track)


def _find_named(file: DroppedFile) -> Track | None:
    try:
        return find_registered_track(file.named_id) if file.named_id else None
    except AppError:
        return None


def _note_name(file: DroppedFile, sentence: str) -> str:
    return f"{sentence} {file.mismatch}".strip()


def _name(file: DroppedFile) -> str:
    suffix = PurePath(file.name).suffix[:8]
    return f"This {suffix} file" if suffix.isascii() and suffix[1:].isalnum() else "This"
