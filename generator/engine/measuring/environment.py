"""Where and under what load figures were taken."""

import os
import platform
import time
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from generator.engine.version import ENGINE_VERSION

_PACKAGES = ("tensorflow", "tensorflow-cpu", "keras", "numpy")


def describe_environment() -> dict[str, Any]:
    return {
        "engine": ENGINE_VERSION,
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "processor": _name_processor(),
        "cores": os.cpu_count(),
        "load": [round(load, 2) for load in os.getloadavg()],
        "packages": {name: found for name in _PACKAGES if (found := _find_version(name))},
        "at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
    }


def _name_processor() -> str:
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as lines:
            return next(line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or "unknown"


def _find_version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
