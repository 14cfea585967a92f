"""All versions of a track's kit, as scores."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from generator.engine.kit.beds import write_underscore, write_voice_over
from generator.engine.kit.distinct import Heard
from generator.engine.kit.loops import arrange_loop
from generator.engine.kit.material import Material
from generator.engine.kit.spots import SPOTS, arrange_spot, arrange_sting
from generator.engine.plan import Piece

FEWEST_BARS = 2
"""Bars before the closing chord that a track must have to be arranged."""


class Kind(StrEnum):
    SPOT = "spot"
    BROADCAST = "broadcast"
    LOOP = "loop"
    UNDERSCORE = "underscore"
    VOICE_OVER = "voice-over"


@dataclass(frozen=True, slots=True)
class KitPiece:
    name: str
    kind: Kind
    piece: Piece


def arrange_kit(piece: Piece) -> tuple[KitPiece, ...]:
    """Every version that the track's material allows, the same for the same score. Empty for a track that is one
    phrase or less; a melody that nobody accompanies has no underscore."""
    if not piece.plan.sections or Material(piece).bars < FEWEST_BARS:
        return ()
    return tuple(_arrange_all(piece))


def _arrange_all(piece: Piece) -> Iterator[KitPiece]:
    material = Material(piece)
    taken = [material.heard]
    # first of all, since it is nothing but the hook: what opens with it must go on otherwise
    if (sting := arrange_sting(material, others=taken)) is not None:
        taken.append(Heard(sting))
    for spot in SPOTS:
        if (found := arrange_spot(material, spot, others=taken)) is not None:
            taken.append(Heard(found))
            yield KitPiece(spot.name, Kind.BROADCAST if spot.is_broadcast else Kind.SPOT, found)
    if sting is not None:
        yield KitPiece("sting", Kind.SPOT, sting)
    if (loop := arrange_loop(material, others=taken)) is not None:
        yield KitPiece(f"loop-{loop.plan.bars}-bars", Kind.LOOP, loop)
    if (underscore := write_underscore(piece)) is not None:
        yield KitPiece("underscore", Kind.UNDERSCORE, underscore)
    if (voice_over := write_voice_over(piece)) is not None:
        yield KitPiece("voice-over", Kind.VOICE_OVER, voice_over)
