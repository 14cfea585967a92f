"""A result as a page of Markdown, its plots as PNG files beside it."""

import os
from pathlib import Path
from typing import Any

from generator.engine.measuring.options import BenchmarkError
from generator.engine.measuring.results import Result, write_json


def write_pages(result: Result, *, folder: Path) -> None:
    """A page for the result, and one for each that it gathers."""
    for each in result.get("results", {}).values():
        if "benchmark" in each:
            write_page(each, folder=folder)
    write_page(result, folder=folder)


def write_page(result: Result, *, folder: Path) -> tuple[Path, ...]:
    """NAME.md, NAME.json and the plots under `folder`."""
    name = str(result["benchmark"])
    folder.mkdir(parents=True, exist_ok=True)
    drawn = [draw_plot(plot, folder=folder) for plot in result["plots"]]
    page, data = folder / f"{name}.md", folder / f"{name}.json"
    partial = folder / f"{name}.md.part"
    partial.write_text(render_page(result), encoding="utf-8")
    os.replace(partial, page)
    write_json(result, path=data)
    return page, data, *drawn


def render_page(result: Result) -> str:
    verdict = "met" if result["met"] else "**missed**"
    lines = [f"# {str(result['benchmark']).capitalize()}", "", f"{result['claim']}.", ""]
    lines += [f"Target: {result['target']} ({verdict}).", "", f"    {result['command']}", ""]
    for table in result["tables"]:
        lines += [f"## {table['title']}", "", *render_table(table), ""]
    for plot in result["plots"]:
        lines += [f"![{plot['title']}]({plot['file']})", ""]
    lines += [f"{note}\n" for note in result["notes"]]
    return "\n".join([*lines, describe_run(result)]) + "\n"


def render_table(table: dict[str, Any]) -> list[str]:
    columns = table["columns"]
    rows = [" | ".join(_show(cell) for cell in row) for row in table["rows"]]
    return [f"| {' | '.join(columns)} |", "|" + "---|" * len(columns), *(f"| {row} |" for row in rows)]


def describe_run(result: Result) -> str:
    environment = result["environment"]
    packages = ", ".join(f"{name} {version}" for name, version in environment["packages"].items())
    load = environment["load"][0]
    took = f"; took {result['seconds']:.0f} s ({result['cpu_seconds']:.0f} CPU s)" if "seconds" in result else ""
    return (
        f"Measured {environment['at']} on {environment['cores']} cores ({environment['processor']}), load {load} at "
        f"the start{took}. Engine {environment['engine']}, Python {environment['python']}, {packages}."
    )


def _show(cell: object) -> str:
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    return f"{cell:,}" if isinstance(cell, int) else f"{cell:,.4g}" if isinstance(cell, float) else str(cell)


def draw_plot(plot: dict[str, Any], *, folder: Path) -> Path:
    """A PNG of named lines. Raises BenchmarkError where matplotlib is not installed."""
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise BenchmarkError("Plots need matplotlib: install requirements/dev.txt (make setup-dev).") from error
    figure = Figure(figsize=(7, 4), layout="constrained")
    axes = figure.subplots()
    for name, line in plot["lines"].items():
        axes.plot(line["x"], line["y"], marker="o" if len(line["x"]) < 40 else "", label=name)
    axes.set(title=plot["title"], xlabel=plot["x"], ylabel=plot["y"])
    if plot["log"]:
        axes.set_yscale("log")
    if len(plot["lines"]) > 1:
        axes.legend(fontsize="small")
    axes.grid(visible=True, alpha=0.3)
    path = folder / str(plot["file"])
    figure.savefig(path, dpi=110)
    return path
