"""Fiddle tunes in ABC notation, through music21. One file may hold many tunes."""

import re
from dataclasses import replace
from typing import Any

from generator.engine.corpora.source import SourceBar, SourceScore, SourceVoice
from generator.engine.errors import CorpusError
from generator.engine.plan import Role
from generator.engine.score import TICKS_PER_QUARTER, Note

_TEMPI = {"reel": 200.0, "jig": 170.0, "hornpipe": 160.0, "strathspey": 140.0, "clog": 160.0, "waltz": 130.0}
_DEFAULT_TEMPO = 150.0
_VELOCITY, _DOWNBEAT_VELOCITY = 80, 90
"""ABC has no dynamics: dances are played with weight on the bar line."""


def read_tunes(data: bytes) -> list[SourceScore]:
    """Every tune of an ABC file, in order. A tune that cannot be read comes out empty, so that numbers stay put."""
    text = data.decode("latin-1").replace("\r\n", "\n")
    tunes = [tune for tune in re.split(r"(?m)^(?=X:)", text) if tune.startswith("X:")]
    if not tunes:
        raise CorpusError("No ABC tune in the file.")
    return [_read_tune(tune) for tune in tunes]


def _read_tune(text: str) -> SourceScore:
    from music21 import converter
    from music21.exceptions21 import Music21Exception

    title = _read_field(text, name="T")
    try:
        stream = converter.parseData(text, format="abc")
        bars, notes = _walk_measures(stream)
    except (Music21Exception, ValueError, IndexError, KeyError, AttributeError, TypeError, ZeroDivisionError):
        bars, notes = (), ()  # music21 raises all of these on damaged ABC
    voice = SourceVoice(instrument="violin", role=Role.LEAD, notes=notes)
    kind = (_read_field(text, name="R") + " " + title).lower()
    tempo = next((tempo for word, tempo in _TEMPI.items() if word in kind), _DEFAULT_TEMPO)
    if bars and bars[0].metre == (2, 4):
        tempo /= 2  # written in sixteenths where others write eighths
    return SourceScore(title=title, style="folk", voices=(voice,), bars=bars, tempos=((0, tempo),))


def _read_field(text: str, *, name: str) -> str:
    match = re.search(rf"^{name}:(.*)$", text, re.MULTILINE)
    return match[1].strip() if match else ""


def _walk_measures(stream: Any) -> tuple[tuple[SourceBar, ...], tuple[Note, ...]]:
    part = stream.parts[0] if stream.parts else stream
    bars: list[SourceBar] = []
    notes: list[Note] = []
    metre, fifths, start = (4, 4), 0, 0
    for measure in part.getElementsByClass("Measure"):
        if measure.timeSignature is not None:
            metre = (measure.timeSignature.numerator, measure.timeSignature.denominator)
        if measure.keySignature is not None:
            fifths = measure.keySignature.sharps
        length = round(float(measure.duration.quarterLength) * TICKS_PER_QUARTER)
        if length:
            bars.append(SourceBar(start=start, length=length, metre=metre, fifths=fifths))
            _add_notes(measure, notes=notes, start=start)
        start += length
    return tuple(bars), tuple(notes)


def _add_notes(measure: Any, *, notes: list[Note], start: int) -> None:
    """Append a measure's notes; a tied note lengthens the one that it continues."""
    for element in measure.notes:
        if element.duration.isGrace:
            continue
        onset = start + round(float(element.offset) * TICKS_PER_QUARTER)
        duration = max(round(float(element.duration.quarterLength) * TICKS_PER_QUARTER), 1)
        continues = element.tie is not None and element.tie.type != "start"
        for pitch in element.pitches:
            last = notes[-1] if notes else None
            if continues and last and (last.pitch, last.end) == (pitch.midi, onset):
                notes[-1] = replace(last, duration=last.duration + duration)
            else:
                velocity = _VELOCITY if onset > start else _DOWNBEAT_VELOCITY
                notes.append(Note(onset=onset, pitch=pitch.midi, duration=duration, velocity=velocity))
