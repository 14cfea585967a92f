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
    foresights = {result.part.instrument: result.foresight for result in results if result.foresight}
    conductor = load_network().digest
    return {
        "brief": job.brief,
        "seed": job.brief["seed"],
        "refused_seeds": job.refused_seeds,
        "engine": ENGINE_VERSION,
        "checkpoints": checkpoints,
        **({"foresights": foresights} if foresights else {}),
        "conductor": conductor,
        "training": summarise_training({"conductor": conductor, **checkpoints}),
        "font": FONT_SHA256,
        "critic": {result.part.instrument: result.explanation for result in results},
        "scores": {result.part.instrument: result.scores for result in results},
        **_describe_edit(job),
        "human_contribution": _log_contribution(job),
    }


def _describe_edit(job: GenerationJob) -> dict[str, object]:
    """Of a track that was changed from another: which, and how."""
    if job.origin is None:
        return {}
    return {"edit": {"origin": job.origin.copyright_id, **job.edit}}


def _log_contribution(job: GenerationJob) -> list[dict[str, object]]:
    """What people decided, oldest first: an edit goes on from the log of what it changes."""
    settled = {**job.brief, **job.edit}
    line = {
        "at": job.created_at.isoformat(),
        "what": "edit" if job.origin else "brief",
        "chosen": {name: settled[name] for name in job.chosen},
    }
    earlier = job.origin.recipe.get("human_contribution", []) if job.origin else []
    return [*earlier, line]
