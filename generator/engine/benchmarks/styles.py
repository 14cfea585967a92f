"""Whether styles can be told apart by the notes: a classifier that sees neither tempo nor program names the style of
pieces that it was not trained on."""

from collections.abc import Iterator

import numpy as np

from generator.engine.measuring.discriminant import Labels, train_discriminant
from generator.engine.measuring.options import Options
from generator.engine.measuring.results import Result, make_result, make_table
from generator.engine.measuring.style_features import stack_rows
from generator.engine.plan import Piece
from generator.engine.styles import STYLES

TARGET = 0.60
PIECES = 24
"""Per style; the first half trains the classifier."""


def run(options: Options) -> Result:
    each = options.size(PIECES)
    names = list(STYLES)
    rows = np.stack([stack_rows(list(_compose(style, each=each, seed=options.seed))) for style in names])
    half = each // 2
    known, unseen = rows[:, :half].reshape(-1, rows.shape[2]), rows[:, half:].reshape(-1, rows.shape[2])
    labels = np.repeat(np.arange(len(names)), half), np.repeat(np.arange(len(names)), each - half)
    found = train_discriminant(known, labels[0]).name(unseen)
    hits = found == labels[1]
    share = float(hits.mean())
    table = [
        [name, f"{hits[labels[1] == place].mean():.0%}", _most_confused(found[labels[1] == place], place, names)]
        for place, name in enumerate(names)
    ]
    return make_result(
        claim=f"the style of {share:.0%} of {len(unseen)} unseen pieces is named; chance is {1 / len(names):.0%}",
        target=f"at least {TARGET:.0%} over {len(names)} styles",
        met=share >= TARGET,
        value=round(share, 4),
        pieces=len(known) + len(unseen),
        features=int(rows.shape[2]),
        tables=[make_table("By style", columns=["Style", "Named rightly", "Most often taken for"], rows=table)],
        notes=[
            "Every piece has the same four instruments, 30 s and the neutral mood. The classifier, a linear "
            "discriminant, sees features of harmony, rhythm, density, register, loudness and drum patterns.",
        ],
    )


def _compose(style: str, *, each: int, seed: int) -> Iterator[Piece]:
    from generator.engine import compose
    from generator.engine.brief import parse_brief

    wanted = {"instruments": "piano,violin,bass,drums", "seconds": 30, "style": style, "mood": "neutral"}
    for place in range(each):
        yield compose(parse_brief(wanted | {"seed": seed * 1000 + place})).piece


def _most_confused(found: Labels, place: int, names: list[str]) -> str:
    others = found[found != place]
    return names[int(np.bincount(others).argmax())] if len(others) else "nothing"
