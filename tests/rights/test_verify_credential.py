"""/verify/file/: what is said of a file with a Content Credential, ours or not."""

import numpy as np
import pytest

from generator.engine.audio.credentials import sign_audio
from generator.engine.audio.encoding import write_audio
from generator.engine.audio.tags import Tags
from marketplace.rights.credentials import load_credential
from tests.certificates import Authority
from tests.rights.conftest import drop

pytestmark = pytest.mark.any_database
WAVE = b"RIFF$\0\0\0WAVEfmt \x10\0\0\0\1\0\1\0\x40\x1f\0\0\x80\x3e\0\0\2\0\x10\0data\0\0\0\0"


@pytest.fixture
def signed(tmp_path, sale) -> bytes:
    """A file as it lies in a pack: not registered by itself, but with our credential."""
    tags = Tags(title=sale.track.title, copyright_id=sale.track.copyright_id)
    write_audio(tmp_path / "track.wav", np.ones((4410, 2), dtype=np.float32) / 4, sample_rate=44_100, tags=tags)
    data = (tmp_path / "track.wav").read_bytes()
    return sign_audio(data, suffix=".wav", tags=tags, credential=load_credential())


def test_a_file_of_a_pack_is_known_by_its_content_credential(client, sale, signed) -> None:
    _, text = drop(client, signed)
    assert "Genuine: its Content Credential is ours and fits every byte." in text
    assert sale.track.copyright_id in text


def test_a_credential_that_was_broken_or_is_not_ours_proves_nothing(client, sale, signed) -> None:
    broken = bytearray(signed)
    broken[5000] ^= 1
    tags = Tags(title=sale.track.title, copyright_id=sale.track.copyright_id)
    foreign = sign_audio(WAVE, suffix=".wav", tags=tags, credential=Authority().issue().credential)
    for content in (bytes(broken), foreign):
        _, text = drop(client, content)
        assert "Genuine" not in text
