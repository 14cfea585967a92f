from pathlib import Path

import pytest
from django.core.management import CommandError, call_command


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--instrument", "kazoo"], "'kazoo' is unknown. Choose one of piano, epiano"),
        (["--instrument", "piano"], "missing or empty. Name the folder"),
        (["--instrument", "conductor", "--foresight"], "'conductor' is unknown. Choose one of piano, epiano"),
        (["--instrument", "piano", "--foresight"], "No trained network for 'piano'"),
        (["--instrument", "piano", "--foresight", "--start-from", "violin"], "not allowed with argument --foresight"),
        (["--instrument", "piano", "--all"], "not allowed with"),
        ([], "one of the arguments --instrument --all is required"),
        (["--instrument", "piano", "--epochs", "many"], "invalid int value: 'many'"),
    ],
)
def test_a_run_that_cannot_be_is_refused_and_writes_nothing(
    arguments: list[str], sentence: str, tmp_path: Path
) -> None:
    corpora = tmp_path / "corpora"
    places = ["--corpora", str(corpora), "--out", str(tmp_path / "out"), "--work", str(tmp_path / "work")]
    with pytest.raises(CommandError, match=sentence):
        call_command("train", *arguments, *places)
    assert list(tmp_path.iterdir()) == []
