"""The signed AI statement: in every format, found again, and not to be forged."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO, StringIO
from pathlib import Path

import numpy as np
import pytest
from django.core.management import CommandError, call_command

from generator.engine.audio.credentials import Credential, sign_audio
from generator.engine.audio.encoding import write_audio
from generator.engine.audio.rendering import make_sound
from generator.engine.audio.tags import Tags, read_statement
from generator.jobs.tagging import make_tags
from marketplace.catalog.models import Track
from marketplace.rights.copyright_id import make_copyright_id
from marketplace.rights.credentials import load_credential
from marketplace.rights.mark_keys import make_mark
from tests.certificates import Authority
from tests.engine.audio_pieces import make_piece

pytestmark = pytest.mark.django_db

MADE_AT = datetime(2026, 1, 2, tzinfo=UTC)
SUFFIXES = (".wav", ".flac", ".mp3", ".ogg")


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    def make(tags: Tags, *, suffix: str = ".flac") -> Path:
        path = tmp_path / f"track{suffix}"
        write_audio(path, np.zeros((4410, 2), dtype=np.float32), sample_rate=44_100, tags=tags)
        return path

    return make


def signed_tags() -> Tags:
    return make_tags(title="Quiet Harbour", copyright_id="OT-1", made_at=MADE_AT)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_every_format_carries_a_genuine_statement(write, suffix: str) -> None:
    out = StringIO()
    call_command("detect", str(write(signed_tags(), suffix=suffix)), stdout=out)
    assert "genuine" in out.getvalue()
    assert "AI-generated, Quiet Harbour, OT-1" in out.getvalue()


def test_the_same_track_gets_the_same_statement() -> None:
    assert signed_tags() == signed_tags()


def test_an_altered_statement_is_not_genuine(write) -> None:
    tags = signed_tags()
    forged = json.loads(tags.statement)
    forged["document"]["copyright_id"] = "OT-2"
    with pytest.raises(CommandError, match="not genuine") as failure:
        call_command("detect", str(write(replace(tags, statement=json.dumps(forged)))))
    assert failure.value.returncode == 2


@pytest.mark.parametrize("statement", ["not json", "[]", '{"document": 1}', "[" * 100_000])
def test_a_statement_that_is_none_is_not_genuine(write, statement: str) -> None:
    with pytest.raises(CommandError, match="not genuine"):
        call_command("detect", str(write(replace(signed_tags(), statement=statement))))


@pytest.fixture
def write_marked(tmp_path: Path) -> Callable[..., Path]:
    """Marked music of 20 s; `tags` are those that somebody left or wrote in."""

    def make(copyright_id: str, *, tags: Tags) -> Path:
        path = tmp_path / "leak.mp3"
        sound = make_sound(make_piece("piano", "drums", seconds=20.0), mark=make_mark(copyright_id, made_at=MADE_AT))
        write_audio(path, sound.master.audio, sample_rate=44_100, tags=tags, mp3_kbps=128)
        return path

    return make


def test_the_mark_is_told_when_the_tags_were_stripped(write_marked, make_track: Callable[..., Track]) -> None:
    track, out = make_track(), StringIO()
    path = str(write_marked(track.copyright_id, tags=Tags(title="Stolen")))
    call_command("detect", path, stdout=out)
    assert f"our mark in its sound: {track.copyright_id} (score" in out.getvalue()
    out = StringIO()
    call_command("detect", path, "--json", stdout=out)
    told = json.loads(out.getvalue())
    assert told["statement"] == {"verdict": "none"}
    assert told["mark"] | {"score": 0, "chance": 0} == {
        "found": True,
        "score": 0,
        "threshold": told["mark"]["threshold"],
        "chance": 0,
        "known_ids_tried": 0,
        "copyright_id": track.copyright_id,
        "registered": True,
        "speed": 1.0,
    }
    assert told["mark"]["chance"] < 1e-6


def test_a_statement_of_another_track_than_the_mark_is_named(write_marked) -> None:
    marked, named = make_copyright_id(year=26), make_copyright_id(year=26)
    tags = make_tags(title="Quiet Harbour", copyright_id=named, made_at=MADE_AT)
    with pytest.raises(CommandError, match=f"statement is of {named}, its sound of {marked}") as failure:
        call_command("detect", str(write_marked(marked, tags=tags)))
    assert failure.value.returncode == 2


@pytest.fixture
def write_signed(tmp_path: Path) -> Callable[..., Path]:
    """A file with no statement and no mark, but with a credential."""

    def make(credential: Credential, *, suffix: str = ".mp3") -> Path:
        path = tmp_path / f"signed{suffix}"
        tags = Tags(title="Quiet Harbour", copyright_id="OT-1")
        sound = np.random.default_rng(3).normal(0.0, 0.1, (44_100, 2)).astype(np.float32)
        write_audio(path, sound, sample_rate=44_100, tags=tags)
        path.write_bytes(sign_audio(path.read_bytes(), suffix=suffix, tags=tags, credential=credential))
        return path

    return make


@pytest.mark.parametrize("suffix", [".wav", ".mp3"])
def test_our_content_credential_is_told(write_signed, suffix: str) -> None:
    path, out = str(write_signed(load_credential(), suffix=suffix)), StringIO()
    call_command("detect", path, stdout=out)
    assert "an intact Content Credential of Onetake, Content Credentials under key" in out.getvalue()
    assert "(ours): AI-generated, Quiet Harbour, OT-1." in out.getvalue()
    out = StringIO()
    call_command("detect", path, "--json", stdout=out)
    told = json.loads(out.getvalue())["credential"]
    assert (told["found"], told["is_intact"], told["is_known"], told["copyright_id"]) == (True, True, True, "OT-1")


def test_a_credential_of_somebody_else_is_named_and_none_of_ours(write_signed) -> None:
    out = StringIO()
    with pytest.raises(CommandError, match="no credential") as failure:
        call_command("detect", str(write_signed(Authority().issue(name="Studio").credential)), stdout=out)
    assert failure.value.returncode == 1
    assert "of Example, Studio (a chain that is not known here)" in out.getvalue()


def test_a_credential_that_does_not_fit_its_file_is_told(write_signed) -> None:
    path = write_signed(load_credential(), suffix=".wav")
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    with pytest.raises(CommandError, match=r"does not fit it: assertion\.dataHash\.mismatch") as failure:
        call_command("detect", str(path))
    assert failure.value.returncode == 2


def test_a_file_without_a_statement_says_so(write) -> None:
    with pytest.raises(CommandError, match="no statement") as failure:
        call_command("detect", str(write(Tags(title="Untitled"))))
    assert failure.value.returncode == 1


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_damaged_and_foreign_files_have_no_statement(write, suffix: str) -> None:
    whole = write(signed_tags(), suffix=suffix).read_bytes()
    for cut in (0, 3, 20, 60, 200):
        assert read_statement(BytesIO(whole[:cut])) == ""
    assert read_statement(BytesIO(b"no sound at all" * 100)) == ""


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"none\.wav cannot be read"):
        call_command("detect", str(tmp_path / "none.wav"))
