"""Is the mark still found and read after what recordings go through? In any five seconds, and in any twenty?

The detector knows the numbers of a large shop's tracks, as it does there; what it proves without them is told as well.
"""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from generator.engine.audio.marking.detection import Detection, find_mark
from generator.engine.audio.marking.embedding import Mark, mark_sound
from generator.engine.measuring.mark_levels import measure_thirds
from generator.engine.measuring.mark_pieces import read_piece
from generator.engine.measuring.mark_treatments import RATE, TREATMENTS

MARK = Mark(key=b"benchmark", number=0x1234_5678_9ABC)
KNOWN = 100_000
STRENGTHS = (0.03, 0.04, 0.05, 0.06, 0.08, 0.1, 0.12)
_SHORT, _LONG = 5.0, 20.0
_TRADED = ("none", "MP3 at 128 kbit/s", "AAC at 96 kbit/s")


def list_known() -> NDArray[np.int64]:
    """KNOWN numbers, that of MARK among them; like copyright IDs of one year they have their first eight bits in
    common."""
    others = np.random.default_rng(7).integers(1 << 40, size=KNOWN - 1, dtype=np.int64)
    return np.append(others | MARK.number >> 40 << 40, MARK.number)


def measure_survival(pieces: Sequence[Path]) -> list[dict[str, Any]]:
    """A row for each treatment, over windows that begin every 2.5 s (of 5 s) and every 5 s (of 20 s)."""
    marked = [mark_sound(read_piece(path), MARK, sample_rate=RATE) for path in pieces]
    return [_measure_treatment(name, marked) for name in TREATMENTS]


def _measure_treatment(name: str, marked: Sequence[NDArray[np.float32]]) -> dict[str, Any]:
    treated = [TREATMENTS[name](audio) for audio in marked]
    alone, short, long = [], [], []
    for audio in treated:
        for window in _cut(audio, seconds=_SHORT, step=2.5):
            alone.append(_find(window))
            short.append(_find_with_known(window, alone[-1]))
        long += [_find_with_known(window, _find(window)) for window in _cut(audio, seconds=_LONG, step=5.0)]
    weakest = min(short, key=lambda each: each.score - each.threshold)
    return {
        "treatment": name,
        "windows": len(short),
        "found": _share(each.is_found for each in short),
        "found_alone": _share(each.is_found for each in alone),
        "lowest": round(weakest.score, 2),
        "needed": round(weakest.threshold, 2),
        "named": _share(each.number == MARK.number for each in short),
        "long_windows": len(long),
        "read": _share(each.number == MARK.number for each in long),
        "wrong": sum(each.number not in (None, MARK.number) for each in [*alone, *short, *long]),
    }


def _share(true: Iterable[bool]) -> float:
    counted = list(true)
    return sum(counted) / len(counted)


def measure_tradeoff(pieces: Sequence[Path]) -> dict[str, Any]:
    """The lowest score of any 5 s for marks of several strengths."""
    decibels: list[float] = []
    lowest: dict[str, list[float]] = {name: [] for name in _TRADED}
    needed = 0.0
    for strength in STRENGTHS:
        levels: list[float] = []
        scores: dict[str, list[float]] = {name: [] for name in _TRADED}
        for path in pieces:
            audio = read_piece(path)[: 20 * RATE]
            marked = mark_sound(audio, MARK, sample_rate=RATE, strength=strength)
            levels.append(float(np.max(measure_thirds(marked - audio) - measure_thirds(audio))))
            for name in _TRADED:
                treated = TREATMENTS[name](marked)
                found = [_find(window, with_speeds=False) for window in _cut(treated, seconds=_SHORT, step=2.5)]
                scores[name].append(min(each.score for each in found))
                needed = found[0].threshold
        decibels.append(round(max(levels), 2))
        for name in _TRADED:
            lowest[name].append(round(min(scores[name]), 2))
    return {"strengths": list(STRENGTHS), "decibels": decibels, "lowest": lowest, "needed": round(needed, 2)}


def _cut(audio: NDArray[np.float32], *, seconds: float, step: float) -> Iterator[NDArray[np.float32]]:
    """Windows of that length from half a second on; the last second of a piece has rung out."""
    length = round(seconds * RATE)
    for start in range(RATE // 2, len(audio) - length - RATE, round(step * RATE)):
        yield audio[start : start + length]


def _find(audio: NDArray[np.float32], *, with_speeds: bool = True) -> Detection:
    return find_mark(audio, [MARK.key], sample_rate=RATE, with_speeds=with_speeds)


def _find_with_known(audio: NDArray[np.float32], alone: Detection) -> Detection:
    """The known numbers change nothing where the sound alone tells everything."""
    if alone.is_found and alone.number is not None:
        return alone
    return find_mark(audio, [MARK.key], sample_rate=RATE, known=list_known)
