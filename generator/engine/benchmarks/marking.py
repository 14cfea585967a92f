"""The inaudible mark: what it survives, how far it lies below the music, and how often it is seen where it is not."""

from typing import Any

from generator.engine.audio.marking.detection import FALSE_ALARMS, PROMISING
from generator.engine.measuring.mark_chances import measure_chances
from generator.engine.measuring.mark_levels import measure_levels, measure_times
from generator.engine.measuring.mark_pieces import list_pieces
from generator.engine.measuring.mark_survival import KNOWN, measure_survival, measure_tradeoff
from generator.engine.measuring.options import Options
from generator.engine.measuring.results import Result, make_plot, make_result, make_table

LONG, SHORT = 8, 92
KEYS = 10_000
NOTES = [
    "A trial is one wrong key on one unmarked recording, over all 1600 places where the pattern may begin and both "
    f"weighings; the known numbers are tried from a score of {PROMISING:g} on, as the detector does. Thresholds follow "
    f"from Bentkus and Dzindzalieta's inequality for {FALSE_ALARMS:g}, all places, numbers, speeds and keys included; "
    "nothing about music is assumed.",
    f"Found and named: by a detector that knows {KNOWN:,} numbers, one of which is the mark's. Found alone: by one "
    "that knows none. The weakest is the 5 s window whose score is least above what it needs, or furthest below.",
    "The mark is measured on the whole piece. In a moment of a fifth of a second a band between two strong "
    "partials can hold more of the mark than of the music: the mark of the partials leaks there as their own "
    "changes do.",
    "Nobody has listened in a blind test. That it is not heard is inferred from its level alone.",
]


def run(options: Options) -> Result:
    pieces = list_pieces(options.work / "marking", long=LONG, short=SHORT)
    long, seed = pieces[: options.size(LONG)], options.seed
    chances = measure_chances(pieces, keys=KEYS, seed=seed)
    levels, times = measure_levels(pieces), measure_times(long[0])
    survival = measure_survival(long)
    tradeoff = measure_tradeoff(long)
    worst_found = min(row["found"] for row in survival)
    worst_read = min(row["read"] for row in survival)
    wrong = sum(row["wrong"] for row in survival)
    met = worst_found == worst_read == 1.0 and levels["worst_db"] <= -20.0 and not chances["alarms"] and not wrong
    return make_result(
        claim=(
            f"{worst_read:.1%} of 20 s windows give the ID and {worst_found:.1%} of 5 s windows prove the mark in the "
            f"worst of {len(survival)} treatments; {wrong} wrong IDs, {chances['alarms']} false alarms "
            f"in {chances['trials']:,} trials"
        ),
        target="every 5 s prove the mark, every 20 s give the ID, 20 dB below the music, false alarms below 1 in 10^6",
        met=met,
        value=worst_read,
        survival=survival,
        levels=levels,
        chances={name: value for name, value in chances.items() if name not in ("scores", "share", "bound")},
        tradeoff=tradeoff,
        cpu_seconds=times,
        tables=[
            _show_survival(survival, pieces=len(long)),
            _show_chances(chances),
            make_table(
                f"Mark beside the music, highest of {len(pieces)} pieces",
                columns=["Third-octave band (Hz)", "dB"],
                rows=[[hertz, decibels] for hertz, decibels in levels["by_band"].items()],
            ),
            make_table(
                "Processor seconds for 60 s",
                columns=["Step", "s"],
                rows=[[step, seconds] for step, seconds in times.items()],
            ),
        ],
        plots=[_plot_tradeoff(tradeoff), _plot_chances(chances)],
        notes=NOTES,
    )


def _show_survival(survival: list[dict[str, Any]], *, pieces: int) -> dict[str, Any]:
    rows = [
        [
            row["treatment"],
            f"{row['found']:.1%} of {row['windows']}",
            f"{row['found_alone']:.1%}",
            f"{row['lowest']:.1f} ({row['needed']:.1f})",
            f"{row['named']:.1%}",
            f"{row['read']:.1%} of {row['long_windows']}",
            row["wrong"],
        ]
        for row in survival
    ]
    return make_table(
        f"Survival, {pieces} pieces of 60 s",
        columns=[
            "Treatment",
            "5 s windows found",
            "found alone",
            "weakest score (needed)",
            "named rightly",
            "20 s windows named rightly",
            "wrong IDs",
        ],
        rows=rows,
    )


def _show_chances(chances: dict[str, Any]) -> dict[str, Any]:
    return make_table(
        "Wrong keys on unmarked music",
        columns=["Search", "trials", "highest score", "needed"],
        rows=[
            ["pattern alone", f"{chances['trials']:,}", chances["highest"], chances["threshold"]],
            [
                f"with {chances['known']:,} known numbers",
                f"{chances['tried_with_known']:,}",
                chances["highest_with_known"],
                chances["threshold_with_known"],
            ],
        ],
    )


def _plot_tradeoff(tradeoff: dict[str, Any]) -> dict[str, Any]:
    return make_plot(
        "How strong the mark is, and what is left of it",
        file="marking-tradeoff.png",
        x="mark beside the music in the worst third octave (dB)",
        y="lowest score of any 5 s",
        lines={
            **{name: (tradeoff["decibels"], scores) for name, scores in tradeoff["lowest"].items()},
            "needed": (tradeoff["decibels"], [tradeoff["needed"]] * len(tradeoff["decibels"])),
        },
    )


def _plot_chances(chances: dict[str, Any]) -> dict[str, Any]:
    return make_plot(
        "Highest score of a wrong key in one recording",
        file="marking-chances.png",
        x="score",
        y="log10 of the share of trials above it",
        lines={
            "measured": (chances["scores"][: len(chances["share"])], chances["share"]),
            "bound": (chances["scores"], chances["bound"]),
        },
    )
