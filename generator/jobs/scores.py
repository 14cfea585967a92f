"""The stored score of a track: the record that edits start from."""

import json

from django.core.files.storage import default_storage

from generator.engine.composing.codec import decode_piece
from generator.engine.plan import Piece
from marketplace.catalog.models import Track
from marketplace.errors import NotFoundError

RECORD = "track.json"


def read_piece(track: Track) -> Piece:
    """The stored score of a track: the record that edits start from."""
    file = track.files.filter(name=RECORD).first()
    if file is None:
        raise NotFoundError("The score of this track is not stored here.")
    with default_storage.open(file.storage_name) as stored:
        return decode_piece(json.load(stored))
