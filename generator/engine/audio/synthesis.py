"""A piece to stems: each part played, levelled and put in its place."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from functools import partial

import numpy as np
from numpy.typing import NDArray

from generator.engine.audio.checks import check_piece, find_instrument
from generator.engine.audio.expression import swell_notes
from generator.engine.audio.loudness import measure_peak
from generator.engine.audio.manner import find_level, find_manner, find_pan
from generator.engine.audio.performance import count_frames, perform_part
from generator.engine.audio.placement import narrow_stereo, pan_stereo, round_peaks, set_loudness
from generator.engine.audio.player import play_notes
from generator.engine.audio.second_player import has_second_player, play_beside
from generator.engine.audio.working import work_in_order
from generator.engine.errors import RenderError
from generator.engine.plan import Piece, Plan
from generator.engine.score import Part

Audio = NDArray[np.float32]
"""Frames by two channels, 1.0 is full scale."""

SAMPLE_RATE = 44_100
STEM_LUFS = -20.0
"""Loudness of a lead's stem; the other roles stand below it."""
STEREO_WIDTH = 0.55
"""Of the font's samples, whose channels hardly resemble each other: a piano as wide as the stage loses 3 dB in mono."""
_MOST_AHEAD = 2
"""Stems that lie ready while one that takes longer is played."""
_SILENCE = 10.0 ** (-60.0 / 20.0)


def render_parts(piece: Piece, *, sample_rate: int = SAMPLE_RATE) -> dict[str, Audio]:
    """A dry, panned and levelled stem per part that has notes, by name (`violin`, then `violin-2`).

    Each is exactly round(plan.seconds * sample_rate) frames long; their sum is the dry mix. The same piece gives the
    same bits in every process. Raises RenderError for what may not be shipped.
    """
    return dict(iterate_stems(piece, sample_rate=sample_rate))


def iterate_stems(piece: Piece, *, sample_rate: int) -> Iterator[tuple[str, Audio]]:
    """The stems of `render_parts` one by one, so that they need not all be in memory, those with most notes first: they
    take longest. One is played while another is levelled, or played too (see `second_player`)."""
    check_piece(piece)
    parts = name_stems(piece)
    steps = _list_steps(parts, piece.plan, sample_rate=sample_rate)
    names = sorted(parts, key=lambda name: -len(parts[name].notes))
    ahead = _MOST_AHEAD if has_second_player() else 0
    stems = work_in_order([partial(play_beside, steps[name]) for name in names], ahead=ahead)
    yield from zip(names, stems, strict=True)


def name_stems(piece: Piece) -> dict[str, Part]:
    """The parts that sound, in the key that sounds."""
    named: dict[str, Part] = {}
    for part in piece.sounding_parts():
        if part.notes:
            same = sum(other.instrument == part.instrument for other in named.values())
            named[f"{part.instrument}-{same + 1}" if same else part.instrument] = part
    return named


def _list_steps(parts: Mapping[str, Part], plan: Plan, *, sample_rate: int) -> dict[str, Callable[[], Audio]]:
    """What renders each stem, with no more of the piece than it needs."""
    players = Counter(part.role for part in parts.values())
    return {
        name: partial(
            _render_part,
            part,
            plan,
            lufs=STEM_LUFS + find_level(part.role, players=players[part.role]),
            alone=len(parts) == 1,
            sample_rate=sample_rate,
        )
        for name, part in parts.items()
    }


def _render_part(part: Part, plan: Plan, *, lufs: float, alone: bool, sample_rate: int) -> Audio:
    # the sound is not named here: it would be held until it is placed
    return _place_stem(
        _play_part(part, plan, sample_rate=sample_rate), part, lufs=lufs, alone=alone, sample_rate=sample_rate
    )


def _place_stem(stem: Audio, part: Part, *, lufs: float, alone: bool, sample_rate: int) -> Audio:
    instrument = find_instrument(part)
    crest = find_manner(instrument, role=part.role).crest
    # one name throughout: each step lets go of what the one before made
    stem = narrow_stereo(stem, width=STEREO_WIDTH)
    stem = pan_stereo(stem, pan=find_pan(instrument, role=part.role, alone=alone))
    stem = set_loudness(stem, lufs=lufs, sample_rate=sample_rate)
    return round_peaks(stem, ceiling=lufs + crest, sample_rate=sample_rate)


def _play_part(part: Part, plan: Plan, *, sample_rate: int) -> Audio:
    instrument = find_instrument(part)
    manner = find_manner(instrument, role=part.role)
    notes = perform_part(part, plan)
    frames = count_frames(plan, sample_rate=sample_rate)
    sound = play_notes(notes, instrument, frames=frames, sample_rate=sample_rate, tuning=manner.tuning)
    if not _SILENCE <= measure_peak(sound) < np.inf:
        raise RenderError(f"{part.instrument}: its {len(part.notes)} notes came out silent. Check the font's preset.")
    return swell_notes(sound, notes, decibels=manner.swell, sample_rate=sample_rate)
