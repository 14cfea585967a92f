"""`python -m generator.engine.training --instrument piano --corpora DIR`"""

import argparse
import sys

from generator.engine.errors import EngineError
from generator.engine.training.command import add_arguments, run_training


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m generator.engine.training", description=__doc__)
    add_arguments(parser)
    try:
        run_training(parser.parse_args())
    except EngineError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
