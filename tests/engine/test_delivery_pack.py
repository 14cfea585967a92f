"""The pack: what is in it, that it reproduces, that it can be checked, that it is whole or not there."""

import base64
import hashlib
import json
import re
import shutil
import signal
import subprocess
import sys
import zipfile
import zlib
from io import BytesIO, StringIO
from pathlib import Path
from threading import Event

import mutagen
import numpy as np
import pyloudnorm
import pytest
import soundfile
from django.core.management import CommandError, call_command

from generator.engine.audio.tags import Tags
from generator.engine.delivery.pack import MANIFEST, PackReport, build_pack
from generator.engine.delivery.verify import read_manifest, verify_pack
from generator.engine.delivery.versions import VERSIONS
from generator.engine.errors import RenderError, WriteError
from generator.engine.plan import Piece
from tests.engine.audio_pieces import make_piece, make_plan
from tests.full_disk import room_for

ROOT = Path(__file__).resolve().parent.parent.parent
SECONDS = 6.0
TAGS = Tags(title="Test", copyright_id="OT-2026-TEST", licence="Exclusive", date="2026-01-02")
PIECE = make_piece("piano", "violin", "drums", seconds=SECONDS)


@pytest.fixture(scope="module")
def pack(tmp_path_factory: pytest.TempPathFactory) -> PackReport:
    return build_pack(PIECE, out=tmp_path_factory.mktemp("pack") / "pack.zip", tags=TAGS)


@pytest.fixture
def copy(pack: PackReport, tmp_path: Path) -> Path:
    return Path(shutil.copy(pack.path, tmp_path / "copy.zip"))


def read_member(path: Path, name: str) -> bytes:
    with zipfile.ZipFile(path) as archive:
        return archive.read(name)


def rewrite(path: Path, *, drop: str = "", change: dict[str, bytes] | None = None) -> None:
    """The pack with a member left out, or with others' content."""
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist() if name != drop}
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in (members | (change or {})).items():
            archive.writestr(name, content)


def test_the_pack_holds_sound_stems_scores_and_reports(pack: PackReport) -> None:
    with zipfile.ZipFile(pack.path) as archive:
        names = archive.namelist()
    sheets = ("score/score", "parts/piano", "parts/violin", "parts/drums")
    expected = {version.path for version in VERSIONS}
    expected |= {f"stems/{slug}.flac" for slug in ("piano", "violin", "drums")}
    expected |= {f"{sheet}{suffix}" for sheet in sheets for suffix in (".mid", ".musicxml", ".pdf", "-01.svg")}
    expected |= {"score/piano-roll.png", "score/piano-roll.svg", "score/piece.json", "audio/peaks.json"}
    expected |= {"loudness-report.pdf", "loudness-report.json", MANIFEST}
    assert set(names) == expected
    assert names[0] == MANIFEST


def test_the_manifest_names_every_file_with_its_digest(pack: PackReport) -> None:
    document = read_manifest(pack.path)["document"]
    with zipfile.ZipFile(pack.path) as archive:
        for file in document["files"]:
            content = archive.read(file["name"])
            assert (len(content), hashlib.sha256(content).hexdigest()) == (file["size"], file["sha256"])
        assert {file["name"] for file in document["files"]} == set(archive.namelist()) - {MANIFEST}
    assert document["copyright_id"] == TAGS.copyright_id
    assert document["notice"] == "AI-generated"
    assert pack.sha256 == hashlib.sha256(pack.path.read_bytes()).hexdigest()


def test_building_again_gives_the_same_bytes(pack: PackReport, tmp_path: Path) -> None:
    again = build_pack(PIECE, out=tmp_path / "again.zip", tags=TAGS)
    differing = [
        file["name"]
        for file, other in zip(pack.manifest["document"]["files"], again.manifest["document"]["files"], strict=True)
        if file != other
    ]
    assert differing == []
    assert again.sha256 == pack.sha256


def test_stems_in_the_pack_null_against_its_master(pack: PackReport) -> None:
    def read(name: str) -> np.ndarray:
        return soundfile.read(BytesIO(read_member(pack.path, name)), dtype="float64")[0]

    rest = read("audio/track-44.1k.wav") - sum(read(f"stems/{slug}.flac") for slug in ("piano", "violin", "drums"))
    assert 20 * np.log10(np.abs(rest).max()) < -90
    assert pack.residual_dbfs < -90


@pytest.mark.parametrize("version", VERSIONS, ids=lambda version: version.path)
def test_every_version_has_its_loudness_ceiling_rate_and_length(pack: PackReport, version: object) -> None:
    found = next(found for found in pack.measurements if found.path == version.path)
    assert found.lufs == pytest.approx(found.target_lufs, abs=0.1)
    assert found.true_peak_dbtp <= found.ceiling_dbtp
    assert found.sample_rate == version.sample_rate
    info = soundfile.info(BytesIO(read_member(pack.path, version.path)))
    exact = round(SECONDS * version.sample_rate)
    assert info.samplerate == version.sample_rate
    assert abs(info.frames - exact) <= (0 if version.path.endswith((".wav", ".flac")) else 0.03 * version.sample_rate)
    assert (
        info.subtype
        == {"wav": "PCM_24", "flac": "PCM_24", "mp3": "MPEG_LAYER_III", "ogg": "VORBIS"}[version.path[-4:].strip(".")]
    )


def test_every_sound_file_says_what_it_is(pack: PackReport) -> None:
    for version in VERSIONS:
        tagged = mutagen.File(BytesIO(read_member(pack.path, version.path)))
        text = str(dict(tagged.tags))
        assert "OT-2026-TEST" in text
        assert "AI-generated" in text


def test_each_stem_is_measured_as_it_was_written(pack: PackReport) -> None:
    assert [stem.path for stem in pack.stems] == [f"stems/{slug}.flac" for slug in ("piano", "violin", "drums")]
    for stem in pack.stems:
        audio, rate = soundfile.read(BytesIO(read_member(pack.path, stem.path)), always_2d=True)
        assert (stem.frames, stem.sample_rate) == (len(audio), rate)
        assert stem.lufs == pytest.approx(pyloudnorm.Meter(rate).integrated_loudness(audio), abs=0.05)
        assert stem.true_peak_dbtp >= 20 * np.log10(np.abs(audio).max()) - 0.01


def test_the_page_has_a_row_for_every_file_and_every_stem(pack: PackReport) -> None:
    pdf = read_member(pack.path, "loudness-report.pdf")
    assert pdf.count(b"/Type /Page\n") == 1
    (page,) = re.findall(rb"stream\r?\n(\S+)~>\s*endstream", pdf)
    text = zlib.decompress(base64.a85decode(page)).decode("latin-1")
    for found in (*pack.measurements, *pack.stems):
        assert f"({found.path.partition('/')[2]})" in text


def test_the_report_is_in_the_pack(pack: PackReport) -> None:
    report = json.loads(read_member(pack.path, "loudness-report.json"))
    assert report["files"] == [found.to_json() for found in pack.measurements]
    assert report["stems"] == [found.to_json() for found in pack.stems]
    assert read_member(pack.path, "loudness-report.pdf").startswith(b"%PDF")


def test_a_whole_pack_is_found_whole(pack: PackReport) -> None:
    out = StringIO()
    call_command("verify_pack", str(pack.path), stdout=out)
    assert "is whole" in out.getvalue()
    assert "OT-2026-TEST" in out.getvalue()


def test_what_differs_is_named(copy: Path) -> None:
    rewrite(copy, drop="stems/violin.flac", change={"score/score.mid": b"MThd", "extra.txt": b"x"})
    assert verify_pack(copy) == [
        "extra.txt: is not in the manifest",
        next(line for line in verify_pack(copy) if line.startswith("score/score.mid: 4 bytes instead of ")),
        "stems/violin.flac: missing",
    ]
    with pytest.raises(CommandError, match=r"stems/violin.flac: missing") as failure:
        call_command("verify_pack", str(copy))
    assert failure.value.returncode == 1


def test_one_flipped_bit_is_found(copy: Path) -> None:
    data = bytearray(copy.read_bytes())
    place = data.index(b"fLaC") + 20_000
    data[place] ^= 1
    copy.write_bytes(data)
    (line,) = verify_pack(copy)
    assert line.endswith("its content differs")


def test_a_refused_piece_leaves_nothing_behind(tmp_path: Path) -> None:
    with pytest.raises(RenderError):
        build_pack(Piece(make_plan(seconds=5.0), ()), out=tmp_path / "pack.zip", tags=TAGS)
    assert list(tmp_path.iterdir()) == []


def test_the_signer_gets_the_document_and_its_envelope_is_the_manifest(tmp_path: Path) -> None:
    seen = []

    def sign(document: dict[str, object]) -> dict[str, object]:
        seen.append(document)
        return {"document": document, "signature": "signed"}

    report = build_pack(make_piece("flute", seconds=2.0), out=tmp_path / "pack.zip", tags=TAGS, sign=sign)
    assert json.loads(read_member(report.path, MANIFEST)) == {"document": seen[0], "signature": "signed"}
    assert verify_pack(report.path) == []


BUILD = """
import sys
from pathlib import Path
from generator.engine.delivery.pack import build_pack
from tests.engine.test_delivery_pack import PIECE, TAGS
build_pack(PIECE, out=Path(sys.argv[1]), tags=TAGS)
"""


def test_a_build_that_is_killed_leaves_no_pack_and_the_next_is_whole(tmp_path: Path) -> None:
    out = tmp_path / "pack.zip"
    builder = subprocess.Popen([sys.executable, "-c", BUILD, str(out)], cwd=ROOT)
    while builder.poll() is None and not any(tmp_path.glob(".pack.zip-*/audio/*.wav")):
        Event().wait(0.01)
    builder.kill()
    assert builder.wait() == -signal.SIGKILL
    assert not out.exists()
    assert [path.name for path in tmp_path.iterdir() if not path.name.startswith(".")] == []
    again = build_pack(PIECE, out=out, tags=TAGS)
    assert verify_pack(out) == []
    assert again.size == out.stat().st_size


def test_a_disk_that_fills_up_leaves_the_old_pack_and_nothing_else(tmp_path: Path) -> None:
    out = tmp_path / "pack.zip"
    out.write_bytes(b"the old pack")
    with room_for(200_000), pytest.raises(WriteError, match=r"could not be written \(File too large\)") as refused:
        build_pack(PIECE, out=out, tags=TAGS, with_kit=False)
    assert refused.value.transient  # there may be room later
    assert out.read_bytes() == b"the old pack"
    assert list(tmp_path.iterdir()) == [out]
