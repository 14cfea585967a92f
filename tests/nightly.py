"""`make nightly`: what takes too long for `make test`. 20,000 steps of the market, the crowd, and the drill thrice.

The drill without its guards must fail, which shows that it can see what is lost.
"""

import os
import subprocess
import sys

from marketplace.management.commands.drill import LOST
from tests.postgres import find_binaries, run_server

MARKET = ("tests/payments/stateful", "-k", "no_schedule", "-s")
CROWD = ("tests/concurrency/test_crowds.py",)


def run(*arguments: str, status: int = 0, **environment: str) -> bool:
    """Whether it ended with this status: a drill that could not even start has seen no loss."""
    print("$", *arguments, flush=True)
    done = subprocess.run([sys.executable, *arguments], env={**os.environ, **environment}, check=False)
    return done.returncode == status


def main() -> int:
    binaries = find_binaries()
    if binaries is None:
        print("`make nightly` needs PostgreSQL: install it, or put its `initdb` on the PATH.", file=sys.stderr)
        return 1
    results = {"market": run("-m", "pytest", *MARKET, ONETAKE_MARKET_STEPS="20000", LOG_LEVEL="CRITICAL")}
    with run_server(binaries) as address:
        results["crowds"] = run("-m", "pytest", *CROWD, TEST_DATABASE_URL=address)
    results["drill"] = run("manage.py", "drill")
    for name, flag in (("a lost reconciler", "--no-reconciler"), ("lost deduplication", "--no-dedupe")):
        results[f"drill sees {name}"] = run("manage.py", "drill", flag, "--settling", "30", status=LOST)
    print("\n" + "\n".join(f"{name}: {'passed' if result else 'FAILED'}" for name, result in results.items()))
    return 0 if all(results.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
