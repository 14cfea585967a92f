"""Small pieces for the audio tests, written out in code."""

from dataclasses import dataclass

import numpy as np

from generator.engine.instruments import INSTRUMENTS
from generator.engine.plan import Chord, Key, Metre, Mode, Piece, Plan, Role, Section
from generator.engine.score import TICKS_PER_QUARTER, Note, Part

BAR = 4 * TICKS_PER_QUARTER
_PROGRESSION = (Chord(9, "min"), Chord(5, "maj"), Chord(0, "maj"), Chord(7, "maj"))
_ROLES = {"violin": Role.LEAD, "viola": Role.COUNTER, "cello": Role.BASS, "bass": Role.BASS, "drums": Role.RHYTHM}


def make_plan(*, seconds: float, style: str = "pop", key: Key | None = None) -> Plan:
    """A chord per bar, four bars round, at about 96 quarters a minute and exactly `seconds` long."""
    length = round(seconds * 96 / 60 * TICKS_PER_QUARTER)
    bars = -(-length // BAR)
    return Plan(
        style=style,
        mood="calm",
        key=key or Key(tonic=9, mode=Mode.MINOR),
        metre=Metre(4, 4),
        tempo=length / TICKS_PER_QUARTER * 60 / seconds,
        length=length,
        sections=(Section("A", 0, bars, 0.5),),
        chords=tuple(_PROGRESSION[slot // 2 % 4] for slot in range(-(-length // (BAR // 2)))),
        energies=(0.5,) * bars,
    )


def make_piece(*slugs: str, seconds: float = 6.0, style: str = "pop", key: Key | None = None) -> Piece:
    plan = make_plan(seconds=seconds, style=style, key=key)
    return Piece(plan, tuple(make_part(slug, plan) for slug in slugs), title="Test")


def make_part(slug: str, plan: Plan) -> Part:
    """Quarters on the chord's root for a single line, chords for the others, a plain beat for drums."""
    instrument = INSTRUMENTS[slug]
    step = TICKS_PER_QUARTER // 2 if instrument.is_drums else TICKS_PER_QUARTER
    notes = [
        Note(onset, pitch, min(step, plan.length - onset), velocity=60 + onset % 40)
        for onset in range(0, plan.length, step)
        for pitch in _choose_pitches(slug, plan, onset=onset)
    ]
    return Part(slug, _ROLES.get(slug, Role.LEAD if instrument.voices == 1 else Role.HARMONY), tuple(notes))


def _choose_pitches(slug: str, plan: Plan, *, onset: int) -> tuple[int, ...]:
    if slug == "drums":
        return ((36, 42), (42,), (38, 42), (42,))[onset // (TICKS_PER_QUARTER // 2) % 4]
    chord = plan.chord_at(onset)
    assert chord
    instrument = INSTRUMENTS[slug]
    centre = (instrument.lowest + instrument.highest) // 2
    pitches = tuple(centre + (pitch_class - centre) % 12 for pitch_class in chord.pitch_classes)
    return pitches[:1] if instrument.voices == 1 else pitches


def make_sparse_piece(slug: str, *, seconds: float = 12.0) -> Piece:
    """One soft, long note every two bars, and rests: the hardest thing to make loud."""
    plan = make_plan(seconds=seconds)
    notes = [Note(onset, 69, BAR // 2, velocity=45) for onset in range(0, plan.length, 2 * BAR)]
    return Piece(plan, (Part(slug, Role.LEAD, tuple(notes)),))


def make_solo(slug: str, *notes: Note, seconds: float = 3.0, role: Role = Role.LEAD) -> Piece:
    return Piece(make_plan(seconds=seconds), (Part(slug, role, notes),))


@dataclass(frozen=True)
class Recording:
    """A sound that is there already."""

    audio: np.ndarray
    sample_rate: int

    @property
    def frames(self) -> int:
        return len(self.audio)

    def render(self, frames: int | None = None) -> np.ndarray:
        return self.audio[:frames]
