"""`manage.py reproduce COPYRIGHT_ID`: composes a registered track again and says whether it is the same."""

from argparse import ArgumentParser
from collections.abc import Mapping
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from generator.engine.brief import parse_brief
from generator.engine.conductor.network import load_network
from generator.engine.errors import EngineError
from generator.engine.midi import write_midi
from generator.engine.network.foresight import read_foresight
from generator.engine.network.store import read_model
from generator.engine.originality.fingerprint import make_fingerprint
from generator.engine.plan import Piece
from generator.engine.version import ENGINE_VERSION
from generator.jobs.scores import read_piece
from marketplace.catalog.models import Track
from marketplace.errors import AppError
from marketplace.rights.queries import find_registered_track


class Command(BaseCommand):
    help = "Composes a registered track again from brief, seed and checkpoints, and compares the scores."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("copyright_id")

    def handle(self, *, copyright_id: str, **options: Any) -> None:
        try:
            track = find_registered_track(copyright_id)
            changes = list_changes(track.recipe)
            for change in changes:
                self.stderr.write(self.style.WARNING(change))
            piece = compose_again(track.recipe)
        except AppError as error:
            raise CommandError(error.message) from error
        except EngineError as error:
            raise CommandError(f"{copyright_id} cannot be composed again. {error}") from error
        self._compare(track, piece, is_changed=bool(changes))

    def _compare(self, track: Track, piece: Piece, *, is_changed: bool) -> None:
        if make_fingerprint(piece).digest != track.score_digest:
            why = "Its engine or networks have changed since, as said above." if is_changed else "Nothing has changed."
            raise CommandError(f"{track.copyright_id} was composed again, but it is another score. {why}")
        exact = has_same_midi(track, piece)
        how = "the same score, byte for byte" if exact else "the same notes (title, sound or dynamics differ)"
        self.stdout.write(self.style.SUCCESS(f"{track.copyright_id} was composed again: {how}."))


def list_changes(recipe: Mapping[str, Any]) -> list[str]:
    """In what this installation differs from the one that composed the track."""
    if "brief" not in recipe:
        raise CommandError("This track was registered without a recipe, so it cannot be composed again.")
    changes = []
    if recipe.get("engine") != ENGINE_VERSION:
        changes.append(f"The engine is version {ENGINE_VERSION}; it was {recipe.get('engine')}.")
    conductor = load_network().digest
    if recipe.get("conductor", conductor) != conductor:
        changes.append(f"The conductor's network is {conductor[:12]}…; it was {recipe['conductor'][:12]}….")
    for slug, digest in recipe.get("checkpoints", {}).items():
        found = read_model(slug).digest
        if found != digest:
            changes.append(f"The network of the {slug} is {found[:12]}…; it was {digest[:12]}….")
    for slug, digest in recipe.get("foresights", {}).items():
        foresight = read_foresight(read_model(slug))
        if foresight is None or foresight.digest != digest:
            changes.append(f"What the {slug} sees of the bars after a gap has changed; it was {digest[:12]}….")
    return changes


def compose_again(recipe: Mapping[str, Any]) -> Piece:
    from generator.engine.composing.editing import Edit, edit_piece
    from generator.engine.composing.piece import compose_piece

    if "edit" in recipe:
        origin = read_piece(find_registered_track(recipe["edit"]["origin"]))
        return edit_piece(parse_brief(recipe["brief"]), origin, Edit.from_json(recipe["edit"]))
    return compose_piece(parse_brief(recipe["brief"])).piece


def has_same_midi(track: Track, piece: Piece) -> bool:
    """The stored file carries the copyright notice, whose address may be another by now: the rest is compared."""
    from django.core.files.storage import default_storage

    stored = track.files.filter(name="track.mid").first()
    if stored is None:
        return False
    with default_storage.open(stored.storage_name) as file:
        data = file.read()
    return write_midi(piece, notice=read_notice(data)) == data


def read_notice(midi: bytes) -> str:
    """The copyright notice, which we write as the second event of the first track."""
    _, is_there, rest = midi.partition(b"\xff\x02")
    size = 0
    for place, byte in enumerate(
        rest[:4] if is_there else b"", start=1
    ):  # seven bits a byte, the last without its top bit
        size = size << 7 | byte & 0x7F
        if byte < 0x80:
            return rest[place : place + size].decode(errors="replace")
    return ""
