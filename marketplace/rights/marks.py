"""What the inaudible mark in a recording says, whoever converted, cut or renamed it. Bounded in time, nothing kept."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from generator.engine.audio.marking.detection import MOST_SECONDS, Detection, find_mark
from generator.engine.audio.reading import read_sound
from marketplace.catalog.models import Track
from marketplace.rights.copyright_id import number_copyright_id, write_copyright_id
from marketplace.rights.mark_keys import list_mark_keys


@dataclass(frozen=True, slots=True)
class MarkFinding:
    detection: Detection
    copyright_id: str
    """Empty where there is no mark, or too little of it to read."""
    track: Track | None

    @property
    def is_found(self) -> bool:
        return self.detection.is_found


def look_for_mark(source: Path | bytes, *, seconds: float = MOST_SECONDS) -> MarkFinding:
    """Looks at the first `seconds` under every key of ours. Raises UnreadableSoundError."""
    audio, sample_rate = read_sound(source, seconds=seconds)
    keys = [each.key for each in list_mark_keys()]
    detection = find_mark(audio, keys, sample_rate=sample_rate, known=_list_numbers)
    copyright_id = _name_number(detection.number)
    track = Track.objects.select_related("family").filter(copyright_id=copyright_id).first() if copyright_id else None
    return MarkFinding(detection=detection, copyright_id=copyright_id, track=track)


def _list_numbers() -> NDArray[np.int64]:
    """Of every track here: where little of a mark is left, one of them may still fit."""
    return np.array(
        [number_copyright_id(each) for each in Track.objects.values_list("copyright_id", flat=True).iterator()],
        dtype=np.int64,
    )


def _name_number(number: int | None) -> str:
    try:
        return write_copyright_id(number) if number is not None else ""
    except ValueError:
        return ""
