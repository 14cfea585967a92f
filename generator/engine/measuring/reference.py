"""The door to the reference method, which lives with the tests: benchmarks are run from a checkout."""

import importlib
import json
from typing import Any

from generator.engine.measuring.options import BenchmarkError, Options

PUBLISHED_SECONDS = {100: 37.65, 200: 66.49, 300: 93.32, 400: 121.14, 500: 160.5}
PUBLISHED_SYMBOLS = {100: 35, 200: 43, 300: 27, 400: 26, 500: 32}
PUBLISHED_DURATIONS = {100: 26, 200: 51, 300: 76, 400: 101, 500: 126}
"""Seconds of music of so many elements, at an offset of 0.5."""
PUBLISHED_OFFSETS = {0.5: 51, 0.6: 61, 0.7: 71, 0.8: 81, 0.9: 91}
"""Seconds of music of 200 elements."""
SYMBOLS = 201
PARAMETERS = 5_434_057


def load_reference() -> Any:
    try:
        return importlib.import_module("tests.benchmarks.reference_method")
    except ImportError as error:
        raise BenchmarkError("The reference method lies in tests/benchmarks: run this from a checkout.") from error


def read_races(options: Options) -> dict[str, dict[str, Any]]:
    """What `tests.benchmarks.reference_training` found, by instrument: equal training time, compared on pitch."""
    found = sorted((options.work / "reference").glob("*.json"))
    return {path.stem: json.loads(path.read_text()) for path in found}
