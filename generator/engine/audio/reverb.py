"""One room for all stems: how big by style and mood, how much of each instrument goes into it."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from pedalboard import HighpassFilter, Pedalboard, Reverb

from generator.engine.plan import Plan


@dataclass(frozen=True, slots=True)
class Room:
    size: float
    """0 (a cupboard) to 1 (a cathedral)."""
    damping: float
    predelay: float
    """Seconds before the first reflection."""
    level: float
    """Linear gain of the room beside the dry sound."""


_STUDIO = Room(size=0.35, damping=0.55, predelay=0.008, level=0.16)
_CHAMBER = Room(size=0.55, damping=0.5, predelay=0.014, level=0.2)
_HALL = Room(size=0.78, damping=0.45, predelay=0.022, level=0.24)
_CLOUD = Room(size=0.9, damping=0.35, predelay=0.03, level=0.32)

_ROOMS = {"classical": _HALL, "cinematic": _HALL, "hymn": _HALL, "ambient": _CLOUD, "folk": _CHAMBER, "jazz": _CHAMBER}
_WIDTH = 0.7
"""Of the room between its walls: what differs in the two channels cancels where they are heard as one."""
_MOOD_LEVELS = {"calm": 1.2, "sad": 1.25, "heroic": 1.15, "tense": 0.85, "playful": 0.85}
_SENDS = {"bass": 0.15, "drums": 0.45, "piano": 0.8, "epiano": 0.7, "organ": 0.8, "guitar": 0.8, "cello": 0.9}
"""Share of a stem that goes into the room; low instruments stay dry so that the bottom keeps clear."""


def choose_room(plan: Plan) -> Room:
    room = _ROOMS.get(plan.style, _STUDIO)
    return replace(room, level=room.level * _MOOD_LEVELS.get(plan.mood, 1.0))


def find_send(name: str) -> float:
    return _SENDS.get(name.split("-")[0], 1.0)


@dataclass(frozen=True, slots=True, eq=False)
class Buses:
    """All stems summed, before their room."""

    dry: NDArray[np.float32]
    """(frames, 2)."""
    late: NDArray[np.float32]
    """(2, frames): what goes into the room, after the delay of its first reflection."""

    def until(self, frames: int) -> "Buses":
        """A copy of their beginning."""
        return Buses(dry=self.dry[:frames].copy(), late=np.ascontiguousarray(self.late[:, :frames]))


def fill_buses(stems: Iterable[tuple[str, NDArray[np.float32]]], *, frames: int, room: Room, sample_rate: int) -> Buses:
    """Linear: the sums of single stems add up to the sum of all."""
    dry = np.zeros((frames, 2), dtype=np.float32)
    delay = round(room.predelay * sample_rate)
    late = np.zeros((2, frames), dtype=np.float32)
    for name, stem in stems:
        dry += stem
        for channel, sent in zip(late, stem.T, strict=True):
            channel[delay:] += sent[: frames - delay] * np.float32(find_send(name))
    return Buses(dry=dry, late=late)


def add_room(buses: Buses, *, room: Room, sample_rate: int) -> NDArray[np.float32]:
    """The stems in their room, (frames, 2), in the place of the dry ones. Linear, and nothing in it hangs on what comes
    later."""
    mix = buses.dry
    mix += _sound_room(buses.late, room=room, sample_rate=sample_rate).T
    return mix


def _sound_room(late: NDArray[np.float32], *, room: Room, sample_rate: int) -> NDArray[np.float32]:
    """Of (channels, frames)."""
    board = Pedalboard(
        [
            HighpassFilter(cutoff_frequency_hz=180.0),
            Reverb(room_size=room.size, damping=room.damping, wet_level=room.level, dry_level=0.0, width=_WIDTH),
        ]
    )
    sound: NDArray[np.float32] = board(late, sample_rate)
    return sound
