"""Played notes to sound, one instrument at a time, with tinysoundfont."""

import threading
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from tinysoundfont import _tinysoundfont

from generator.engine.audio.checks import check_piece, find_instrument
from generator.engine.audio.expression import swell_notes
from generator.engine.audio.font import find_preset, load_font
from generator.engine.audio.manner import find_level, find_manner, find_pan
from generator.engine.audio.performance import PlayedNote, perform_part
from generator.engine.audio.placement import pan_stereo, round_peaks, set_loudness
from generator.engine.errors import RenderError
from generator.engine.instruments import Instrument
from generator.engine.plan import Piece, Plan
from generator.engine.score import Part

Audio = NDArray[np.float32]
"""Frames by two channels, 1.0 is full scale."""

SAMPLE_RATE = 44_100
STEM_LUFS = -20.0
"""Loudness of a lead's stem; the other roles stand below it."""
_SILENCE = 10.0 ** (-60.0 / 20.0)
_MOST_VOICES = 256

_font_lock = threading.Lock()  # the font carries the state of the performance, so one render at a time


def count_frames(plan: Plan, *, sample_rate: int) -> int:
    return round(plan.seconds * sample_rate)


def render_parts(piece: Piece, *, sample_rate: int = SAMPLE_RATE) -> dict[str, Audio]:
    """A dry, panned and levelled stem per part that has notes, by slug (`violin`, then `violin-2`).

    Each is exactly round(plan.seconds * sample_rate) frames long; their sum is the dry mix. The same piece gives the
    same bits in every process. Raises RenderError for what may not be shipped.
    """
    check_piece(piece)
    parts = [part for part in piece.sounding_parts() if part.notes]
    stems: dict[str, Audio] = {}
    for part in parts:
        stem = _render_part(part, piece.plan, sample_rate=sample_rate)
        stems[_name_stem(part, stems)] = _place_stem(stem, part, alone=len(parts) == 1, sample_rate=sample_rate)
    return stems


def _place_stem(stem: Audio, part: Part, *, alone: bool, sample_rate: int) -> Audio:
    instrument = find_instrument(part)
    lufs = STEM_LUFS + find_level(part.role)
    moved = pan_stereo(stem, pan=find_pan(instrument, role=part.role, alone=alone))
    levelled = set_loudness(moved, lufs=lufs, sample_rate=sample_rate)
    crest = find_manner(instrument, role=part.role).crest
    return round_peaks(levelled, ceiling=lufs + crest, sample_rate=sample_rate)


def _name_stem(part: Part, taken: dict[str, Audio]) -> str:
    same = sum(name.split("-")[0] == part.instrument for name in taken)
    return f"{part.instrument}-{same + 1}" if same else part.instrument


def _render_part(part: Part, plan: Plan, *, sample_rate: int) -> Audio:
    instrument = find_instrument(part)
    manner = find_manner(instrument, role=part.role)
    notes = perform_part(part, plan)
    frames = count_frames(plan, sample_rate=sample_rate)
    with _font_lock:
        sound = play_notes(notes, instrument, frames=frames, sample_rate=sample_rate, tuning=manner.tuning)
    if not np.isfinite(sound).all() or float(np.abs(sound).max(initial=0.0)) < _SILENCE:
        raise RenderError(f"{part.instrument}: its {len(part.notes)} notes came out silent. Check the font's preset.")
    return swell_notes(sound, notes, decibels=manner.swell, sample_rate=sample_rate)


def play_notes(
    notes: Sequence[PlayedNote], instrument: Instrument, *, frames: int, sample_rate: int, tuning: float = 0.0
) -> Audio:
    """The bare sound of one instrument, (frames, 2). Not to be called from two threads at once.

    Each velocity has a channel of its own. The font picks brightness and attack by velocity, and its loudness grows
    linearly with it; the channel's volume, set to velocity / 127, makes that the square that General MIDI means.
    `tuning` is in cents.
    """
    font = load_font()
    preset = find_preset(font, instrument)
    font.reset()
    font.set_output(_tinysoundfont.OutputMode.StereoInterleaved, sample_rate, 0.0)
    font.set_max_voices(_MOST_VOICES)
    for velocity in {note.velocity for note in notes}:
        font.channel_set_preset_index(velocity, preset)
        font.channel_set_volume(velocity, velocity / 127.0)
        font.channel_set_tuning(velocity, tuning / 100.0)
    sound = np.zeros((frames, 2), dtype=np.float32)
    position = 0
    for frame, starts, pitch, velocity in _list_events(notes, frames=frames, sample_rate=sample_rate):
        if frame > position:
            font.render(sound[position:frame].data.cast("B"), False)
            position = frame
        if starts:
            # Half a step up: the font truncates, and velocity / 127 * 127 may come out just below the whole number.
            font.channel_note_on(velocity, pitch, min(1.0, (velocity + 0.5) / 127.0))
        else:
            font.channel_note_off(velocity, pitch)
    if frames > position:
        font.render(sound[position:].data.cast("B"), False)
    font.reset()
    return sound


def _list_events(notes: Sequence[PlayedNote], *, frames: int, sample_rate: int) -> list[tuple[int, bool, int, int]]:
    """(frame, starts, pitch, velocity) in order; on one frame notes stop before others start."""
    events = []
    for note in notes:
        start = min(round(note.start * sample_rate), frames)
        stop = min(max(round(note.stop * sample_rate), start + 1), frames)
        events += [(start, True, note.pitch, note.velocity), (stop, False, note.pitch, note.velocity)]
    return sorted(events)
