"""What made a track: everything that is needed to make it again, and the log of what people contributed."""

from collections.abc import Sequence

from generator.engine.audio.font import FONT_SHA256
from generator.engine.composing.parts import PartResult
from generator.engine.conductor.network import load_network
from generator.engine.version import ENGINE_VERSION
from generator.models import GenerationJob
from marketplace.rights.training_bill import summarise_training


def write_recipe(job: GenerationJob, *, results: Sequence[PartResult]) -> dict[str, object]:
    """Frozen with the track: what ships with a later version changes nothing about how this one was made."""
    checkpoints = {result.part.instrument: result.digest for result in results}
    conductor = load_network().digest
    return {
        "brief": job.brief,
        "seed": job.brief["seed"],
        "refused_seeds": job.refused_seeds,
        "engine": ENGINE_VERSION,
        "checkpoints": checkpoints,
        "conductor": conductor,
        "training": summarise_training({"conductor": conductor, **checkpoints}),
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
