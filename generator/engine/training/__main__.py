"""`python -m generator.engine.training --instrument piano --corpora DIR`"""

import argparse
import sys
from pathlib import Path

from generator.engine.errors import EngineError
from generator.engine.instruments import INSTRUMENTS
from generator.engine.network.store import PRETRAINED
from generator.engine.training.fit import Settings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of a training run, for this module and for `manage.py train`."""
    defaults = Settings()
    parser.add_argument("--instrument", help=f"one of {', '.join(INSTRUMENTS)}")
    parser.add_argument("--all", action="store_true", help="every instrument in turn")
    parser.add_argument("--corpora", type=Path, required=True, help="the folder that holds the training corpora")
    parser.add_argument("--out", type=Path, default=PRETRAINED, help="where networks are stored")
    parser.add_argument("--work", type=Path, default=Path("var"), help="caches and checkpoints")
    parser.add_argument("--resume", action="store_true", help="continue a run that was interrupted")
    parser.add_argument("--start-from", help="begin with the weights of this instrument")
    for name, kind in Settings.__annotations__.items():
        parser.add_argument(f"--{name.replace('_', '-')}", type=kind, default=getattr(defaults, name))


def run_training(options: argparse.Namespace) -> None:
    """Train what the options ask for. Raises EngineError."""
    from generator.engine.training.train import train_instrument

    slugs = list(INSTRUMENTS) if options.all else [options.instrument]
    settings = Settings(**{name: getattr(options, name) for name in Settings.__annotations__})
    for slug in slugs:
        train_instrument(
            slug,
            corpora=options.corpora,
            out=options.out,
            work=options.work,
            settings=settings,
            resume=options.resume,
            start_from=options.start_from,
        )


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m generator.engine.training", description=__doc__)
    add_arguments(parser)
    options = parser.parse_args()
    if not options.all and options.instrument is None:
        parser.error("name an --instrument or ask for --all")
    try:
        run_training(options)
    except EngineError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
