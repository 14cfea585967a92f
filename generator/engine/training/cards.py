"""Model cards: what each stored network is, learned from and reaches, written from its manifest."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from generator.engine.errors import ModelError
from generator.engine.instruments import INSTRUMENTS
from generator.engine.measuring.pages import draw_plot, render_table
from generator.engine.measuring.results import make_plot, make_table

MANIFEST_FIELDS = (
    "instrument", "digest", "split", "settings", "epochs", "validation_nats_per_row", "bits_per_note", "baselines",
    "gain", "files", "lineage",
)  # fmt: skip
"""What every manifest states, the conductor's too (whose notes are chords)."""


def list_manifests(folder: Path) -> dict[str, dict[str, Any]]:
    """By network, in score order, the conductor last. Raises ModelError for one that lacks a field."""
    found = {path.parent.name: json.loads(path.read_text()) for path in folder.glob("*/manifest.json")}
    for slug, manifest in found.items():
        lacking = [field for field in MANIFEST_FIELDS if field not in manifest]
        if lacking:
            raise ModelError(f"{folder / slug}/manifest.json lacks {', '.join(lacking)}: train it with this version.")
    for slug, manifest in found.items():
        foresight = folder / slug / "foresight.json"
        if foresight.exists():
            manifest["foresight"] = json.loads(foresight.read_text())
    order = [*INSTRUMENTS, "conductor"]
    return {slug: found[slug] for slug in order if slug in found}


def write_cards(*, models: Path, out: Path) -> tuple[Path, ...]:
    """A page and a curve for each network, and an index."""
    manifests = list_manifests(models)
    out.mkdir(parents=True, exist_ok=True)
    written = []
    for slug, manifest in manifests.items():
        curve = [float(nats) for nats in manifest["validation_nats_per_row"]]
        epochs = [float(number + 1) for number in range(len(curve))]
        draw_plot(
            make_plot(f"{_name(slug)}: validation", file=f"{slug}.png", x="epoch", y="nats per row",
                      lines={"validation": (epochs, curve)}),
            folder=out,
        )  # fmt: skip
        page = out / f"{slug}.md"
        page.write_text("\n".join(render_card(slug, manifest)) + "\n", encoding="utf-8")
        written.append(page)
    index = out / "README.md"
    index.write_text("\n".join(_render_index(manifests)) + "\n", encoding="utf-8")
    return (*written, index)


def render_card(slug: str, manifest: dict[str, Any]) -> Iterable[str]:
    bits, baselines = manifest["bits_per_note"], manifest["baselines"]
    unit = "chord" if slug == "conductor" else "note"
    rows = [["this network", *bits.values()], *([name, *found.values()] for name, found in baselines.items())]
    widest = max((list(found) for found in (bits, *baselines.values())), key=len)
    padded = [[*row, *["–"] * (len(widest) + 1 - len(row))] for row in rows]
    yield from (f"# {_name(slug)}", "", _describe(slug), "", f"Digest `{manifest['digest']}`.", "")
    yield from (
        "## How well it predicts",
        "",
        f"Bits per {unit} on test pieces, {manifest['gain']:.0%} below the best 5-gram.",
        "",
    )
    yield from render_table(make_table("", columns=["", *widest], rows=padded))
    if "recut" in manifest:
        recut = ", ".join(f"{metre} {bits:.2f}" for metre, bits in manifest["recut"].items())
        yield from ("", f"On the same test playing, recut into other metres: {recut}.")
    yield from ("", f"![Validation curve]({slug}.png)", "")
    if "foresight" in manifest:
        yield from _describe_foresight(manifest["foresight"])
    yield from ("## What it learned from", "")
    splits = [[split, *counts.values()] for split, counts in manifest["split"].items()]
    yield from render_table(make_table("", columns=["Split", "Parts", f"{unit.capitalize()}s"], rows=splits))
    licences = ", ".join(f"{licence}: {count} files" for licence, count in manifest["files"]["licences"].items())
    yield from ("", f"{licences}. Every file with its digest: `generator/pretrained/{slug}/files.txt.gz`.", "")
    if manifest["lineage"]:
        names = " → ".join(f"{each['instrument']} `{each['digest'][:12]}`" for each in manifest["lineage"])
        yield from (f"It began with the weights of {names}.{_compare_origin(manifest)}", "")
    yield from ("## How it was trained", "", f"{manifest['epochs']} epochs in the last run; settings:", "")
    settings = [[name, str(value)] for name, value in manifest["settings"].items()]
    yield from render_table(make_table("", columns=["Setting", "Value"], rows=settings))
    yield from ("", "## What it is not for", "", _limits(slug))


def _describe_foresight(foresight: dict[str, Any]) -> Iterable[str]:
    gaps, epochs = foresight["gaps"], foresight["epochs"]
    yield from (
        "## How it fills a gap",
        "",
        f"Weights of their own, digest `{foresight['digest']}`, see the bars that stand after a gap; they learned for "
        f"{epochs} {'epoch' if epochs == 1 else 'epochs'} from gaps in the training parts, while all others stayed as "
        f"they were. In {gaps['gaps']} gaps of two bars in test parts a note gains {gaps['gain']:.3f} nats "
        f"(± {gaps['bound']:.3f}, two standard errors) over the same network without them.",
        "",
    )


def _compare_origin(manifest: dict[str, Any]) -> str:
    """Networks that were trained before this was measured do not say it."""
    if "origin" not in manifest:
        return ""
    bits = manifest["origin"]["bits_per_note"]["total"]
    saved = 1 - manifest["bits_per_note"]["total"] / bits
    return f" On the same test pieces the last of them needs {bits:.2f} bits per note: {saved:.1%} are saved."


def _name(slug: str) -> str:
    return INSTRUMENTS[slug].name if slug in INSTRUMENTS else "Conductor"


def _describe(slug: str) -> str:
    if slug not in INSTRUMENTS:
        return "An LSTM of 128 units that writes a plan's chords, one per half bar, given key, metre, phrase and style."
    player = INSTRUMENTS[slug]
    roles = ", ".join(str(role) for role in player.roles)
    return (
        f"Two LSTM layers of 256 units that write one part, note by note: MIDI pitches {player.lowest} to "
        f"{player.highest}, at most {player.voices} at once; as {roles}. It hears the plan and, beside one, the lead."
    )


def _limits(slug: str) -> str:
    if slug == "drums":
        return (
            "It learned from drummers in 4/4 and from the same playing recut into 3/4 and 6/8: it never heard anybody "
            "who thinks in these metres, and knows no others."
        )
    return (
        "It learned from notation of the 18th to early 20th century: it writes in that idiom unless plan and style say "
        "otherwise. Its dynamics are those written in the scores."
    )


def _render_index(manifests: dict[str, dict[str, Any]]) -> list[str]:
    rows = [
        [f"[{_name(slug)}]({slug}.md)", m["split"]["train"]["notes"], m["bits_per_note"]["total"], f"{m['gain']:.0%}"]
        for slug, m in manifests.items()
    ]
    table = make_table(
        "", columns=["Network", "Trained on, notes", "Bits per note", "Below the best 5-gram by"], rows=rows
    )
    return ["# Models", "", "Written by `manage.py model_cards` from the manifests.", "", *render_table(table)]
