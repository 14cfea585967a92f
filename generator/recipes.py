"""What made a track: everything that is needed to make it again, and the log of what people contributed."""

import hashlib
import json
from collections.abc import Sequence

from generator.engine.audio.font import FONT_SHA256
from generator.engine.composing.parts import PartResult
from generator.engine.plan import Piece
from generator.engine.version import ENGINE_VERSION
from generator.models import GenerationJob


def write_recipe(job: GenerationJob, *, results: Sequence[PartResult]) -> dict[str, object]:
    return {
        "brief": job.brief,
        "seed": job.brief["seed"],
        "engine": ENGINE_VERSION,
        "checkpoints": {result.part.instrument: result.digest for result in results},
        "font": FONT_SHA256,
        "critic": {result.part.instrument: result.explanation for result in results},
        "human_contribution": [
            {
                "at": job.created_at.isoformat(),
                "what": "brief",
                "chosen": {name: job.brief[name] for name in job.chosen},
            }
        ],
    }


def digest_score(piece: Piece) -> str:
    """SHA-256 of what sounds: notes, instruments, key, metre, tempo and length, but not the title or the labels."""
    plan = piece.plan
    notes = [
        [part.instrument, [[note.onset, note.pitch, note.duration, note.velocity, note.micro] for note in part.notes]]
        for part in piece.parts
    ]
    score = [str(plan.key), str(plan.metre), plan.tempo, plan.length, notes]
    return hashlib.sha256(json.dumps(score, separators=(",", ":")).encode()).hexdigest()
