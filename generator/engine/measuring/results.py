"""What a benchmark finds, as JSON and as a page.

A result is a plain dict. `ratio` or `value` is the headline figure; `claim` says what it means; `target` is the figure
to reach and `met` whether it was; `tables` and `plots` are drawn on the page; any other key is the benchmark's own.
"""

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

Result = dict[str, Any]


def make_result(
    *,
    claim: str,
    target: str,
    met: bool,
    ratio: float | None = None,
    value: float | None = None,
    tables: Sequence[dict[str, Any]] = (),
    plots: Sequence[dict[str, Any]] = (),
    notes: Sequence[str] = (),
    **figures: Any,
) -> Result:
    if (ratio is None) == (value is None):
        raise ValueError("a benchmark has one headline figure: ratio or value")
    headline = {"ratio": ratio} if ratio is not None else {"value": value}
    drawn = {"tables": list(tables), "plots": list(plots), "notes": list(notes)}
    return {"claim": claim, **headline, "target": target, "met": met, **figures, **drawn}


def make_table(title: str, *, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> dict[str, Any]:
    return {"title": title, "columns": list(columns), "rows": [list(row) for row in rows]}


def make_plot(
    title: str,
    *,
    file: str,
    x: str,
    y: str,
    lines: Mapping[str, tuple[Sequence[float], Sequence[float]]],
    log: bool = False,
) -> dict[str, Any]:
    """A plot of named lines; `file` names the PNG beside the page."""
    drawn = {name: {"x": list(xs), "y": list(ys)} for name, (xs, ys) in lines.items()}
    return {"title": title, "file": file, "x": x, "y": y, "lines": drawn, "log": log}


def headline(result: Result) -> float:
    return float(result["ratio"] if "ratio" in result else result["value"])


def write_json(result: Result, *, path: Path) -> None:
    """Whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(path.name + ".part")
    partial.write_text(json.dumps(result, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    os.replace(partial, path)
