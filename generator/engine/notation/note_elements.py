"""Symbols as MusicXML notes."""

from collections.abc import Sequence
from dataclasses import dataclass
from xml.etree.ElementTree import Element, SubElement

from generator.engine.notation.accidentals import Accidentals
from generator.engine.notation.bars import Symbol
from generator.engine.notation.drumset import DRUMSET
from generator.engine.notation.spelling import Spelling, spell_pitch
from generator.engine.plan import Plan

Marked = dict[tuple[int, int, int], str]
"""Accidentals shown, by voice, tick in the bar and pitch."""
_VOICES_PER_STAFF = 4
"""Voices 1 to 4 belong to the first staff, 5 to 8 to the second: how notation programs number them."""


@dataclass(frozen=True, slots=True)
class NoteWriter:
    part_id: str
    is_drums: bool
    is_grand: bool
    plan: Plan

    def choose_accidentals(self, voices: Sequence[Sequence[Symbol]], *, accidentals: Accidentals) -> Marked:
        """In reading order over all voices of a staff. What is tied over the bar line needs none."""
        if self.is_drums:
            return {}
        heads = [
            (symbol.start, number, pitch, symbol.onset)
            for number, voice in enumerate(voices)
            for symbol in voice
            for pitch in symbol.pitches
            if not symbol.is_tied_back
        ]
        marked = {}
        for start, number, pitch, onset in sorted(heads):
            shown = accidentals.take(self.spell(pitch, onset=onset))
            if shown:
                marked[number, start, pitch] = shown
        return marked

    def spell(self, pitch: int, *, onset: int) -> Spelling:
        return spell_pitch(pitch, key=self.plan.key, chord=self.plan.chord_at(onset))

    def add_symbol(self, measure: Element, symbol: Symbol, *, staff: int, voice: int, marked: Marked) -> None:
        """A rest, a note, or the notes of a chord."""
        for index, pitch in enumerate(symbol.pitches or (None,)):
            note = SubElement(measure, "note")
            if index:
                SubElement(note, "chord")
            if pitch is None:
                if voice and not symbol.tuplet:  # two rows of rests on a staff say nothing; a tuplet needs its own
                    note.set("print-object", "no")
                rest = SubElement(note, "rest")
                if symbol.is_whole_bar:
                    rest.set("measure", "yes")
            elif self.is_drums:
                _add_drum(note, pitch)
            else:
                _add_pitch(note, self.spell(pitch, onset=symbol.onset))
            self._add_time(note, symbol, pitch=pitch, staff=staff, voice=voice)
            self._add_look(note, symbol, pitch=pitch, shown=marked.get((voice, symbol.start, pitch or 0)), voice=voice)
            if self.is_grand:
                SubElement(note, "staff").text = str(staff)
            if not index:
                for level, beam in enumerate(symbol.beams, start=1):
                    SubElement(note, "beam", number=str(level)).text = beam
            _add_notations(note, symbol, is_first=not index)

    def _add_time(self, note: Element, symbol: Symbol, *, pitch: int | None, staff: int, voice: int) -> None:
        SubElement(note, "duration").text = str(symbol.ticks)
        for kind in _list_ties(symbol):
            SubElement(note, "tie", type=kind)
        if self.is_drums and pitch is not None:
            SubElement(note, "instrument", id=f"{self.part_id}-I{pitch}")
        SubElement(note, "voice").text = str((staff - 1) * _VOICES_PER_STAFF + voice + 1)

    def _add_look(self, note: Element, symbol: Symbol, *, pitch: int | None, shown: str | None, voice: int) -> None:
        if not symbol.is_whole_bar:
            SubElement(note, "type").text = symbol.value
        for _ in range(symbol.dots if not symbol.is_whole_bar else 0):
            SubElement(note, "dot")
        if shown:
            SubElement(note, "accidental").text = shown
        if symbol.tuplet:
            _add_ratio(note, symbol)
        if self.is_drums and pitch is not None:
            SubElement(note, "stem").text = "down" if voice else "up"
            if DRUMSET[pitch].head != "normal":
                SubElement(note, "notehead").text = DRUMSET[pitch].head


def _add_pitch(note: Element, spelled: Spelling) -> None:
    pitch = SubElement(note, "pitch")
    SubElement(pitch, "step").text = spelled.step
    if spelled.alter:
        SubElement(pitch, "alter").text = str(spelled.alter)
    SubElement(pitch, "octave").text = str(spelled.octave)


def _add_drum(note: Element, key: int) -> None:
    place = DRUMSET[key]
    unpitched = SubElement(note, "unpitched")
    SubElement(unpitched, "display-step").text = place.step
    SubElement(unpitched, "display-octave").text = str(place.octave)


def _add_ratio(note: Element, symbol: Symbol) -> None:
    assert symbol.tuplet  # noqa: S101 - asked by the caller
    ratio = SubElement(note, "time-modification")
    SubElement(ratio, "actual-notes").text = "3"
    SubElement(ratio, "normal-notes").text = "2"
    SubElement(ratio, "normal-type").text = symbol.tuplet.unit_value


def _list_ties(symbol: Symbol) -> list[str]:
    return [kind for kind, wanted in (("stop", symbol.is_tied_back), ("start", symbol.is_tied_on)) if wanted]


def _add_notations(note: Element, symbol: Symbol, *, is_first: bool) -> None:
    edges = [kind for kind, there in (("start", symbol.opens_tuplet), ("stop", symbol.closes_tuplet)) if there]
    ties = _list_ties(symbol)
    if not ties and not (is_first and edges):
        return
    notations = SubElement(note, "notations")
    for kind in ties:
        SubElement(notations, "tied", type=kind)
    for kind in edges if is_first else ():
        tuplet = SubElement(notations, "tuplet", type=kind, number="1")
        if kind == "start":
            tuplet.set("bracket", "yes" if symbol.is_bracketed else "no")
