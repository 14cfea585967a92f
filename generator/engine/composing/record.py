"""What was composed and how, as JSON for programs and as lines for people."""

from typing import Any

from generator.engine.brief import Brief
from generator.engine.composing.piece import Composition
from generator.engine.plan import PITCH_CLASS_NAMES, Chord, Plan, Section

_SUFFIXES = {"maj": "", "min": "m", "dom7": "7", "dim": "dim"}


def describe_composition(composition: Composition, *, brief: Brief) -> dict[str, Any]:
    """Brief, plan in words, and per part its role, notes, scores and checkpoint."""
    piece, plan = composition.piece, composition.piece.plan
    notes = {part.instrument: len(part.notes) for part in piece.parts}
    parts = {
        slug: {
            "role": str(result.part.role),
            "notes": notes[slug],
            "explanation": result.explanation,
            "scores": result.scores,
            "candidates": result.candidates,
            "digest": result.digest,
        }
        for slug, result in composition.results.items()
    }
    return {
        "title": piece.title,
        "brief": brief.to_json(),
        "key": str(plan.key),
        "tempo": round(plan.tempo, 3),
        "metre": str(plan.metre),
        "seconds": round(plan.seconds, 6),
        "bars": plan.bars,
        "form": [describe_section(section, plan=plan) for section in plan.sections],
        "parts": parts,
    }


def describe_section(section: Section, *, plan: Plan) -> dict[str, Any]:
    return {
        "name": section.name,
        "bars": section.bars,
        "energy": section.energy,
        "chords": [" ".join(bar) for bar in _list_chords(section, plan=plan)],
    }


def name_chord(chord: Chord | None, *, shift: int) -> str:
    """The chord as it sounds, such as 'F#m'; '-' for none."""
    if chord is None:
        return "-"
    return PITCH_CLASS_NAMES[(chord.root + shift) % 12] + _SUFFIXES[chord.quality]


def write_lines(record: dict[str, Any]) -> list[str]:
    """The record as a page of text."""
    brief = record["brief"]
    return [
        f"{record['title']}: {record['key']}, {record['metre']} at {record['tempo']:.2f}, "
        f"{record['bars']} bars, {record['seconds']:.3f} s",
        f"style {brief['style']}, mood {brief['mood']}, seed {brief['seed']}",
        *(_write_section(section) for section in record["form"]),
        *(_write_part(slug, part) for slug, part in record["parts"].items()),
    ]


def _write_section(section: dict[str, Any]) -> str:
    return f"  {section['name']:<7} energy {section['energy']:.2f}  | {' | '.join(section['chords'])} |"


def _write_part(slug: str, part: dict[str, Any]) -> str:
    total = part["scores"]["total"]
    return f"  {slug:<7} {part['role']}, {part['notes']} notes, critic {total:.2f}. {part['explanation']}"


def _list_chords(section: Section, *, plan: Plan) -> list[list[str]]:
    """The chord names of each bar; one that holds through the bar is named once."""
    per_bar = plan.metre.bar_ticks // plan.metre.chord_ticks
    bars = []
    for bar in range(section.start_bar, section.start_bar + section.bars):
        names = [name_chord(c, shift=plan.key.shift) for c in plan.chords[bar * per_bar : (bar + 1) * per_bar]]
        bars.append(names[:1] if len(set(names)) == 1 else names)
    return bars
