"""Accidentals: shown where the key signature and what stood before in the bar do not say it already."""

from generator.engine.notation.spelling import Spelling, alterations
from generator.engine.plan import Key

NAMES = {-2: "flat-flat", -1: "flat", 0: "natural", 1: "sharp", 2: "double-sharp"}


class Accidentals:
    """One staff in one bar. Notes are shown to it in the order in which they are read."""

    def __init__(self, key: Key) -> None:
        self._signature = alterations(key)
        self._seen: dict[tuple[str, int], int] = {}

    def take(self, note: Spelling) -> str | None:
        """The accidental that this note needs, or None. A note tied over a bar line is not to be shown."""
        place = note.step, note.octave
        valid = self._seen.get(place, self._signature[note.step])
        self._seen[place] = note.alter
        return None if valid == note.alter else NAMES[note.alter]
