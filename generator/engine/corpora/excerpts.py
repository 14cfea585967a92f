"""Cutting a source score into excerpts of one key signature and one metre, and analysing each into a piece."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from generator.engine.corpora.source import SourceBar, SourceScore, SourceVoice
from generator.engine.plan import Key, Metre, Piece, Plan, Role, Section
from generator.engine.score import TICKS_PER_QUARTER, Note, Part, merge_parts
from generator.engine.theory.chords import analyse_chords
from generator.engine.theory.keys import estimate_key

MINIMUM_BARS = 4
DEFAULT_TEMPO = 100.0
SLOWEST, FASTEST = 30.0, 260.0

_METRES = {
    **{(n, 4): (n, 4) for n in (2, 3, 4, 5)},
    **{(n, 8): (n, 8) for n in (3, 6, 9, 12)},
    (2, 2): (4, 4),
    (4, 2): (4, 4),
    (6, 4): (3, 4),
    (4, 8): (2, 4),
    (8, 8): (4, 4),
    (1, 2): (2, 4),
}
"""How written metres are read. 4/2 and 6/4 become two bars each; a metre that is not here ends an excerpt."""


@dataclass(frozen=True, slots=True)
class Excerpt:
    """Bars of one metre and signature, from `start` to `stop` ticks of the source."""

    metre: Metre
    fifths: int | None
    bars: tuple[SourceBar, ...]

    @property
    def pickup(self) -> int:
        """Ticks by which the first bar is short, so that it is set against the bar line that follows it."""
        written = self.bars[0].metre
        full = TICKS_PER_QUARTER * 4 * written[0] // written[1]
        return max(full - self.bars[0].length, 0)


def cut_pieces(score: SourceScore, *, source: str) -> Iterator[Piece]:
    """Every excerpt of at least four bars with notes in it, analysed and key-normalised. Energies are left at zero:
    they are measured against the whole corpus (see `theory.energy`)."""
    for excerpt in cut_excerpts(score.bars):
        piece = _build_piece(score, excerpt=excerpt, source=source)
        if piece is not None:
            yield piece


def cut_excerpts(bars: Sequence[SourceBar]) -> list[Excerpt]:
    """Runs of bars that share metre and key signature and hold no irregular bar longer than its metre."""
    runs: list[list[SourceBar]] = [[]]
    for bar in join_split_bars(bars):
        last = runs[-1][-1] if runs[-1] else None
        if not _is_regular(bar):
            runs.append([])
            continue
        if last and ((last.metre, last.fifths) != (bar.metre, bar.fifths) or last.closes):
            runs.append([])
        runs[-1].append(bar)
    return [
        Excerpt(metre=Metre(*_METRES[run[0].metre]), fifths=run[0].fifths, bars=tuple(run))
        for run in runs
        if len(run) >= MINIMUM_BARS
    ]


def join_split_bars(bars: Sequence[SourceBar]) -> list[SourceBar]:
    """Join the two halves of a bar that a repeat sign or a double bar line splits."""
    joined: list[SourceBar] = []
    for bar in bars:
        last = joined[-1] if joined else None
        if last and _fills_up(last, bar):
            joined[-1] = replace(last, length=last.length + bar.length, closes=bar.closes)
        else:
            joined.append(bar)
    return joined


def _fills_up(first: SourceBar, second: SourceBar) -> bool:
    same = first.metre == second.metre and first.fifths == second.fifths and not first.closes
    return same and first.length < _full(first) and first.length + second.length == _full(first)


def _full(bar: SourceBar) -> int:
    return TICKS_PER_QUARTER * 4 * bar.metre[0] // bar.metre[1]


def _is_regular(bar: SourceBar) -> bool:
    return bar.metre in _METRES and 0 < bar.length <= _full(bar)


def _build_piece(score: SourceScore, *, excerpt: Excerpt, source: str) -> Piece | None:
    voices = [place_voice(voice, excerpt=excerpt) for voice in score.voices]
    length = _full(excerpt.bars[0]) * len(excerpt.bars)
    notes = merge_parts(part for part in voices if part.role != Role.RHYTHM)
    if not any(part.notes for part in voices):
        return None
    key = estimate_key(notes, fifths=excerpt.fifths)
    parts = tuple(part if part.role == Role.RHYTHM else part.transposed(-key.shift) for part in voices)
    pitched = merge_parts(part for part in parts if part.role != Role.RHYTHM)
    plan = build_plan(
        style=score.style,
        key=key,
        metre=excerpt.metre,
        tempo=find_tempo(score.tempos, start=excerpt.bars[0].start, stop=excerpt.bars[-1].start),
        length=length,
        notes=pitched,
    )
    return Piece(plan=plan, parts=parts, title=score.title, source=source)


def build_plan(*, style: str, key: Key, metre: Metre, tempo: float, length: int, notes: Sequence[Note]) -> Plan:
    """A plan of one section 'A' for key-normalised notes; energies are left at zero."""
    bars = -(-length // metre.bar_ticks)
    return Plan(
        style=style,
        mood="",
        key=key,
        metre=metre,
        tempo=tempo,
        length=length,
        sections=(Section(name="A", start_bar=0, bars=bars, energy=0.0),),
        chords=analyse_chords(notes, metre=metre, length=length),
        energies=(0.0,) * bars,
    )


def place_voice(voice: SourceVoice, *, excerpt: Excerpt) -> Part:
    """The voice's notes inside the excerpt, each bar moved to its place on a regular grid of bars."""
    full = _full(excerpt.bars[0])
    starts = [bar.start for bar in excerpt.bars]
    stop = excerpt.bars[-1].start + excerpt.bars[-1].length
    shifts = [index * full - start for index, start in enumerate(starts)]
    shifts[0] += excerpt.pickup
    length = full * len(excerpt.bars)
    notes = []
    index = 0
    for note in sorted(voice.notes):
        if not starts[0] <= note.onset < stop:
            continue
        while index + 1 < len(starts) and starts[index + 1] <= note.onset:
            index += 1
        onset = note.onset + shifts[index]
        notes.append(replace(note, onset=onset, duration=max(min(note.duration, length - onset), 1)))
    if voice.role == Role.RHYTHM:
        return Part(instrument=voice.instrument, role=voice.role, notes=tuple(notes))
    return Part(instrument=voice.instrument, role=voice.role, notes=tuple(drop_doubles(notes)))


def drop_doubles(notes: Iterable[Note]) -> Iterator[Note]:
    """One note where two voices strike the same pitch at once (the longer), and no note that sounds into its own
    repetition: an instrument cannot play either."""
    ordered = sorted(notes)
    by_pitch: dict[int, list[Note]] = {}
    for note in ordered:
        line = by_pitch.setdefault(note.pitch, [])
        if line and line[-1].onset == note.onset:
            line[-1] = max(line[-1], note, key=lambda each: each.duration)
        else:
            line.append(note)
    for line in by_pitch.values():
        for note, following in pairwise(line):
            yield replace(note, duration=min(note.duration, following.onset - note.onset))
        yield line[-1]


def find_tempo(tempos: Sequence[tuple[int, float]], *, start: int, stop: int) -> float:
    """The tempo that holds longest between two ticks; a default where no tempo is marked at all."""
    if not tempos:
        return DEFAULT_TEMPO
    held: dict[float, int] = {}
    ends = [tick for tick, _ in tempos[1:]] + [max(stop, start) + 1]
    for (tick, tempo), end in zip(tempos, ends, strict=True):
        share = min(end, max(stop, start) + 1) - max(tick, start)
        if share > 0:
            held[tempo] = held.get(tempo, 0) + share
    found = max(held, key=lambda tempo: held[tempo]) if held else tempos[0][1]
    return round(min(max(found, SLOWEST), FASTEST), 2)
