"""Ranking: how much of the critic's verdict decides which candidate is kept."""

from collections.abc import Sequence

from generator.engine.plan import Role

_GOOD_DRUMMING = 6
"""Drums play the first drawn of so many best ones. Always the very best is squarer than people's drumming: more hi-hat
together with the bass drum, fewer strokes between."""


def level_ranks(ranks: Sequence[float], *, role: Role) -> list[float]:
    """The ranks, of drums with the best few as low as the last of them, so that chance decides among those."""
    if role is not Role.RHYTHM or not ranks:
        return list(ranks)
    enough = sorted(ranks, reverse=True)[:_GOOD_DRUMMING][-1]
    return [min(rank, enough) for rank in ranks]
