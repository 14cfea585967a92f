"""Comping: chords of a jazz accompaniment as short, syncopated strokes, with sevenths and ninths in their middle.

The pitches are those that the network plays in the half bar; what changes is when they are struck, together, and which
doubled root gives way to an extension. Plans know triads and dominant sevenths alone.
"""

from collections.abc import Sequence
from random import Random

from generator.engine.composing.finishing import find_closing
from generator.engine.composing.habits import find_density
from generator.engine.instruments import INSTRUMENTS
from generator.engine.plan import Chord, Plan, Role
from generator.engine.score import Note

_COMPED = frozenset({"jazz"})
_HELD = frozenset({"harp", "strings"})
"""Who does not comp: broken and held chords are what they are there for."""

_PATTERNS: tuple[tuple[tuple[int, int], ...], ...] = (
    ((0, 32), (36, 10)),
    ((12, 10), (60, 30)),
    ((0, 10), (36, 44)),
    ((36, 8), (84, 12)),
    ((12, 8), (36, 8), (72, 20)),
    ((0, 44), (60, 10), (84, 12)),
)
"""Strokes of a bar of 4/4: tick and length. What is struck at the last eighth belongs to the next bar's chord."""

_EXTENSIONS = {"maj": (11, 2), "min": (10, 2), "dom7": (10, 2), "dim": (9,)}
"""Semitones above the root, the seventh first."""

_LOWEST, _HIGHEST = 52, 76
"""Where the voices of a chord lie: between the bass and the tune."""
_VOICES = 4
_LONGEST_RUN = 3
"""Strokes with one top note before the chord is turned over."""
_TURN = 6


def is_comped(plan: Plan, *, role: Role, instrument: str) -> bool:
    is_chordal = role is Role.HARMONY and instrument not in _HELD and INSTRUMENTS[instrument].voices >= _VOICES
    return is_chordal and plan.style in _COMPED and not plan.metre.is_compound


def comp_chords(
    notes: Sequence[Note], *, plan: Plan, instrument: str, start: int, stop: int, draw: Random
) -> tuple[Note, ...]:
    """The accompaniment in [start, stop) in strokes, up to the closing chord, which stays the network's. Patterns of
    two bars go on for a while, as players' do."""
    size, closing = plan.metre.bar_ticks, min(stop, find_closing(plan))
    struck: list[Note] = []
    voicing: tuple[int, ...] = ()
    run = 0
    weights = [find_density(plan) ** (_LEANING * len(pattern)) for pattern in _PATTERNS]
    patterns = draw.choices(_PATTERNS, weights=weights, k=2)
    for bar in range(start, closing, size):
        if draw.random() < _CHANGING:
            patterns[bar // size % 2] = draw.choices(_PATTERNS, weights=weights)[0]
        for at, length in patterns[bar // size % 2]:
            tick = bar + at
            if at + length > size + 12 or tick >= closing:
                continue
            felt = tick + 12 if at % 24 == 12 and (at + 12) % plan.metre.chord_ticks == 0 else tick
            chord = plan.chord_at(min(felt, closing))
            if chord is None:
                continue
            before = _turn(voicing) if run >= _LONGEST_RUN else voicing
            found = voice_chord(chord, notes=notes, tick=felt, before=before, plan=plan, instrument=instrument)
            run = run + 1 if found[-1:] == voicing[-1:] else 1
            voicing = found
            level = _find_level(notes, tick=tick)
            struck += [Note(tick, pitch, min(length, plan.length - tick), level) for pitch in voicing]
    return tuple(sorted([*struck, *(note for note in notes if note.onset >= closing)]))


_CHANGING = 0.3
"""Chance per bar that its pattern changes."""
_LEANING = 3.0
"""How much the density asked for favours patterns of many strokes."""


def voice_chord(
    chord: Chord, *, notes: Sequence[Note], tick: int, before: Sequence[int], plan: Plan, instrument: str
) -> tuple[int, ...]:
    """Third, seventh, and what the network plays there, ninth or fifth: four voices near those before, none on the root
    unless nothing else is left."""
    size = plan.metre.chord_ticks
    start = tick // size * size
    own = {note.pitch % 12 for note in notes if note.onset < start + size and note.end > start}
    root = chord.root
    guides = [(root + (3 if chord.quality in ("min", "dim") else 4)) % 12, (root + _EXTENSIONS[chord.quality][0]) % 12]
    colours = [(root + step) % 12 for step in _EXTENSIONS[chord.quality][1:]]
    fifth = (root + (6 if chord.quality == "dim" else 7)) % 12
    rest = sorted([fifth, *colours], key=lambda tone: (tone not in own, tone == fifth))
    tones = [*guides, *rest][:_VOICES]
    player, shift = INSTRUMENTS[instrument], plan.key.shift
    centre = round(sum(before) / len(before)) if before else (_LOWEST + _HIGHEST) // 2
    centre = min(max(centre, _LOWEST + 6), _HIGHEST - 6)
    pitches = {centre - 6 + (tone - (centre - 6)) % 12 for tone in tones}
    return tuple(pitch for pitch in sorted(pitches) if player.lowest - shift <= pitch <= player.highest - shift)


def _turn(voicing: Sequence[int]) -> tuple[int, ...]:
    """Half an octave away, up if there is more room."""
    is_high = sum(voicing) * 2 > len(voicing) * (_LOWEST + _HIGHEST)
    return tuple(pitch - _TURN if is_high else pitch + _TURN for pitch in voicing)


def _find_level(notes: Sequence[Note], *, tick: int) -> int:
    near = [note.velocity for note in notes if abs(note.onset - tick) < 48]
    return round(sum(near) / len(near)) if near else 68
