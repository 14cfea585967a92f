"""manage.py reproduce: the recipe of a registered track gives the same score again."""

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from accounts.models import Company
from generator.engine.brief import parse_brief
from generator.engine.composing.piece import compose_piece
from generator.engine.midi import write_midi
from generator.engine.originality.fingerprint import make_fingerprint
from generator.engine.version import ENGINE_VERSION
from generator.management.commands.reproduce import read_notice
from marketplace.catalog.models import Track
from marketplace.rights.services import NewFile, assign_copyright_id, register_track
from tests.engine.audio_pieces import make_piece

pytestmark = pytest.mark.django_db
BRIEF = {"instruments": "guitar", "style": "folk", "seconds": "6", "key": "D minor", "seed": "7"}


@pytest.fixture
def track(tmp_path: Path) -> Track:
    """Composed by the shipped network and registered as a job does it."""
    brief = parse_brief(BRIEF)
    composition = compose_piece(brief)
    piece = composition.piece
    copyright_id = assign_copyright_id(reference="job 1")
    path = tmp_path / "track.mid"
    path.write_bytes(write_midi(piece, notice=f"{copyright_id} http://testserver/verify/?id={copyright_id}"))
    checkpoints = {slug: result.digest for slug, result in composition.results.items()}
    return register_track(
        company=Company.objects.create(name="Harbour Ads"),
        copyright_id=copyright_id,
        fingerprint=make_fingerprint(piece),
        files=[NewFile(name="track.mid", path=path, content_type="audio/midi")],
        title=piece.title,
        style="folk",
        mood="calm",
        key="D minor",
        metre="4/4",
        tempo=piece.plan.tempo,
        seconds=6,
        instruments=["guitar"],
        seed=7,
        recipe={"brief": brief.to_json(), "engine": ENGINE_VERSION, "checkpoints": checkpoints},
        peaks=[],
    )


def reproduce(copyright_id: str) -> tuple[str, str]:
    out, err = StringIO(), StringIO()
    call_command("reproduce", copyright_id, stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


def test_recipe_gives_the_same_score_again_and_says_what_changed_if_not(track) -> None:
    assert "the same score, byte for byte" in reproduce(track.copyright_id.lower())[0]
    changed = {"engine": "0", "checkpoints": {"guitar": "f" * 64}, "foresights": {"violin": "e" * 64}}
    Track.objects.update(recipe=track.recipe | changed)
    said, warned = reproduce(track.copyright_id)
    assert "the same score" in said
    assert "it was 0" in warned
    assert "the guitar" in warned
    assert "the violin sees of the bars after a gap" in warned
    Track.objects.update(recipe=track.recipe | {"brief": track.recipe["brief"] | {"seed": 8}})
    with pytest.raises(CommandError, match="it is another score"):
        reproduce(track.copyright_id)


@pytest.mark.parametrize("text", ["OT26-7K3Q-9FMX-00", "garbage", ""])
def test_id_that_is_none_is_named_so(text: str) -> None:
    with pytest.raises(CommandError):
        reproduce(text)


def test_track_without_a_recipe_is_told(make_track) -> None:
    from marketplace.rights.copyright_id import make_copyright_id

    track = make_track(copyright_id=make_copyright_id(year=2026))
    with pytest.raises(CommandError, match="without a recipe"):
        reproduce(track.copyright_id)


@pytest.mark.parametrize("size", [0, 1, 127, 128, 300, 16_384])
def test_notice_of_any_length_is_read_back_from_the_score(size: int) -> None:
    piece = make_piece("piano")
    notice = "x" * size
    assert read_notice(write_midi(piece, notice=notice)) == notice
