"""What the generator adds to a dispute pack: the log of the composition, step by step."""

from collections.abc import Iterator
from datetime import datetime

from accounts.models import Company
from generator.jobs.steps import describe_step
from generator.models import GenerationJob, GenerationStep
from marketplace.catalog.models import Track
from marketplace.rights.papers import Paper

LOG_NAME = "generation-log.txt"


def list_papers(*, track: Track, company: Company | None) -> list[Paper]:
    """No person is named: whoever briefed the track may belong to another company than its owner."""
    job = GenerationJob.objects.filter(track=track).prefetch_related("steps").first()
    if job is None:
        return []
    return [Paper(name=LOG_NAME, content="".join(f"{line}\n" for line in _write_log(track, job)).encode())]


def _write_log(track: Track, job: GenerationJob) -> Iterator[str]:
    recipe = track.recipe
    yield f"{track.copyright_id}  {track.title}"
    yield f"engine {recipe.get('engine', '?')}, sound font {recipe.get('font', '?')}"
    yield ""
    chosen = ", ".join(job.chosen) or "nothing"
    yield f"{_write_time(job.created_at)}  The brief was given. A person settled: {chosen}. The seed drew the rest."
    for step in sorted(job.steps.all(), key=lambda step: (step.finished_at or job.created_at, step.pk)):
        yield f"{_write_time(step.finished_at)}  {describe_step(step)}: {_describe_end(step)}"
        digest = recipe.get("checkpoints", {}).get(step.instrument)
        if digest:
            yield f"{'':20}  network of the {step.instrument}, checkpoint {digest}"
    yield f"{_write_time(job.finished_at)}  The track was registered. Score {track.score_digest}"


def _describe_end(step: GenerationStep) -> str:
    attempts = f", at the {step.attempt}. attempt" if step.attempt > 1 else ""
    started = f", begun {_write_time(step.started_at)}" if step.started_at else ""
    return f"{step.get_status_display().lower()}{started}{attempts}"


def _write_time(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}" if moment else f"{'-':20}"
