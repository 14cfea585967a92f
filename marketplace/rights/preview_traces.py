"""Whose preview a leaked recording was. Its mark tells which track, the order of its variants tells whose."""

import io
import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
from django.core.files.storage import default_storage
from numpy.typing import NDArray

from generator.engine.audio.marking.tracing import Trace, trace_variants
from generator.engine.audio.reading import read_sound
from marketplace.catalog.listeners import spell_choices
from marketplace.catalog.models import PreviewHearing, Track, TrackFile
from marketplace.errors import NotFoundError
from marketplace.rights.marks import look_for_mark

FALSE_ACCUSATIONS = 1e-6
"""Most that the chance may be, over all listeners together, of naming somebody for another's leak."""
_MOST_SECONDS = 300.0


@dataclass(frozen=True, slots=True)
class Suspect:
    hearing: PreviewHearing
    agreeing: int
    """Segments of the leak in which it is this listener's variant."""
    chance: float
    """Bound on the probability that any of the other listeners would agree as well as this."""


@dataclass(frozen=True, slots=True)
class PreviewTrace:
    track: Track
    segments: int
    """That the leak covers and that could be told apart."""
    seconds: float
    suspects: list[Suspect]
    """The likeliest first. Only the first is ever to be named, and only below FALSE_ACCUSATIONS."""

    @property
    def culprit(self) -> Suspect | None:
        return self.suspects[0] if self.suspects and self.suspects[0].chance <= FALSE_ACCUSATIONS else None


def trace_preview(path: Path, *, copyright_id: str = "") -> PreviewTrace:
    """Raises UnreadableSoundError for no sound or other music, NotFoundError where the track is not known."""
    track = _find_track(path, copyright_id=copyright_id)
    file = track.files.filter(is_preview=True).exclude(variant_storage_name="").first()
    if file is None:
        raise NotFoundError(f"{track} has no preview in two variants: there is nothing to trace.")
    trace = _trace_file(path, file=file)
    hearings = list(PreviewHearing.objects.select_related("listener__company", "track").filter(track=track))
    suspects = sorted((_suspect(each, trace, among=len(hearings)) for each in hearings), key=lambda each: each.chance)
    return PreviewTrace(track, int(np.count_nonzero(trace.choices)), trace.seconds, suspects)


def _find_track(path: Path, *, copyright_id: str) -> Track:
    if not copyright_id:
        copyright_id = look_for_mark(path).copyright_id
    track = Track.objects.filter(copyright_id=copyright_id).first() if copyright_id else None
    if track is None:
        raise NotFoundError(
            f"{copyright_id} is not registered here."
            if copyright_id
            else f"{path.name}: its mark does not tell the track. Name it with --track COPYRIGHT_ID."
        )
    return track


def _trace_file(path: Path, *, file: TrackFile) -> Trace:
    first, rate = _read_stored(file.storage_name)
    second, _ = _read_stored(file.variant_storage_name)
    leak, leak_rate = read_sound(path, seconds=_MOST_SECONDS)
    cuts = np.array(file.layout["frames"])
    return trace_variants(_convert(leak, leak_rate, rate), first, second, cuts=cuts, sample_rate=rate)


def _read_stored(storage_name: str) -> tuple[NDArray[np.float32], int]:
    with default_storage.open(storage_name) as stored:
        audio, rate = soundfile.read(io.BytesIO(stored.read()), dtype="float32", always_2d=True)
    return audio, int(rate)


def _convert(audio: NDArray[np.float32], rate: int, wanted: int) -> NDArray[np.float32]:
    if rate == wanted:
        return audio
    from scipy.signal import resample_poly  # not in the web image, where nobody traces

    common = math.gcd(rate, wanted)
    return np.asarray(resample_poly(audio, wanted // common, rate // common, axis=0), dtype=np.float32)


def _suspect(hearing: PreviewHearing, trace: Trace, *, among: int) -> Suspect:
    """Another listener's order is fair coins, so it agrees in as many segments with the chance of as many heads."""
    spelt = np.where(spell_choices(hearing.code, segments=len(trace.choices)), -1.0, 1.0)
    told = trace.choices != 0
    count, agreeing = int(told.sum()), int((np.sign(trace.choices) == spelt)[told].sum())
    heads = sum(math.comb(count, number) for number in range(agreeing, count + 1)) / 2**count
    return Suspect(hearing=hearing, agreeing=agreeing, chance=min(1.0, heads * among))
