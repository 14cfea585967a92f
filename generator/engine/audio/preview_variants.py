"""A preview in two variants whose segments can be put together in any order: the order spells who listens.

Both are MP3 files of the same size. Where they may be joined is noted beside them, in bytes, so that serving a
listener is copying bytes: nothing is encoded, and a position in the file is the same for everybody.

Encoding takes a third of the time that a preview takes, and is several times faster than listening. So the opening is
written first, and can be heard while the rest is encoded.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Protocol, Self

import numpy as np
import soundfile
from numpy.typing import NDArray

from generator.engine.audio.clicks import MOST_AMONG_STROKES, refuse_click
from generator.engine.audio.encoding import MEDIA_TYPES, EncodedFile, encode_mp3, replace_file
from generator.engine.audio.marking.variants import Audio, make_variants
from generator.engine.audio.mp3_frames import (
    DELAY,
    SAMPLES,
    Stream,
    count_frames,
    fits,
    read_stream,
    write_frames,
    write_info,
)
from generator.engine.audio.tags import Tags, write_tags
from generator.engine.errors import RenderError

SEGMENT_FRAMES = 12
"""MP3 frames from one place to join at to the next: 0.43 s at 32 kHz."""
OPENING_FRAMES = 16 * SEGMENT_FRAMES
"""What is written first: 7 s, several times as long as the rest takes to encode."""
_AHEAD = 6
"""Frames beyond the opening that its encoder hears, so that the opening does not end for it."""
_WARMING = 24
"""Frames before the opening's end that the rest's encoder hears, to settle."""
_MARGIN = 4096
"""Samples beyond the opening that its variants are made from: they are made in windows."""
_OVERLAP = 1000
"""Samples around a join, longer than a frame is smeared by the codec's filters."""
OPENING_SAMPLES = (OPENING_FRAMES + _AHEAD) * SAMPLES + _MARGIN
"""Of the sound that the opening is made from."""
PREVIEW_KBPS = 128
_QUALITY = "V5"
"""Of LAME's variable rates: some 128 kbit/s in the mean, in three quarters of the time that a constant rate takes."""
_MOST_AT_SEAMS = 250.0
"""As `clicks.MOST`: what encoding and the pattern make of the difference reaches 25."""
VARIANT_NAME, LAYOUT_NAME = "preview-b.mp3", "preview.json"


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the variants may be joined. Segment i goes from cut i to cut i + 1, the last to the end."""

    bytes: tuple[int, ...]
    """In the files. Before the first lies what both have in common."""
    frames: tuple[int, ...]
    """In the sound, in samples a channel."""

    def to_json(self) -> dict[str, list[int]]:
        return {name: list(places) for name, places in asdict(self).items()}

    @classmethod
    def from_json(cls, places: Mapping[str, Sequence[int]]) -> Self:
        return cls(**{name: tuple(some) for name, some in places.items()})


class Sound(Protocol):
    """What can be made as far as it is needed. Of a beginning the last _MARGIN / 2 samples need not be right."""

    @property
    def frames(self) -> int: ...

    @property
    def sample_rate(self) -> int: ...

    def render(self, frames: int | None = None) -> Audio:
        """The whole, or its beginning: (frames, 2)."""


class VariantWriter:
    """Writes `path`, and beside it the second variant and the layout: the opening alone, then all of it.

    Whoever has the opening goes on with the same bytes. Raises RenderError, with nothing written, for a sound that
    may not be heard.
    """

    def __init__(self, path: Path, sound: Sound, *, tags: Tags, mark_key: bytes) -> None:
        self._path, self._sound, self._mark_key = path, sound, mark_key
        self._header = _write_header(tags)
        self._opening: list[Stream] = []
        self._end = 0

    def write_opening(self) -> tuple[EncodedFile, int]:
        """The file with the size that it will have, and how many bytes of it are there: all where it is short."""
        if count_frames(self._sound.frames) >= 2 * OPENING_FRAMES:
            # what is beyond would be the burst with which a sound breaks off
            self._opening = self._encode(self._make_pair(opening=True), frames=OPENING_FRAMES + 1)
            self._end = find_end(self._opening)
        if not self._end:
            file = self.write_whole()
            return file, file.size
        joins = [join for join in find_joins(self._opening) if join < self._end]
        return self._write([replace(each, frames=each.frames[: self._end]) for each in self._opening], joins=joins)

    def write_whole(self) -> EncodedFile:
        """Goes on from the opening where there is one."""
        pair = self._make_pair()
        streams = self._continue_opening(pair) if self._end else self._encode(pair)
        return self._write(streams, joins=find_joins(streams))[0]

    def _make_pair(self, *, opening: bool = False) -> tuple[Audio, Audio]:
        """Both variants, of the opening or of all."""
        sample_rate = self._sound.sample_rate
        sound = self._sound.render(OPENING_SAMPLES if opening else None)
        refuse_click(sound, name="preview", most=MOST_AMONG_STROKES, sample_rate=sample_rate)
        samples = len(sound) - _MARGIN if opening else len(sound)
        joins = np.arange(0, samples + DELAY, SEGMENT_FRAMES * SAMPLES)
        cuts = joins - DELAY + SAMPLES // 4
        cuts = cuts[cuts < samples]
        one, two = make_variants(sound, self._mark_key, cuts=cuts, overlap=_OVERLAP, sample_rate=sample_rate)
        refuse_seams(one, two, cuts=cuts, sample_rate=sample_rate)
        return one[:samples], two[:samples]

    def _continue_opening(self, pair: tuple[Audio, Audio]) -> list[Stream]:
        """The rest's encoder begins a little earlier and takes over where the segment ends; if it is in no plain window
        there, one that heard everything before. One variant after the other: nobody waits for it, but pages are asked
        for meanwhile."""
        first = self._end - _WARMING
        rest = tuple(audio[first * SAMPLES :] for audio in pair)
        streams = self._encode(rest, threads=1)
        if not all(stream.frames[_WARMING].begins_steady for stream in streams):
            first, streams = 0, self._encode(pair, threads=1)
        return [
            replace(one, frames=one.frames[: self._end] + two.frames[self._end - first :])
            for one, two in zip(self._opening, streams, strict=True)
        ]

    def _encode(self, pair: Sequence[Audio], *, frames: int | None = None, threads: int = 2) -> list[Stream]:
        """The first frames, or all. A burst of noise can fill more than the largest frame at a variable rate; at the
        constant one every frame fits."""
        for quality in (_QUALITY, PREVIEW_KBPS):
            read = partial(_read, sample_rate=self._sound.sample_rate, kbps=quality)
            with ThreadPoolExecutor(threads) as pool:
                streams = [replace(each, frames=each.frames[:frames]) for each in pool.map(read, pair)]
            if all(fits(stream) for stream in streams):
                return streams
        raise RenderError("preview: its MP3 frames do not fit into any rate. The encoder's settings have changed.")

    def _write(self, streams: Sequence[Stream], *, joins: Sequence[int]) -> tuple[EncodedFile, int]:
        samples = self._sound.frames
        start = self._header + write_info(streams[0], samples=samples)
        one, two = (start + b"".join(write_frames(stream)) for stream in streams)
        frame_size = (len(one) - len(start)) // len(streams[0].frames)
        layout = Layout(
            bytes=tuple(len(start) + frame_size * join for join in joins),
            frames=tuple(max(0, join * SAMPLES - DELAY) for join in joins),
        )
        replace_file(self._path.with_name(VARIANT_NAME), two)
        replace_file(self._path.with_name(LAYOUT_NAME), json.dumps(layout.to_json()).encode())
        replace_file(self._path, one)
        size = len(start) + frame_size * count_frames(samples)
        digest, kind = hashlib.sha256(one).hexdigest(), MEDIA_TYPES[self._path.suffix]
        return EncodedFile(name=self._path.name, size=size, sha256=digest, media_type=kind), len(one)


def refuse_seams(
    first: NDArray[np.float32], second: NDArray[np.float32], *, cuts: NDArray[np.int64], sample_rate: int
) -> None:
    """Raises RenderError with the place unless both are the same around every cut, to the bit. What begins the sound
    joins nothing."""
    for cut in cuts[cuts > 0]:
        around = slice(max(0, cut - _OVERLAP), cut + _OVERLAP)
        if not np.array_equal(first[around], second[around]):
            raise RenderError(f"preview: its variants do not meet at {cut / sample_rate:.3f} s. Render it again.")


def check_preview(first: bytes, second: bytes, *, layout: Layout) -> None:
    """Listens to the finished files: neither clicks, and no more do their segments in turn, each of which is what was
    chosen. RenderError with the place.

    An encoder smears a click, so the sound was looked at before it, too. In the difference between what was joined and
    a variant the music cancels, so that no stroke hides a seam.
    """
    turns = np.arange(len(layout.bytes)) % 2 == 1
    files = (first, second, join_variants(first, second, layout=layout, choices=turns))
    heard = [soundfile.read(BytesIO(data), dtype="float32", always_2d=True) for data in files]
    (one, sample_rate), (two, _), (joined, _) = heard
    if not len(one) == len(two) == len(joined):
        raise RenderError(f"preview: joined, it has {len(joined)} samples and not {len(one)}. Render it again.")
    for audio in (one, two):
        refuse_click(audio, name="preview", most=MOST_AMONG_STROKES, sample_rate=sample_rate)
    for audio in (one, two):
        refuse_click(joined - audio, name="preview, joined", most=_MOST_AT_SEAMS, sample_rate=sample_rate)
    _refuse_strays(joined, [(one, two)[turn] for turn in turns.astype(int)], layout=layout, sample_rate=sample_rate)


def _refuse_strays(
    joined: NDArray[np.float32], chosen: Sequence[NDArray[np.float32]], *, layout: Layout, sample_rate: int
) -> None:
    """A frame away from where segments meet, each has to be the chosen variant to the bit."""
    stops = [*layout.frames[1:], len(joined)]
    for audio, start, stop in zip(chosen, layout.frames, stops, strict=True):
        inside = slice(start + SAMPLES, max(stop - SAMPLES, 0))
        if not np.array_equal(joined[inside], audio[inside]):
            raise RenderError(
                f"preview, joined: it strays from its variant after {start / sample_rate:.3f} s. Render it again."
            )


def _read(audio: NDArray[np.float32], *, sample_rate: int, kbps: int | str) -> Stream:
    return read_stream(encode_mp3(audio, sample_rate=sample_rate, kbps=kbps))


def find_end(streams: Sequence[Stream]) -> int:
    """The last join in the opening, at which the rest's encoder takes over; 0 if there is none in its second half."""
    places = range(OPENING_FRAMES, OPENING_FRAMES // 2, -SEGMENT_FRAMES)
    return next((place for place in places if _is_steady(streams, place)), 0)


def _is_steady(streams: Sequence[Stream], place: int) -> bool:
    return all(each.frames[place - 1].ends_steady and each.frames[place].begins_steady for each in streams)


def find_joins(streams: Sequence[Stream]) -> list[int]:
    """Every twelfth frame, but for those where either stream switches its windows: there the halves would not fit."""
    wanted = range(SEGMENT_FRAMES, len(streams[0].frames) - SEGMENT_FRAMES, SEGMENT_FRAMES)
    return [0, *(place for place in wanted if _is_steady(streams, place))]


def _write_header(tags: Tags) -> bytes:
    """The ID3 tag alone: it is written before a frame, which is then cut off."""
    silence = encode_mp3(np.zeros((SAMPLES, 2), dtype=np.float32), sample_rate=44_100, kbps=PREVIEW_KBPS)
    file = BytesIO(silence)
    write_tags(file, tags, suffix=".mp3")
    return file.getvalue()[: -len(silence)]


def join_variants(first: bytes, second: bytes, *, layout: Layout, choices: NDArray[np.bool_]) -> bytes:
    """What a listener gets: of each segment the second variant where chosen."""
    edges = [*layout.bytes, len(first)]
    parts = [
        (second if chosen else first)[begin:end] for chosen, begin, end in zip(choices, edges, edges[1:], strict=False)
    ]
    return first[: edges[0]] + b"".join(parts)
