"""McGill Billboard: plans of pop songs. No notes, but what they follow: metre, tonic, sections and chords.

Only the first passage of a song in one metre and tonic is taken. The chords of a bar share their bar equally; richer
chords are folded into the four qualities that plans know.
"""

import re
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from generator.engine.errors import CorpusError
from generator.engine.plan import Chord, Key, Metre, Mode, Piece, Plan, Section
from generator.engine.theory.keys import parse_key

_SECTION_NAMES = {
    **dict.fromkeys(("intro", "pre-intro"), "intro"),
    **dict.fromkeys(("outro", "coda", "fadeout", "ending"), "outro"),
    **dict.fromkeys(("bridge", "interlude", "trans", "transition", "solo", "instrumental"), "bridge"),
    **dict.fromkeys(("chorus", "refrain"), "B"),
    **dict.fromkeys(("verse",), "A"),
}
_METRES = {"4/4", "3/4", "6/8", "12/8", "2/4", "9/8"}
_MINIMUM_BARS = 8


@dataclass(frozen=True, slots=True)
class _Line:
    seconds: float
    label: str
    bars: tuple[tuple[str, ...], ...]


def read_billboard(data: bytes, *, path: str) -> Piece:
    text = data.decode("utf-8", errors="replace")
    metre_text, tonic = _read_header(text, name="metre"), _read_header(text, name="tonic")
    if metre_text not in _METRES:
        raise CorpusError(f"Metre {metre_text!r} is not one that plans know.")
    lines = [line for line in map(_read_line, _first_passage(text)) if line is not None]
    bars = [bar for line in lines for bar in line.bars]
    if len(bars) < _MINIMUM_BARS:
        raise CorpusError(f"{len(bars)} bars of chords: at least {_MINIMUM_BARS} are needed.")
    metre = Metre(*(int(each) for each in metre_text.split("/")))
    sounding = [chord for bar in bars for chord in _spread_bar(bar, slots=metre.bar_ticks // metre.chord_ticks)]
    key = Key(tonic=parse_key(tonic).tonic, mode=_guess_mode(sounding, tonic=parse_key(tonic).tonic))
    plan = Plan(
        style="pop",
        mood="",
        key=key,
        metre=metre,
        tempo=_measure_tempo(lines, metre=metre),
        length=len(bars) * metre.bar_ticks,
        sections=tuple(_name_sections(lines)),
        chords=tuple(chord and Chord(root=(chord.root - key.shift) % 12, quality=chord.quality) for chord in sounding),
        energies=(0.5,) * len(bars),
    )
    return Piece(plan=plan, parts=(), title=_read_header(text, name="title"), source=path)


def _read_header(text: str, *, name: str) -> str:
    match = re.search(rf"^# {name}: (.*)$", text, re.MULTILINE)
    if match is None:
        raise CorpusError(f"The annotation has no {name}.")
    return match[1].strip()


def _first_passage(text: str) -> list[str]:
    """The lines up to the first change of metre or tonic."""
    body = [line for line in text.splitlines() if line and not re.match(r"# (title|artist)", line)]
    first = next((index for index, line in enumerate(body) if not line.startswith("#")), 0)
    stop = next((index for index, line in enumerate(body) if line.startswith("#") and index > first), len(body))
    return body[first:stop]


def _read_line(line: str) -> _Line | None:
    seconds, _, rest = line.partition("\t")
    if "|" not in rest:
        return None
    label = rest.split("|", 1)[0].strip(" ,")
    written = rest[rest.index("|") + 1 : rest.rindex("|")].split("|")
    bars = tuple(tuple(symbol for symbol in bar.split() if not symbol.startswith("(")) for bar in written)
    repeats = re.search(r"\bx(\d+)\b", rest[rest.rindex("|") :])
    return _Line(seconds=float(seconds), label=label, bars=bars * (int(repeats[1]) if repeats else 1))


def _spread_bar(symbols: tuple[str, ...], *, slots: int) -> list[Chord | None]:
    """One chord per slot of the bar: the one that sounds as the slot begins. '.' holds the chord before it."""
    held: list[str] = []
    for symbol in symbols:
        held.append(held[-1] if symbol == "." and held else symbol)
    if not held:
        return [None] * slots
    return [_fold_chord(held[slot * len(held) // slots]) for slot in range(slots)]


def _fold_chord(symbol: str) -> Chord | None:
    """'Eb:maj7/3' -> Eb maj; 'N' and what is no chord -> None."""
    root, _, quality = symbol.partition(":")
    if not re.fullmatch(r"[A-G][#b]*", root) or not quality:
        return None
    letter = parse_key(root[0]).tonic
    pitch_class = (letter + root.count("#") - root.count("b")) % 12
    return Chord(root=pitch_class, quality=_fold_quality(quality))


def _fold_quality(quality: str) -> str:
    head = quality.split("/")[0]
    if head.startswith(("dim", "hdim", "o")):
        return "dim"
    if head.startswith("min"):
        return "min"
    return "dom7" if re.match(r"(7|9|11|13|sus4\(b7|5\(b7|aug\(b7)", head) else "maj"


def _guess_mode(chords: list[Chord | None], *, tonic: int) -> Mode:
    on_tonic = [chord.quality for chord in chords if chord is not None and chord.root == tonic]
    return Mode.MINOR if on_tonic.count("min") * 2 > len(on_tonic) else Mode.MAJOR


def _measure_tempo(lines: list[_Line], *, metre: Metre) -> float:
    """Quarters per minute, from the median length of a bar."""
    lengths = [(after.seconds - line.seconds) / len(line.bars) for line, after in pairwise(lines) if line.bars]
    bar_seconds = median(lengths) if lengths else 2.0
    return round(min(max(metre.bar_ticks / 24 * 60 / max(bar_seconds, 0.5), 40.0), 240.0), 1)


def _name_sections(lines: list[_Line]) -> list[Section]:
    """Sections under our names. Verse is A, chorus is B; other labels keep their letter as C, or are a bridge."""
    sections: list[Section] = []
    bar = 0
    for line in lines:
        words = [word.strip().lower() for word in line.label.split(",") if word.strip()]
        if words or not sections:
            name = next((_SECTION_NAMES[word] for word in words if word in _SECTION_NAMES), "C" if words else "A")
            sections.append(Section(name=name, start_bar=bar, bars=0, energy=0.5))
        last = sections[-1]
        sections[-1] = Section(name=last.name, start_bar=last.start_bar, bars=last.bars + len(line.bars), energy=0.5)
        bar += len(line.bars)
    return [section for section in sections if section.bars]
