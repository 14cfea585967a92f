"""Form: structureness indicators and grooving similarity (Wu and Yang, "The Jazz Transformer on the front line", 2020).

The fitness of a segment (Müller, Jiang, Grosche 2013) says how well its repetitions explain a piece: the harmonic mean
of their normalised score and of the share of the piece that they cover. The structureness of short, middle and long
segments is the greatest fitness of any segment of such a length.
"""

from collections.abc import Sequence
from itertools import combinations

import numpy as np
import numpy.typing as npt

from generator.engine.metrics import sweep_sounding
from generator.engine.plan import Plan
from generator.engine.score import TICKS_PER_QUARTER, Note

Array = npt.NDArray[np.float64]

INDICATORS = {"short": (3.0, 8.0), "middle": (8.0, 15.0), "long": (15.0, 60.0)}
"""Lengths of segments, in seconds."""
FRAMES_PER_SECOND = 1.0
_THRESHOLD = 0.2
"""Share of the similarity matrix that is kept; the rest is penalised."""
_PENALTY = -2.0


def measure_structureness(notes: Sequence[Note], *, plan: Plan) -> dict[str, float]:
    """The indicators of a piece or part."""
    similarity = compare_frames(list_chroma(notes, plan=plan))
    frames = len(similarity)
    found = {}
    for name, (shortest, longest) in INDICATORS.items():
        lengths = range(int(shortest * FRAMES_PER_SECOND), min(int(longest * FRAMES_PER_SECOND), frames // 2) + 1)
        segments = [(start, length) for length in lengths for start in range(frames - length + 1)]
        fitnesses = [measure_fitness(similarity, start=start, length=length) for start, length in segments]
        found[name] = max(fitnesses, default=0.0)
    return found


def list_chroma(notes: Sequence[Note], *, plan: Plan) -> Array:
    """Pitch classes that sound in each frame, as unit vectors: (frames, 12)."""
    step = plan.tempo / 60.0 * TICKS_PER_QUARTER / FRAMES_PER_SECOND
    fine = 4
    ticks = [int(i * step / fine) for i in range(int(plan.length / step) * fine)]
    counts = np.zeros((len(ticks), 12))
    for row, sounding in enumerate(sweep_sounding(sorted(notes), ticks=ticks)):
        for note in sounding:
            counts[row, note.pitch % 12] += 1
    chroma = counts.reshape(-1, fine, 12).sum(axis=1)
    return np.asarray(chroma / np.maximum(np.linalg.norm(chroma, axis=1, keepdims=True), 1e-9))


def compare_frames(chroma: Array) -> Array:
    """The similarity matrix, smoothed along its diagonals, thresholded, scaled to 0..1, the rest penalised."""
    raw = chroma @ chroma.T
    padded = np.pad(raw, 2, mode="edge")
    size = len(raw)
    smooth = np.mean([padded[k : k + size, k : k + size] for k in range(5)], axis=0)
    least = np.quantile(smooth, 1 - _THRESHOLD)
    scaled = np.where(smooth > least, (smooth - least) / max(float(smooth.max()) - least, 1e-9), _PENALTY)
    np.fill_diagonal(scaled, 1.0)
    return scaled


def measure_fitness(similarity: Array, *, start: int, length: int) -> float:
    """Fitness of the segment of `length` frames from `start`: by the path family of greatest score."""
    frames = len(similarity)
    score, covered = _find_paths(similarity[:, start : start + length])
    normalised = max((score - length) / max(covered, 1), 0.0)
    coverage = max((covered - length) / frames, 0.0)
    return 2 * normalised * coverage / (normalised + coverage) if normalised + coverage > 0 else 0.0


def _find_paths(similarity: Array) -> tuple[float, int]:
    """Score and covered frames of the best family of paths through the rows; steps (1,1), (2,1) and (1,2)."""
    frames, length = similarity.shape
    scores = np.full((frames + 1, length + 1), -np.inf)
    covers = np.zeros((frames + 1, length + 1))
    scores[0, 0] = 0.0
    for row in range(1, frames + 1):
        here = similarity[row - 1]
        rest = [(scores[row - 1, 0], covers[row - 1, 0]), (scores[row - 1, length], covers[row - 1, length])]
        scores[row, 0], covers[row, 0] = max(rest)
        for back in ((1, 1), (2, 1), (1, 2)):
            if row < back[0] or length < back[1]:
                continue
            came = scores[row - back[0], : length + 1 - back[1]] + here[back[1] - 1 :]
            gained = covers[row - back[0], : length + 1 - back[1]] + back[0]
            better = came > scores[row, back[1] :]
            scores[row, back[1] :] = np.where(better, came, scores[row, back[1] :])
            covers[row, back[1] :] = np.where(better, gained, covers[row, back[1] :])
    ends = [(scores[frames, 0], covers[frames, 0]), (scores[frames, length], covers[frames, length])]
    score, covered = max(ends)
    return float(score), int(covered)


def measure_grooving(notes: Sequence[Note], *, plan: Plan) -> float:
    """Mean likeness of the rhythms of all pairs of bars: 1 minus the share of places where just one has an onset."""
    size = plan.metre.bar_ticks
    grid = np.zeros((max(plan.length // size, 1), size // 3), bool)
    for note in notes:
        if note.onset // size < len(grid):
            grid[note.onset // size, note.onset % size // 3] = True
    pairs = [float((one == other).mean()) for one, other in combinations(grid, 2)]
    return float(np.mean(pairs)) if pairs else 1.0
