"""Whether what stands after a gap tells anything about it: held-out human bars under the network that writes the gap,
with and without the bars that follow.

Without: log p(gap | before). With: log p(gap | before, after), by Bayes' rule log p(gap | before) + log p(after |
before, gap) - log p(after | before). The last term is the mean of p(after | before, other gap) over gaps that the
network itself would write and the true one. The true one among them makes the gain a lower bound (van den Oord, Li,
Vinyals, "Representation Learning with Contrastive Predictive Coding", 2018): it cannot exceed the log of their number.
"""

import numpy as np
import numpy.typing as npt

from generator.engine.measuring.music import Stretch, choose, list_human_parts
from generator.engine.measuring.options import Options
from generator.engine.measuring.results import Result, make_result, make_table
from generator.engine.plan import Role
from generator.engine.score import Note, Part

INSTRUMENTS = ("violin", "cello", "piano")
GAPS = 24
"""Per instrument."""
_BEFORE, _GAP, _AFTER = 4, 2, 2
"""Bars."""
_OTHERS = 15


def run(options: Options) -> Result:
    rows: list[list[object]] = []
    gains: list[float] = []
    for slug in INSTRUMENTS:
        pieces = choose(list_human_parts(slug, options=options), most=options.size(GAPS), seed=options.seed)
        measured = [found for piece in pieces if (found := _measure_gap(piece, seed=options.seed)) is not None]
        without, gain = np.array(measured).T
        gains += gain.tolist()
        rows.append([slug, len(measured), _show(without), _show(without + gain), f"{gain.mean():+.3f}", _bound(gain)])
    whole = np.array(gains)
    mean = float(whole.mean())
    return make_result(
        claim=f"held-out bars gain at least {mean:.3f} nats a note where the bars that follow are heard too",
        target="above 0",
        met=mean - 2 * float(whole.std()) / len(whole) ** 0.5 > 0,
        value=round(mean, 4),
        gaps=len(gains),
        tables=[
            make_table(
                "Nats a note of the held-out bars",
                columns=["Instrument", "Gaps", "Without what follows", "With", "Gain", "Two standard errors"],
                rows=rows,
            )
        ],
        notes=[(__doc__ or "").split("\n\n", 1)[1].replace("\n", " ").strip()],
    )


def _measure_gap(stretch: Stretch, *, seed: int) -> tuple[float, float] | None:
    """Nats a note of one gap's true notes without what follows, and what that adds; None where there is no such gap."""
    from generator.engine.network.sampling import load_model, sample_notes
    from generator.engine.network.scoring import score_following

    size = stretch.plan.metre.bar_ticks
    start, stop, end = _BEFORE * size, (_BEFORE + _GAP) * size, (_BEFORE + _GAP + _AFTER) * size
    before, gap, after = (_between(stretch, *span) for span in ((0, start), (start, stop), (stop, end)))
    if end > stretch.plan.length or min(len(before), len(gap), len(after)) < 4:
        return None
    model = load_model(stretch.instrument)
    lead = Part(stretch.instrument, Role.LEAD, stretch.lead) if stretch.lead else None
    plan, role = stretch.plan, stretch.role
    drawn = sample_notes(
        model, plan=plan, role=role, lead=lead, start=start, stop=stop, history=before, seed=seed,
        stream=stretch.piece, candidates=_OTHERS, nucleus=1.0,
    )  # fmt: skip
    gaps = [gap, *(candidate.notes for candidate in drawn if candidate.notes)]
    alone = score_following(model, plan=plan, role=role, lead=lead, openings=[before], following=gap)[0]
    leads = score_following(
        model, plan=plan, role=role, lead=lead, openings=[(*before, *each) for each in gaps], following=after
    )
    gain = leads[0] - (np.logaddexp.reduce(leads) - np.log(len(leads)))
    return float(alone) / len(gap), float(gain) / len(gap)


def _between(stretch: Stretch, start: int, stop: int) -> tuple[Note, ...]:
    return tuple(note for note in sorted(stretch.notes) if start <= note.onset < stop)


def _show(values: npt.NDArray[np.float64]) -> str:
    return f"{values.mean():.3f}"


def _bound(values: npt.NDArray[np.float64]) -> str:
    return f"{2 * values.std() / len(values) ** 0.5:.3f}"
