"""Each reason not to start is one sentence with its remedy."""

import socket
from pathlib import Path

import pytest

from marketplace.launcher import checks
from marketplace.launcher.checks import StartRefusedError


@pytest.fixture
def busy_port() -> int:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        yield server.getsockname()[1]


def test_busy_port_is_named_with_another_to_try(busy_port: int) -> None:
    with pytest.raises(StartRefusedError, match=rf"^Port {busy_port} is busy: .*PORT={busy_port + 1}"):
        checks.require_free_port(busy_port)


def test_free_port_is_accepted_and_left_free() -> None:
    port = checks.find_free_port()
    checks.require_free_port(port)
    with socket.socket() as server:
        server.bind(("127.0.0.1", port))
        assert server.getsockname()[1] == port


@pytest.mark.parametrize("text", ["", "0", "65536", "-1", "80a"])
def test_port_that_is_none_is_refused_by_value(text: str) -> None:
    with pytest.raises(StartRefusedError, match="PORT="):
        checks.read_port(text)


def test_folder_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StartRefusedError, match="cannot be written to"):
        checks.require_room(tmp_path / "file" / "var")


def test_nearly_full_disk_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "MINIMUM_FREE_BYTES", 2**62)
    with pytest.raises(StartRefusedError, match="nearly full"):
        checks.require_room(tmp_path)


def test_second_launcher_on_one_folder_is_refused_until_the_first_ends(tmp_path: Path) -> None:
    first = checks.hold_folder(tmp_path)
    with pytest.raises(StartRefusedError, match="already runs"):
        checks.hold_folder(tmp_path)
    first.close()
    checks.hold_folder(tmp_path).close()
