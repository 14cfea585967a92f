"""Whether moods do what they say: pairs of pieces from one seed, with the mood and without, compared by measure."""

from collections.abc import Callable
from statistics import mean

from generator.engine.measuring.options import Options
from generator.engine.measuring.results import Result, make_result, make_table
from generator.engine.plan import Mode, Piece, Role
from generator.engine.styles import STYLES

TARGET = 0.90
PAIRS = 18
"""Per mood, over the styles in turn."""

STATED: dict[str, dict[str, int]] = {
    "bright": {"major": 1, "tempo": 1, "loudness": 1},
    "calm": {"tempo": -1, "loudness": -1, "notes a second": -1},
    "tense": {"major": -1, "tempo": 1, "notes a second": 1},
    "sad": {"major": -1, "tempo": -1, "loudness": -1},
    "heroic": {"loudness": 1, "energy": 1},
    "playful": {"major": 1, "tempo": 1, "notes a second": 1},
}
"""What each mood states, and which way it moves against the neutral one."""


def _find_loudness(piece: Piece) -> float:
    return mean(note.velocity for part in piece.parts for note in part.notes)


def _count_per_second(piece: Piece) -> float:
    return sum(len(part.notes) for part in piece.parts if part.role != Role.RHYTHM) / piece.plan.seconds


MEASURES: dict[str, Callable[[Piece], float]] = {
    "major": lambda piece: float(piece.plan.key.mode is Mode.MAJOR),
    "tempo": lambda piece: piece.plan.tempo,
    "energy": lambda piece: mean(piece.plan.energies),
    "loudness": _find_loudness,
    "notes a second": _count_per_second,
}


def run(options: Options) -> Result:
    pairs = options.size(PAIRS)
    styles = [list(STYLES)[place % len(STYLES)] for place in range(pairs)]
    seeds = [options.seed * 1000 + place for place in range(pairs)]
    plain = [_compose(style, "neutral", seed=seed) for style, seed in zip(styles, seeds, strict=True)]
    shares: dict[tuple[str, str], float] = {}
    for mood, stated in STATED.items():
        moody = [_compose(style, mood, seed=seed) for style, seed in zip(styles, seeds, strict=True)]
        for name, way in stated.items():
            moved = [_moves(name, way, before, after) for before, after in zip(plain, moody, strict=True)]
            shares[mood, name] = mean(moved)
    least = min(shares.values())
    rows = [[mood, name, _WAYS[STATED[mood][name]], f"{share:.0%}"] for (mood, name), share in shares.items()]
    met = sum(share >= TARGET for share in shares.values())
    return make_result(
        claim=f"{met} of {len(shares)} stated features move as stated in at least {TARGET:.0%} of {pairs} pairs; "
        f"the least in {least:.0%}",
        target=f"each in at least {TARGET:.0%} of pairs",
        met=least >= TARGET,
        value=round(least, 4),
        pairs=pairs,
        tables=[make_table("By mood", columns=["Mood", "Feature", "Moves", "Pairs"], rows=rows)],
        notes=[
            "A pair has the same style and seed, once with the mood and once neutral. Mode counts as moved where the "
            "piece is in the stated mode."
        ],
    )


_WAYS = {1: "up", -1: "down"}


def _moves(name: str, way: int, before: Piece, after: Piece) -> bool:
    measure = MEASURES[name]
    if name == "major":
        return measure(after) == (way > 0)
    return (measure(after) - measure(before)) * way > 0


def _compose(style: str, mood: str, *, seed: int) -> Piece:
    from generator.engine import compose
    from generator.engine.brief import parse_brief

    wanted = {"instruments": "piano,violin,bass", "seconds": 20, "style": style, "mood": mood, "seed": seed}
    return compose(parse_brief(wanted)).piece
