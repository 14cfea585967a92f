"""What made a track: everything that is needed to make it again, and the log of what people contributed."""

from collections.abc import Sequence

from generator.engine.audio.font import FONT_SHA256
from generator.engine.composing.parts import PartResult
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
