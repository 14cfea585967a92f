"""The options of a training run and what they do, for `manage.py train` and `python -m generator.engine.training`."""

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

from generator.engine.instruments import INSTRUMENTS
from generator.engine.network.store import PRETRAINED
from generator.engine.training.settings import Settings

CONDUCTOR = "conductor"
TRAINABLE = (*INSTRUMENTS, CONDUCTOR)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    wanted = parser.add_mutually_exclusive_group(required=True)
    wanted.add_argument("--instrument", help=f"one of {', '.join(TRAINABLE)}")
    wanted.add_argument("--all", action="store_true", help="every instrument and the conductor in turn")
    parser.add_argument("--corpora", type=Path, required=True, help="the folder that holds the training corpora")
    parser.add_argument("--out", type=Path, default=PRETRAINED, help="where networks are stored (%(default)s)")
    parser.add_argument("--work", type=Path, default=Path("var"), help="caches and checkpoints (%(default)s)")
    parser.add_argument("--force", action="store_true", help="replace a stored network that does as well or better")
    parser.add_argument("--resume", action="store_true", help="continue a run that was interrupted")
    beginning = parser.add_mutually_exclusive_group()
    beginning.add_argument("--start-from", metavar="INSTRUMENT", help="begin with the weights of this instrument")
    beginning.add_argument(
        "--foresight", action="store_true", help="train only what the stored network sees of the bars after a gap"
    )
    for name, value in Settings().to_json().items():
        parser.add_argument(f"--{name.replace('_', '-')}", type=type(value), default=value, help="(%(default)s)")


def run_training(options: argparse.Namespace, *, report: Callable[[str], None] = print) -> None:
    """Train what the options ask for. Raises EngineError."""
    every = INSTRUMENTS if options.foresight else TRAINABLE
    for slug in every if options.all else (options.instrument,):
        if options.foresight:
            _train_foresight(slug, options, report=report)
        elif slug == CONDUCTOR:
            _train_conductor(options, report=report)
        else:
            _train_instrument(slug, options, report=report)


def _train_instrument(slug: str, options: argparse.Namespace, *, report: Callable[[str], None]) -> None:
    from generator.engine.training.train import train_instrument

    model = train_instrument(slug, start_from=options.start_from, report=report, **_read_common(options))
    report(f"Saved the {slug}'s network, digest {model.digest}")


def _train_foresight(slug: str, options: argparse.Namespace, *, report: Callable[[str], None]) -> None:
    from generator.engine.training.foreseeing import train_foresight

    foresight = train_foresight(slug, report=report, **_read_common(options))
    report(f"What the {slug} sees of the bars after a gap: digest {foresight.digest}")


def _read_common(options: argparse.Namespace) -> dict[str, Any]:
    """What all that an instrument learns is told."""
    named = {name: getattr(options, name) for name in ("corpora", "out", "work", "resume", "force")}
    return named | {"settings": _read_settings(options)}


def _read_settings(options: argparse.Namespace) -> Settings:
    return Settings(**{name: getattr(options, name) for name in Settings().to_json()})


def _train_conductor(options: argparse.Namespace, *, report: Callable[[str], None]) -> None:
    from generator.engine.conductor.train import train_conductor

    folder = options.out / CONDUCTOR
    cache = options.work / "cache" / "corpora"
    digest = train_conductor(root=options.corpora, cache=cache, out=folder, epochs=options.epochs)
    report(f"Saved {folder}, digest {digest}")
