"""Drives the sound font: played notes of one instrument in, their bare sound out."""

import threading
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from tinysoundfont import _tinysoundfont

from generator.engine.audio.font import find_preset, load_font
from generator.engine.audio.performance import PlayedNote
from generator.engine.instruments import Instrument

_MOST_VOICES = 256
_REST_FRAMES = 4096
_HOLES = {40: {94: 93}}
"""By program: keys that the font leaves out, and the neighbour that is played instead, tuned to their pitch."""
_HOLE_CHANNELS = 128
_TOUCHLESS = frozenset({16})
"""Programs whose keys sound alike however they are struck, as a drawbar organ's do. The font has softer zones of it,
but they fall by four decibels within a millisecond of the attack, which clicks."""
_RELEASE_SECONDS = 0.01
_RELEASE_FRAMES = 8
"""The font holds each note's level for 64 frames at a time. A clarinet dies away within a few of those, in steps that
click: for so long after a line lets a note go, it is asked for fewer frames at once. Chords need it less and would cost
more."""

_lock = threading.Lock()  # the font carries the state of a performance, so one at a time


def play_notes(
    notes: Sequence[PlayedNote], instrument: Instrument, *, frames: int, sample_rate: int, tuning: float = 0.0
) -> NDArray[np.float32]:
    """The sound of the notes, (frames, 2); `tuning` is in cents.

    Each velocity has a channel of its own. The font picks brightness and attack by velocity, and its loudness grows
    linearly with it; the channel's volume, set to velocity / 127, makes that the square that General MIDI means. What
    has no touch is always struck hardest, and its channel's volume is the square.
    """
    font = load_font()
    preset = find_preset(font, instrument)
    touch = instrument.program not in _TOUCHLESS or instrument.is_drums
    sound = np.zeros((frames, 2), dtype=np.float32)
    with _lock:
        font.set_output(_tinysoundfont.OutputMode.StereoInterleaved, sample_rate, 0.0)
        font.set_max_voices(_MOST_VOICES)
        _silence(font)
        for velocity in {note.velocity for note in notes}:
            for channel, semitones in ((velocity, 0.0), (velocity + _HOLE_CHANNELS, 1.0)):
                font.channel_set_preset_index(channel, preset)
                font.channel_set_volume(channel, (velocity / 127.0) ** (1 if touch else 2))
                font.channel_set_tuning(channel, semitones + tuning / 100.0)
        events = _list_events(notes, instrument, frames=frames, sample_rate=sample_rate, touch=touch)
        _play_events(font, events, release=round(_find_release(instrument) * sample_rate), into=sound)
    return sound


def _silence(font: _tinysoundfont.SoundFont) -> None:
    """Ends what an earlier performance left sounding. A reset alone lets it fade, into the next piece."""
    font.reset()
    rest = np.ones((_REST_FRAMES, 2), dtype=np.float32)
    while rest.any():
        font.render(rest.data.cast("B"), False)


_Event = tuple[int, bool, int, int, int]
"""Frame, whether a note starts, channel, key, velocity."""


def _list_events(
    notes: Sequence[PlayedNote], instrument: Instrument, *, frames: int, sample_rate: int, touch: bool
) -> list[_Event]:
    """In order; on one frame notes stop before others start."""
    holes = _HOLES.get(-1 if instrument.is_drums else instrument.program, {})
    events: list[_Event] = []
    for note in notes:
        start = min(round(note.start * sample_rate), frames)
        stop = min(max(round(note.stop * sample_rate), start + 1), frames)
        key = holes.get(note.pitch, note.pitch)
        channel = note.velocity + _HOLE_CHANNELS * (key != note.pitch)
        struck = note.velocity if touch else 127
        events += [(start, True, channel, key, struck), (stop, False, channel, key, struck)]
    return sorted(events)


def _find_release(instrument: Instrument) -> float:
    return _RELEASE_SECONDS if instrument.voices == 1 else 0.0


def _play_events(
    font: _tinysoundfont.SoundFont, events: Sequence[_Event], *, release: int, into: NDArray[np.float32]
) -> None:
    """For `release` frames after each end of a note in small steps."""
    position = careful = 0
    for frame, starts, channel, key, velocity in events:
        position = _play_until(frame, font, position=position, careful=careful, into=into)
        if starts:
            # Half a step up: the font truncates, and velocity / 127 * 127 may come out just below the whole number.
            font.channel_note_on(channel, key, min(1.0, (velocity + 0.5) / 127.0))
        else:
            font.channel_note_off(channel, key)
            careful = frame + release
    _play_until(len(into), font, position=position, careful=careful, into=into)


def _play_until(
    frame: int, font: _tinysoundfont.SoundFont, *, position: int, careful: int, into: NDArray[np.float32]
) -> int:
    """Returns the frame that has been reached."""
    while position < frame:
        stop = min(position + _RELEASE_FRAMES, careful, frame) if position < careful else frame
        font.render(into[position:stop].data.cast("B"), False)
        position = stop
    return frame
