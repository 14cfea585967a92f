"""MusicXML 4.0: the score as notation programs read it, in the sounding key. The same piece gives the same bytes."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from generator.engine.instruments import INSTRUMENTS
from generator.engine.notation.accidentals import Accidentals
from generator.engine.notation.bars import Symbol, write_bars
from generator.engine.notation.clefs import Clef
from generator.engine.notation.drumset import DRUMSET
from generator.engine.notation.marks import add_bar_marks
from generator.engine.notation.note_elements import NoteWriter
from generator.engine.notation.staves import Staff, lay_out
from generator.engine.plan import Mode, Piece, Plan
from generator.engine.score import TICKS_PER_QUARTER, Part
from generator.engine.version import ENGINE_VERSION

_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE score-partwise PUBLIC '
    '"-//Recordare//DTD MusicXML 4.0 Partwise//EN" "http://www.musicxml.org/dtds/partwise.dtd">\n'
)
_DRUM_CHANNEL = 10
_SHORT_NAMES = {"Piano": "Pno.", "Guitar": "Gtr.", "Violin": "Vln.", "Viola": "Vla.", "Cello": "Vc."}
_SHORT_NAMES |= {"Flute": "Fl.", "Drums": "Dr.", "Electric piano": "E. Pno.", "Organ": "Org.", "Harp": "Hp."}
_SHORT_NAMES |= {"Strings": "Str.", "Clarinet": "Cl."}


@dataclass(frozen=True, slots=True)
class _Desk:
    """A part with what the writer needs to know about it."""

    number: int
    part: Part
    staves: tuple[Staff, ...]

    @property
    def id(self) -> str:
        return f"P{self.number}"

    @property
    def name(self) -> str:
        return INSTRUMENTS[self.part.instrument].name

    @property
    def is_drums(self) -> bool:
        return INSTRUMENTS[self.part.instrument].is_drums


def write_musicxml(piece: Piece, *, parts: Sequence[Part] | None = None, rights: str = "") -> bytes:
    """The whole score, or `parts` (key-normalised, like the piece's own) alone.

    Onsets and pitches are those of the score as long as they lie on its grid of 32nds and triplets. Lengths are
    written for readers: gaps below a 16th close, a chord with nothing moving under it stands on one stem, and of three
    lengths held at once on one staff the shortest gives way. What swings stands straight, under the word.
    """
    plan = piece.plan
    chosen = piece if parts is None else Piece(plan=plan, parts=tuple(parts), title=piece.title)
    desks = [_Desk(number, part, lay_out(part, plan)) for number, part in enumerate(chosen.sounding_parts(), start=1)]
    root = Element("score-partwise", version="4.0")
    _add_head(root, title=piece.title, rights=rights)
    _add_part_list(root, desks)
    for desk in desks:
        _add_part(root, desk, plan=plan)
    indent(root, space=" ")
    return (_HEAD + tostring(root, encoding="unicode") + "\n").encode()


def _add_head(root: Element, *, title: str, rights: str) -> None:
    SubElement(SubElement(root, "work"), "work-title").text = title or "Untitled"
    identification = SubElement(root, "identification")
    SubElement(identification, "creator", type="composer").text = "AI-generated with Onetake"
    if rights:
        SubElement(identification, "rights").text = rights
    encoding = SubElement(identification, "encoding")
    SubElement(encoding, "software").text = f"Onetake {ENGINE_VERSION}"
    SubElement(encoding, "supports", element="accidental", type="yes")
    SubElement(encoding, "supports", element="beam", type="yes")


def _add_part_list(root: Element, desks: Sequence[_Desk]) -> None:
    listed = SubElement(root, "part-list")
    for desk in desks:
        entry = SubElement(listed, "score-part", id=desk.id)
        SubElement(entry, "part-name").text = desk.name
        SubElement(entry, "part-abbreviation").text = _abbreviate(desk.name)
        sounds = list(_list_sounds(desk))
        for sound, name, _, _ in sounds:
            SubElement(SubElement(entry, "score-instrument", id=sound), "instrument-name").text = name
        for sound, _, channel, key in sounds:
            midi = SubElement(entry, "midi-instrument", id=sound)
            SubElement(midi, "midi-channel").text = str(channel)
            SubElement(midi, "midi-program").text = str(INSTRUMENTS[desk.part.instrument].program + 1)
            if key is not None:
                SubElement(midi, "midi-unpitched").text = str(key + 1)


def _list_sounds(desk: _Desk) -> Iterator[tuple[str, str, int, int | None]]:
    """Id, name, MIDI channel and, for drums, key of everything the part plays with."""
    if not desk.is_drums:
        number = desk.number if desk.number < _DRUM_CHANNEL else desk.number + 1
        yield f"{desk.id}-I1", desk.name, (number - 1) % 16 + 1, None
    for key in sorted({note.pitch for note in desk.part.notes}) if desk.is_drums else ():
        yield f"{desk.id}-I{key}", DRUMSET[key].name, _DRUM_CHANNEL, key


def _abbreviate(name: str) -> str:
    return _SHORT_NAMES.get(name, name)


def _add_part(root: Element, desk: _Desk, *, plan: Plan) -> None:
    element = SubElement(root, "part", id=desk.id)
    metre = plan.metre
    voices = [[write_bars(voice, metre=metre, bars=plan.bars) for voice in staff.voices] for staff in desk.staves]
    silence = write_bars((), metre=metre, bars=plan.bars)
    writer = NoteWriter(part_id=desk.id, is_drums=desk.is_drums, plan=plan, is_grand=len(desk.staves) > 1)
    for bar in range(plan.bars):
        measure = SubElement(element, "measure", number=str(bar + 1))
        if bar == 0:
            _add_attributes(measure, desk, plan=plan)
        elif len(desk.staves) == 1 and (clef := desk.staves[0].clefs.get(bar)):
            _add_clef(SubElement(measure, "attributes"), clef, number=0)
        add_bar_marks(measure, plan=plan, bar=bar, is_first_part=desk.number == 1, has_chords=_has_chords(desk))
        for number, staff in enumerate(voices, start=1):
            if number > 1:
                _add_backup(measure, ticks=metre.bar_ticks)
            _add_staff(measure, [voice[bar] for voice in staff] or [silence[bar]], staff=number, writer=writer)
        if bar == plan.bars - 1:
            SubElement(SubElement(measure, "barline", location="right"), "bar-style").text = "light-heavy"


def _has_chords(desk: _Desk) -> bool:
    """Chord symbols stand above the first part; in a part of its own every pitched instrument is the first."""
    return desk.number == 1 and not desk.is_drums


def _add_staff(measure: Element, voices: Sequence[Sequence[Symbol]], *, staff: int, writer: NoteWriter) -> None:
    """Every voice complete, as notation programs ask for; the second one's rests are there but not shown."""
    sounding = [voice for voice in voices if any(symbol.pitches for symbol in voice)] or [voices[0]]
    accidentals = Accidentals(writer.plan.key)
    marked = writer.choose_accidentals(sounding, accidentals=accidentals)
    for index, voice in enumerate(sounding):
        if index:
            _add_backup(measure, ticks=writer.plan.metre.bar_ticks)
        for symbol in voice:
            writer.add_symbol(measure, symbol, staff=staff, voice=index, marked=marked)


def _add_backup(measure: Element, *, ticks: int) -> None:
    SubElement(SubElement(measure, "backup"), "duration").text = str(ticks)


def _add_attributes(measure: Element, desk: _Desk, *, plan: Plan) -> None:
    attributes = SubElement(measure, "attributes")
    SubElement(attributes, "divisions").text = str(TICKS_PER_QUARTER)
    if not desk.is_drums:
        key = SubElement(attributes, "key")
        SubElement(key, "fifths").text = str(plan.key.fifths)
        SubElement(key, "mode").text = "minor" if plan.key.mode is Mode.MINOR else "major"
    time = SubElement(attributes, "time")
    SubElement(time, "beats").text = str(plan.metre.numerator)
    SubElement(time, "beat-type").text = str(plan.metre.denominator)
    if len(desk.staves) > 1:
        SubElement(attributes, "staves").text = str(len(desk.staves))
    for number, staff in enumerate(desk.staves, start=1):
        _add_clef(attributes, staff.clefs[0], number=number if len(desk.staves) > 1 else 0)


def _add_clef(attributes: Element, clef: Clef, *, number: int) -> None:
    element = SubElement(attributes, "clef")
    if number:
        element.set("number", str(number))
    SubElement(element, "sign").text = clef.sign
    if clef.sign != "percussion":
        SubElement(element, "line").text = str(clef.line)
    if clef.octave_change:
        SubElement(element, "clef-octave-change").text = str(clef.octave_change)
