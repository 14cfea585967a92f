"""A preview in two variants: joined anywhere without a gap or a click, and the order read again from a leak."""

import json
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
import soundfile

from generator.engine.audio.encoding import encode_mp3
from generator.engine.audio.marking import variants as variants_of_sound
from generator.engine.audio.marking.tracing import find_offset, trace_variants
from generator.engine.audio.mp3_frames import fits, read_stream
from generator.engine.audio.preview_variants import (
    LAYOUT_NAME,
    OPENING_FRAMES,
    SEGMENT_FRAMES,
    VARIANT_NAME,
    Layout,
    VariantWriter,
    check_preview,
    join_variants,
    refuse_seams,
)
from generator.engine.audio.previewing import PREVIEW_RATE
from generator.engine.audio.rendering import make_sound
from generator.engine.audio.tags import Tags
from generator.engine.errors import RenderError, UnreadableSoundError
from tests.engine.audio_pieces import Recording, make_piece

RATE = PREVIEW_RATE
SECONDS = 16.0


def decode(mp3: bytes) -> np.ndarray:
    return soundfile.read(BytesIO(mp3), dtype="float32")[0]


@pytest.fixture(scope="module")
def master() -> np.ndarray:
    return make_sound(make_piece("piano", "violin", seconds=SECONDS), sample_rate=RATE).master.audio


@pytest.fixture(scope="module")
def variants(master: np.ndarray, tmp_path_factory: pytest.TempPathFactory) -> tuple[bytes, bytes, Layout]:
    path: Path = tmp_path_factory.mktemp("preview") / "preview.mp3"
    open_writer(path, master).write_whole()
    return read_variants(path)


def open_writer(path: Path, sound: np.ndarray) -> VariantWriter:
    return VariantWriter(
        path, Recording(sound, sample_rate=RATE), tags=Tags(title="Test", copyright_id="OT-1"), mark_key=b"key"
    )


def read_variants(path: Path) -> tuple[bytes, bytes, Layout]:
    layout = Layout.from_json(json.loads(path.with_name(LAYOUT_NAME).read_bytes()))
    return path.read_bytes(), path.with_name(VARIANT_NAME).read_bytes(), layout


def choose(layout: Layout, *, seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 2, len(layout.bytes)).astype(bool)


def test_both_variants_have_one_size_one_beginning_and_the_length_of_the_master(variants, master) -> None:
    first, second, layout = variants
    assert len(first) == len(second)
    assert first[: layout.bytes[0]] == second[: layout.bytes[0]]
    assert first != second
    assert len(decode(first)) == len(decode(second)) == len(master)


def test_a_preview_seeks(variants) -> None:
    first, _, _ = variants
    whole = decode(first)
    with soundfile.SoundFile(BytesIO(first)) as file:
        file.seek(10 * RATE)
        assert np.allclose(file.read(1000, dtype="float32"), whole[10 * RATE : 10 * RATE + 1000], atol=1e-3)


def test_there_is_a_join_every_half_second_or_so(variants) -> None:
    _, _, layout = variants
    assert len(layout.frames) >= 0.6 * SECONDS * RATE / (12 * 1152)
    assert (np.diff(layout.frames) % 1152 == 0)[1:].all()


def test_any_order_decodes_to_the_full_length_and_joins_deviate_less_than_the_encoder_does(variants, master) -> None:
    first, second, layout = variants
    choices = choose(layout)
    joined = decode(join_variants(first, second, layout=layout, choices=choices))
    assert len(joined) == len(master)
    sounds, edges = (decode(first), decode(second)), [*layout.frames, len(master)]
    wanted = np.concatenate([sounds[int(c)][a:b] for c, a, b in zip(choices, edges, edges[1:], strict=False)])
    between = np.abs(sounds[0] - sounds[1]).max(axis=1)
    for index in np.flatnonzero(np.diff(choices.astype(int))) + 1:
        around = slice(edges[index] - 1152, edges[index] + 1152)
        # An encoder's own error differs between the variants; a join can hold no more than that.
        assert np.abs(joined[around] - wanted[around]).max() <= 1.2 * between[around].max()
        far = slice(edges[index] + 1200, edges[index] + 1800)
        assert np.array_equal(joined[far], wanted[far])


def test_leak_names_the_order_in_every_segment_after_another_encoding(variants) -> None:
    first, second, layout = variants
    choices = choose(layout)
    leak = decode(
        encode_mp3(decode(join_variants(first, second, layout=layout, choices=choices)), sample_rate=RATE, kbps=128)
    )
    for start, seconds in ((0.0, SECONDS), (4.0, 6.0)):
        part = leak[round(start * RATE) : round((start + seconds) * RATE)] * np.float32(0.5)
        cuts = np.array(layout.frames)
        trace = trace_variants(part, decode(first), decode(second), cuts=cuts, sample_rate=RATE)
        told = trace.choices != 0
        assert told.sum() >= 0.8 * len(cuts) * seconds / SECONDS - 2
        assert ((trace.choices < 0) == choices)[told].all()
        assert trace.start == pytest.approx(start, abs=0.03)


@pytest.mark.parametrize(("length", "start", "seconds"), [(100, 75, 10), (100, 0, 100), (180, 155, 25)])
def test_an_excerpt_is_placed_wherever_it_was_cut(length: int, start: int, seconds: int) -> None:
    rate = 1000
    preview = np.random.default_rng(1).standard_normal((length * rate, 2)).astype(np.float32)
    excerpt = preview[start * rate : (start + seconds) * rate]
    assert find_offset(excerpt, preview, sample_rate=rate) == start * rate


def test_a_recording_that_begins_before_the_preview_is_placed_before_it() -> None:
    sound = np.random.default_rng(1).standard_normal((40_000, 2)).astype(np.float32)
    assert find_offset(sound, sound[5_000:30_000], sample_rate=1000) == -5_000


def test_other_music_is_no_leak_of_this_preview(variants) -> None:
    first, second, layout = variants
    other = make_sound(make_piece("flute", "guitar", seconds=6.0), sample_rate=RATE).master.audio
    with pytest.raises(UnreadableSoundError, match="not of this preview"):
        trace_variants(other, decode(first), decode(second), cuts=np.array(layout.frames), sample_rate=RATE)


def test_bursts_of_noise_that_fill_more_than_the_largest_frame_are_encoded_all_the_same(tmp_path: Path) -> None:
    sound = np.zeros((4 * RATE, 2), np.float32)
    noise = np.random.default_rng(1).uniform(-0.8, 0.8, (900, 2)).astype(np.float32)
    for start in range(0, len(sound) - len(noise), RATE // 8):
        sound[start : start + len(noise)] = noise
    assert not fits(read_stream(encode_mp3(sound, sample_rate=RATE, kbps="V5")))
    open_writer(tmp_path / "preview.mp3", sound).write_whole()
    assert len(decode((tmp_path / "preview.mp3").read_bytes())) == len(sound)


@pytest.fixture(scope="module")
def long_master(master: np.ndarray) -> np.ndarray:
    return np.concatenate([master, master[::-1]])


def test_an_opening_of_seven_seconds_is_the_beginning_of_the_whole(long_master, tmp_path: Path) -> None:
    writer = open_writer(tmp_path / "preview.mp3", long_master)
    file, ready = writer.write_opening()
    *opening, joins = read_variants(tmp_path / "preview.mp3")
    assert [len(variant) for variant in opening] == [ready, ready]
    assert 6 * RATE < len(decode(opening[0])) <= OPENING_FRAMES * 1152
    whole = writer.write_whole()
    *variants, layout = read_variants(tmp_path / "preview.mp3")
    assert [len(variant) for variant in variants] == [file.size, whole.size]
    assert all(variant.startswith(start) for variant, start in zip(variants, opening, strict=True))
    count = len(joins.bytes)
    assert 8 < count < len(layout.bytes)
    assert (joins.bytes, joins.frames) == (layout.bytes[:count], layout.frames[:count])
    assert layout.bytes[count] == ready  # who goes on begins a segment
    check_preview(*variants, layout=layout)


def test_what_is_encoded_in_two_goes_sounds_as_if_it_had_been_encoded_in_one(long_master, tmp_path: Path) -> None:
    writer = open_writer(tmp_path / "preview.mp3", long_master)
    writer.write_opening()
    writer.write_whole()
    open_writer(tmp_path / "at-once" / "preview.mp3", long_master).write_whole()
    *variants, layout = read_variants(tmp_path / "preview.mp3")
    *at_once, same_layout = read_variants(tmp_path / "at-once" / "preview.mp3")
    assert layout == same_layout
    for one, other in zip(variants, at_once, strict=True):
        assert np.array_equal(decode(one), decode(other))


def test_whoever_has_the_opening_goes_on_with_it_also_where_the_rest_cannot_take_over_by_itself(
    long_master, tmp_path: Path, monkeypatch
) -> None:
    writer = open_writer(tmp_path / "preview.mp3", long_master)
    writer.write_opening()
    *opening, joins = read_variants(tmp_path / "preview.mp3")
    encode, encoded = writer._encode, []

    def switch_windows(pair, **options):
        streams = encode(pair, **options)
        encoded.append(len(pair[0]))
        if len(encoded) > 1:
            return streams
        return [
            replace(each, frames=tuple(replace(frame, begins_steady=False) for frame in each.frames))
            for each in streams
        ]

    monkeypatch.setattr(writer, "_encode", switch_windows)
    writer.write_whole()
    *variants, layout = read_variants(tmp_path / "preview.mp3")
    assert encoded[0] < encoded[1] == len(long_master)
    assert all(variant.startswith(start) for variant, start in zip(variants, opening, strict=True))
    assert layout.bytes[: len(joins.bytes)] == joins.bytes
    assert len(decode(variants[0])) == len(long_master)
    check_preview(*variants, layout=layout)


def test_a_short_preview_is_whole_at_once(master, tmp_path: Path) -> None:
    short = master[: 13 * RATE]
    file, ready = open_writer(tmp_path / "preview.mp3", short).write_opening()
    assert ready == file.size == (tmp_path / "preview.mp3").stat().st_size
    assert len(decode((tmp_path / "preview.mp3").read_bytes())) == len(short)


def test_an_opening_without_a_place_to_go_on_at_is_not_written_alone(tmp_path: Path) -> None:
    """Bursts so close that the encoder is never in a plain window."""
    sound = np.zeros((30 * RATE, 2), np.float32)
    noise = np.random.default_rng(1).uniform(-0.5, 0.5, (200, 2)).astype(np.float32)
    for start in range(0, len(sound) - len(noise), 700):
        sound[start : start + len(noise)] = noise
    file, ready = open_writer(tmp_path / "preview.mp3", sound).write_opening()
    assert ready == file.size
    assert len(decode((tmp_path / "preview.mp3").read_bytes())) == len(sound)


def test_a_preview_that_was_made_as_it_should_passes_the_check(variants) -> None:
    first, second, layout = variants
    check_preview(first, second, layout=layout)


def test_variants_that_do_not_meet_at_a_cut_are_refused_with_the_place() -> None:
    sound = np.zeros((40_000, 2), np.float32)
    other = sound.copy()
    other[20_500] = 0.01
    cuts = np.array([-800, 20_000, 30_000])
    refuse_seams(sound, sound.copy(), cuts=cuts, sample_rate=RATE)
    with pytest.raises(RenderError, match=r"do not meet at 0\.625 s"):
        refuse_seams(sound, other, cuts=cuts, sample_rate=RATE)


def test_a_preview_whose_variants_do_not_meet_is_not_written(master, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(variants_of_sound, "_shape_gaps", lambda frames, **_: np.ones(frames, np.float32))
    with pytest.raises(RenderError, match="do not meet"):
        open_writer(tmp_path / "preview.mp3", master).write_opening()
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("frames", [0.11, 1])
def test_segments_that_meet_elsewhere_than_they_should_are_refused(variants, frames: float) -> None:
    first, second, layout = variants
    off = round(frames * (layout.bytes[1] - layout.bytes[0]) / SEGMENT_FRAMES)
    shifted = replace(layout, bytes=(layout.bytes[0], *(place + off for place in layout.bytes[1:])))
    with pytest.raises(RenderError, match="preview, joined"):
        check_preview(first, second, layout=shifted)


def test_a_preview_that_clicks_is_not_written(master, tmp_path) -> None:
    clicking = master.copy()
    clicking[202_000:202_300] += 0.5
    with pytest.raises(RenderError, match=r"preview: it clicks at 6\.3"):
        open_writer(tmp_path / "preview.mp3", clicking).write_opening()
    assert not list(tmp_path.iterdir())


def test_a_preview_that_clicks_after_its_opening_stays_an_opening(long_master, tmp_path) -> None:
    clicking = long_master.copy()
    clicking[502_000:502_300] += 0.5
    writer = open_writer(tmp_path / "preview.mp3", clicking)
    _, ready = writer.write_opening()
    with pytest.raises(RenderError, match=r"preview: it clicks at 15\.6"):
        writer.write_whole()
    assert (tmp_path / "preview.mp3").stat().st_size == ready
