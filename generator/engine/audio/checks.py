"""What is refused before a second of sound is made of it."""

from collections import Counter

from generator.engine.errors import RenderError
from generator.engine.instruments import INSTRUMENTS, Instrument
from generator.engine.plan import Piece
from generator.engine.score import Note, Part
from generator.engine.sounds import SOUNDS, voice_instrument

SHORTEST_SECONDS = 1.0
LONGEST_SECONDS = 600.0
MOST_NOTES = 50_000
MOST_AT_ONCE = 24
"""Notes of one part struck on one tick. Each takes two of the synthesiser's voices, and their tails take more."""


def check_piece(piece: Piece) -> None:
    """Raises RenderError for a piece that cannot be played as written."""
    parts = piece.sounding_parts()
    if not any(part.notes for part in parts):
        raise RenderError("piece: it has no notes. Compose at least one part before rendering.")
    _check_length(piece)
    count = sum(len(part.notes) for part in parts)
    if count > MOST_NOTES:
        raise RenderError(f"piece: {count} notes are too many. At most {MOST_NOTES} can be rendered.")
    for part in parts:
        _check_part(part, length=piece.plan.length)


def _check_length(piece: Piece) -> None:
    plan = piece.plan
    if not (plan.tempo > 0 and plan.length > 0 and SHORTEST_SECONDS <= plan.seconds <= LONGEST_SECONDS):
        raise RenderError(
            f"length: {plan.length} ticks at {plan.tempo} quarters per minute cannot be rendered. "
            f"A piece lasts {SHORTEST_SECONDS:g} to {LONGEST_SECONDS:g} seconds."
        )


def find_instrument(part: Part) -> Instrument:
    """The instrument with the sound that the part asks for."""
    if part.instrument not in INSTRUMENTS:
        allowed = ", ".join(INSTRUMENTS)
        raise RenderError(f"instrument: {part.instrument!r} is not known. Choose one of {allowed}.")
    try:
        return voice_instrument(part.instrument, part.sound)
    except KeyError:
        offered = ", ".join(sound.slug for sound in SOUNDS[part.instrument])
        raise RenderError(f"sound: {part.instrument} has no sound {part.sound!r}. Choose one of {offered}.") from None


def _check_part(part: Part, *, length: int) -> None:
    instrument = find_instrument(part)
    for note in part.notes:
        _check_note(note, instrument=instrument, length=length)
    onset, struck = Counter(note.onset for note in part.notes).most_common(1)[0] if part.notes else (0, 0)
    if struck > MOST_AT_ONCE:
        raise RenderError(
            f"{part.instrument}: {struck} notes at once at tick {onset} are too many. At most {MOST_AT_ONCE} can sound."
        )


def _check_note(note: Note, *, instrument: Instrument, length: int) -> None:
    if not instrument.lowest <= note.pitch <= instrument.highest:
        raise RenderError(
            f"{instrument.slug}: pitch {note.pitch} at tick {note.onset} is outside the instrument. "
            f"It plays {instrument.lowest} to {instrument.highest} in the sounding key."
        )
    if not 1 <= note.velocity <= 127:
        raise RenderError(f"{instrument.slug}: velocity {note.velocity} at tick {note.onset} must be 1 to 127.")
    if note.duration < 1 or not 0 <= note.onset < length:
        raise RenderError(
            f"{instrument.slug}: the note at tick {note.onset} lasting {note.duration} lies outside the piece. "
            f"Notes last at least one tick and start in 0 to {length - 1}."
        )
