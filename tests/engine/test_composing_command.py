"""`manage.py compose`: what it prints, what it writes, what it refuses."""

import io
import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

SPOT = ["--instruments", "guitar", "--style", "folk", "--seconds", "6", "--key", "D minor", "--seed", "7"]


def run(*arguments: str, out: Path) -> str:
    page = io.StringIO()
    call_command("compose", *arguments, "--out", str(out), stdout=page)
    return page.getvalue()


def test_the_same_arguments_give_the_same_bytes_of_midi(tmp_path: Path) -> None:
    run(*SPOT, "--score-only", out=tmp_path / "one")
    run(*SPOT, "--score-only", out=tmp_path / "two")
    for name in ("track.mid", "parts/guitar.mid"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def test_json_is_one_object_with_the_time_of_each_step(tmp_path: Path) -> None:
    record = json.loads(run(*SPOT, "--json", out=tmp_path / "out"))
    assert record["key"] == "D minor"
    assert record["seconds"] == 6.0
    assert record["files"] == ["parts/guitar.mid", "piece.json", "track.mid", "track.wav"]
    assert list(record["timings"]) == ["load", "plan", "guitar", "assemble", "render"]
    assert (tmp_path / "out" / "track.wav").stat().st_size > 100_000


def test_text_says_key_form_and_files(tmp_path: Path) -> None:
    text = run(*SPOT, "--score-only", out=tmp_path / "out")
    assert "D minor" in text
    assert "Dm" in text
    assert "guitar" in text
    assert "track.mid" in text


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["--instruments", "kazoo", "--seconds", "30"], ["kazoo", "violin", "drums"]),
        (["--instruments", "piano", "--seconds", "400"], ["400", "5 to 180"]),
        (["--instruments", "piano", "--seconds", "30", "--style", "polka"], ["polka", "cinematic"]),
        (["--instruments", "piano", "--seconds", "30", "--key", "H major"], ["H major", "Bb minor"]),
        (["--seconds", "30"], ["instruments is missing"]),
    ],
)
def test_mistakes_exit_with_2_name_what_is_allowed_and_write_nothing(
    arguments: list[str], named: list[str], tmp_path: Path
) -> None:
    with pytest.raises(CommandError) as caught:
        run(*arguments, out=tmp_path / "out")
    assert caught.value.returncode == 2
    assert all(word in str(caught.value) for word in named)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_with_other_files_is_refused_before_any_work(tmp_path: Path) -> None:
    (tmp_path / "novel.txt").write_text("Chapter one")
    with pytest.raises(CommandError, match="new or empty"):
        run(*SPOT, out=tmp_path)
