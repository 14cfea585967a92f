"""`python -m payments.sandbox --port N --state FILE --webhook-url URL --secret whsec_…`: serve until a signal comes."""

import argparse
import logging
import signal
import sqlite3
import sys
import threading

from payments.sandbox.mischief import read_odds
from payments.sandbox.server import Sandbox


def main() -> int:
    arguments = _read_arguments()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    try:
        sandbox = Sandbox(
            state=arguments.state,
            port=arguments.port,
            webhook_url=arguments.webhook_url,
            secret=arguments.secret,
            also_secrets=arguments.also_secret,
        )
        sandbox.courier.mischief.set_odds(read_odds(arguments.webhooks))
    except OSError as error:
        print(f"Port {arguments.port} cannot be used ({error.strerror}). Choose another.", file=sys.stderr)
        return 1
    except ValueError as error:
        print(f"--webhooks {' '.join(arguments.webhooks)}: {error}", file=sys.stderr)
        return 1
    except sqlite3.Error as error:
        print(f"{arguments.state!r} cannot hold the sandbox's state ({error}). Move it away.", file=sys.stderr)
        return 1
    stopped = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    with sandbox:
        print(f"Stripe sandbox at {sandbox.url}", flush=True)
        stopped.wait()
    return 0


def _read_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m payments.sandbox", description="A Stripe of our own, loopback only."
    )
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--state", default=":memory:", help="SQLite file that outlives the process")
    parser.add_argument("--webhook-url", default="", help="where signed events go; nowhere without it")
    parser.add_argument("--secret", default="whsec_sandbox", help="signs the events")
    parser.add_argument("--also-secret", action="append", default=[], help="signs too, while a secret is rotated")
    parser.add_argument(
        "--webhooks", nargs="*", default=[], metavar="HARM=ODDS", help="drop=0.2 duplicate=0.2 delay=0.2 tamper=0.1"
    )
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
