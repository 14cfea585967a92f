"""The instruments: what each can play, how it sounds, what its network learns from."""

from dataclasses import dataclass

from generator.engine.plan import Role


@dataclass(frozen=True, slots=True)
class Instrument:
    slug: str
    name: str
    program: int
    """General MIDI program, 0-based; for drums the kit on bank 128."""
    lowest: int
    highest: int
    """Playable MIDI pitches, inclusive, in the sounding key."""
    voices: int
    """Notes that may sound at once."""
    span: int
    """Largest distance in semitones between notes struck together (all voices)."""
    roles: tuple[Role, ...]
    """What it can do, best first."""
    corpora: tuple[str, ...]
    """Folders under the corpora directory (or 'music21') that its network learns from."""

    @property
    def is_drums(self) -> bool:
        return self.roles == (Role.RHYTHM,)


_LIEDER, _QUARTETS = "openscore-lieder", "openscore-string-quartets"

_ALL = (
    Instrument("piano", "Piano", 0, 28, 100, 6, 40, (Role.HARMONY, Role.LEAD), (_LIEDER,)),
    Instrument("epiano", "Electric piano", 4, 28, 96, 6, 40, (Role.HARMONY, Role.LEAD), (_LIEDER,)),
    Instrument("organ", "Organ", 19, 36, 96, 5, 48, (Role.HARMONY, Role.LEAD), (_LIEDER, _QUARTETS)),
    Instrument("guitar", "Guitar", 24, 40, 84, 4, 29, (Role.HARMONY, Role.LEAD), ("mutopia-guitar",)),
    Instrument("harp", "Harp", 46, 24, 103, 6, 40, (Role.HARMONY, Role.LEAD), (_LIEDER,)),
    Instrument("violin", "Violin", 40, 55, 96, 1, 0, (Role.LEAD, Role.COUNTER), (_QUARTETS,)),
    Instrument("viola", "Viola", 41, 48, 84, 1, 0, (Role.COUNTER, Role.LEAD), (_QUARTETS,)),
    Instrument("cello", "Cello", 42, 36, 76, 1, 0, (Role.BASS, Role.LEAD), (_QUARTETS,)),
    Instrument("strings", "Strings", 48, 36, 96, 4, 48, (Role.HARMONY, Role.LEAD), (_QUARTETS,)),
    Instrument("flute", "Flute", 73, 60, 96, 1, 0, (Role.LEAD, Role.COUNTER), (_LIEDER, "music21")),
    Instrument("clarinet", "Clarinet", 71, 50, 89, 1, 0, (Role.LEAD, Role.COUNTER), (_LIEDER, _QUARTETS)),
    Instrument("bass", "Bass", 33, 28, 60, 1, 0, (Role.BASS,), (_QUARTETS, _LIEDER)),
    Instrument("drums", "Drums", 0, 35, 59, 5, 127, (Role.RHYTHM,), ("groove",)),
)

INSTRUMENTS = {instrument.slug: instrument for instrument in _ALL}
"""Every instrument by its slug, in score order."""
