"""Breathing: who plays a wind instrument has air for some eight seconds, and breathes where a phrase ends."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from generator.engine.composing.finishing import find_nearest_pitch, list_lasting_tones
from generator.engine.instruments import INSTRUMENTS
from generator.engine.plan import Plan
from generator.engine.score import TICKS_PER_QUARTER, Note

WINDS = frozenset({"flute", "clarinet"})
AIR_SECONDS = 8.0
"""How long a stretch may take to the place where the breath is looked for."""
BREATH_SECONDS = 0.15
_BREATHS = (6, 12)
"""Ticks: a sixteenth where it lasts long enough, else an eighth, so that the score reads well."""
_PHRASES = (4, 2, 1)
"""Bars that may be played in a breath."""


def take_breaths(notes: Sequence[Note], *, plan: Plan, instrument: str, start: int, stop: int) -> tuple[Note, ...]:
    """A single line with a rest of a sixteenth or an eighth near the end of every stretch of one, two or four bars that
    lies within [start, stop) and has none there.

    The last note that can spare it is shortened. Where it is held longer it goes on after the breath, on the nearest
    tone of the chord; in a run of notes too short for that the last one off the beat is left out. What becomes of a
    stretch hangs on nothing after it, so that others can listen before the line is finished.
    """
    breath = find_breath(plan)
    line = list(notes)
    for first, end in list_stretches(plan):
        if start <= first and end <= stop:
            line = _breathe(
                line, half=first + (end - first) // 2, end=end, breath=breath, plan=plan, instrument=instrument
            )
    return tuple(line)


def find_settled(plan: Plan, *, until: int) -> int:
    """Tick before which the breaths of a line that is written up to `until` are known."""
    half = [first + (end - first) // 2 for first, end in list_stretches(plan) if first < until < end]
    return min([until, *half])


def find_breath(plan: Plan) -> int:
    """Ticks of a breath."""
    tick = 60.0 / (plan.tempo * TICKS_PER_QUARTER)
    return next((ticks for ticks in _BREATHS if ticks * tick >= BREATH_SECONDS), _BREATHS[-1])


def list_stretches(plan: Plan) -> Iterator[tuple[int, int]]:
    """Ticks [first, end) of what is played in a breath: as many bars as there is air for, counted from each section."""
    size = plan.metre.bar_ticks
    seconds = size * 60.0 / (plan.tempo * TICKS_PER_QUARTER)
    bars = next((bars for bars in _PHRASES if bars * seconds <= AIR_SECONDS), 1)
    for section in plan.sections:
        last = section.start_bar + section.bars
        for bar in range(section.start_bar, last, bars):
            yield bar * size, min(bar + bars, last) * size


def _breathe(line: list[Note], *, half: int, end: int, breath: int, plan: Plan, instrument: str) -> list[Note]:
    """Looks at the second half of a stretch that ends at `end`. A note that is held beyond goes on after the
    breath."""
    begun = [place for place, note in enumerate(line) if note.onset < end]
    held = [place for place in begun[-1:] if line[place].end >= end]
    places = [place for place in begun if line[place].onset >= half] or held
    nexts = {place: min(line[place + 1].onset if place + 1 < len(line) else end, end) for place in places}
    if not places or any(nexts[place] - line[place].end >= breath for place in places):
        return line
    spare = [place for place in places if nexts[place] - line[place].onset >= 2 * breath]
    if spare:
        place = spare[-1]
        note = line[place]
        parted = [replace(note, duration=nexts[place] - breath - note.onset)]
        if place in held and note.end >= end + 2 * breath and not any(other.onset == end for other in line):
            parted.append(_go_on(note, at=end, plan=plan, instrument=instrument))
        return [*line[:place], *parted, *line[place + 1 :]]
    off = [place for place in places[1:] if line[place].onset % plan.metre.beat_ticks]
    return line if not off else [*line[: off[-1]], *line[off[-1] + 1 :]]


def _go_on(note: Note, *, at: int, plan: Plan, instrument: str) -> Note:
    """The rest of a held note, begun anew: what was held over from the chord before would now strike against it."""
    tones = list_lasting_tones(plan, start=at, stop=note.end) or [note.pitch % 12]
    pitch = find_nearest_pitch(note.pitch, tones=tones, plan=plan, player=INSTRUMENTS[instrument])
    return replace(note, onset=at, pitch=pitch, duration=note.end - at)
