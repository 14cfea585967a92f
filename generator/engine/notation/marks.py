"""What stands above the notes: tempo, section names, chord symbols."""

from collections.abc import Iterator
from xml.etree.ElementTree import Element, SubElement

from generator.engine.composing.swinging import is_swung
from generator.engine.notation.spelling import spell_root
from generator.engine.plan import Chord, Plan

_KINDS = {"maj": ("major", ""), "min": ("minor", "m"), "dom7": ("dominant", "7"), "dim": ("diminished", "dim")}


def add_bar_marks(measure: Element, *, plan: Plan, bar: int, is_first_part: bool, has_chords: bool) -> None:
    if is_first_part and bar == 0:
        _add_tempo(measure, plan=plan)
    names = [section.name for section in plan.sections if section.start_bar == bar]
    if is_first_part and names:
        kind = SubElement(SubElement(measure, "direction", placement="above"), "direction-type")
        SubElement(kind, "rehearsal").text = names[-1].capitalize()
    if has_chords:
        for tick, chord in _list_changes(plan, bar=bar):
            _add_harmony(measure, chord, plan=plan, offset=tick)


def _add_tempo(measure: Element, *, plan: Plan) -> None:
    """In felt beats for the reader, in quarters for programs that play it."""
    direction = SubElement(measure, "direction", placement="above")
    if is_swung(plan):
        SubElement(SubElement(direction, "direction-type"), "words").text = "Swing "
    metronome = SubElement(SubElement(direction, "direction-type"), "metronome")
    SubElement(metronome, "beat-unit").text = "quarter"
    if plan.metre.is_compound:
        SubElement(metronome, "beat-unit-dot")
    per_minute = plan.tempo * 24 / plan.metre.beat_ticks if plan.metre.is_compound else plan.tempo
    SubElement(metronome, "per-minute").text = f"{per_minute:.0f}"
    sound = SubElement(direction, "sound", tempo=f"{plan.tempo:.6g}")
    if is_swung(plan):
        swing = SubElement(sound, "swing")
        for name, value in (("first", "2"), ("second", "1"), ("swing-type", "eighth")):
            SubElement(swing, name).text = value


def _list_changes(plan: Plan, *, bar: int) -> Iterator[tuple[int, Chord]]:
    """Chords that begin in the bar, with their tick in it. What only goes on is not repeated."""
    size = plan.metre.bar_ticks
    for tick in range(0, size, plan.metre.chord_ticks):
        at = bar * size + tick
        chord = plan.chord_at(at) if at < plan.length else None
        before = plan.chord_at(at - 1) if at else None
        if chord and chord != before:
            yield tick, chord


def _add_harmony(measure: Element, chord: Chord, *, plan: Plan, offset: int) -> None:
    harmony = SubElement(measure, "harmony", placement="above")
    root = SubElement(harmony, "root")
    step, alter = spell_root(chord, key=plan.key)
    SubElement(root, "root-step").text = step
    if alter:
        SubElement(root, "root-alter").text = str(alter)
    kind, text = _KINDS[chord.quality]
    SubElement(harmony, "kind", text=text).text = kind
    if offset:
        SubElement(harmony, "offset").text = str(offset)
