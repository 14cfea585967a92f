"""The kit as files: each version as WAV, FLAC and MIDI, exact to the sample, measured as it was written."""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np

from generator.engine.audio.encoding import replace_file
from generator.engine.audio.marking.embedding import Mark
from generator.engine.audio.rendering import Sound
from generator.engine.audio.tags import Tags
from generator.engine.audio.working import work_in_order
from generator.engine.delivery.versions import EBU_R128, WEB, Audio, Measurement, Seal, Version, resample, write_version
from generator.engine.kit.mixing import render_version
from generator.engine.kit.versions import Kind, KitPiece, arrange_kit
from generator.engine.midi import write_midi
from generator.engine.plan import Piece

FOLDER = "kit"
WAV_RATE, FLAC_RATE = 48_000, 44_100


def write_kit(
    piece: Piece, *, out: Path, tags: Tags, mark: Mark | None = None, seal: Seal | None = None
) -> Iterator[Measurement]:
    """Writes kit/… under `out`: what was measured in each sound file, as it stands there."""
    for version in arrange_kit(piece):
        yield from write_kit_piece(version, out=out, tags=tags, mark=mark, seal=seal)


def write_kit_piece(
    version: KitPiece, *, out: Path, tags: Tags, mark: Mark | None = None, seal: Seal | None = None
) -> Iterator[Measurement]:
    sound = render_version(version, sample_rate=FLAC_RATE, mark=mark)
    titled = replace(tags, title=version.piece.title)
    notice = " ".join(text for text in (tags.copyright_id, tags.licence_url) if text)
    replace_file(out / FOLDER / f"{version.name}.mid", write_midi(version.piece, notice=notice))
    target = EBU_R128 if version.kind is Kind.BROADCAST else WEB
    gain = 0.0 if target is WEB else min(target.lufs - sound.master.report.lufs, 0.0)
    steps = []
    for suffix, rate in ((".wav", WAV_RATE), (".flac", FLAC_RATE)):
        file = Version(f"{FOLDER}/{version.name}{suffix}", target, rate)
        audio = _resample(sound, rate, version=version)
        steps.append(partial(write_version, file, audio, gain=gain, out=out, tags=titled, seal=seal))
    yield from work_in_order(steps)


def _resample(sound: Sound, sample_rate: int, *, version: KitPiece) -> Audio:
    """At another rate; a loop as the middle one of three turns, since its end goes on at its beginning."""
    if version.kind is not Kind.LOOP or sample_rate == sound.sample_rate:
        return resample(sound, sample_rate)
    frames = round(version.piece.plan.seconds * sample_rate)
    tiled = replace(sound.master, audio=np.tile(sound.master.audio, (3, 1)))
    plan = replace(version.piece.plan, length=3 * version.piece.plan.length)
    whole = resample(replace(sound, master=tiled, piece=replace(version.piece, plan=plan)), sample_rate)
    return whole[frames : 2 * frames]
