"""Kill every process of a site in turn during a storm of purchases, and say what was tried and what was lost."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from marketplace.drill.run import Plan, format_report, run_drill
from marketplace.drill.site import DrillError

LOST = 3
"""The exit status of a drill that went to its end and lost something; one that could not go on has 1."""


class Command(BaseCommand):
    help = f"{__doc__} Everything lives in a temporary folder. Fails, with status {LOST}, if anything was lost."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--seconds", type=int, default=90, help="how long the storm lasts, at least (90)")
        parser.add_argument("--buyers", type=int, default=6, help="how many buy at the same time (6)")
        parser.add_argument("--tracks", type=int, default=300, help="how many tracks are for sale (300)")
        parser.add_argument("--settling", type=int, default=150, help="seconds to come to rest, at most (150)")
        parser.add_argument("--seed", type=int, default=1, help="of what buyers choose and when processes die (1)")
        parser.add_argument("--no-reconciler", action="store_true", help="leave the reconciler out: money is kept then")
        parser.add_argument("--no-dedupe", action="store_true", help="act on every telling: sales are refunded then")

    def handle(self, **options: Any) -> None:
        if settings.IS_PRODUCTION:
            raise CommandError("A drill kills processes and switches guards off: run it under local settings.")
        numbers = {name: options[name] for name in ("seconds", "buyers", "tracks", "settling")}
        for name, number in numbers.items():
            if number < 1:
                raise CommandError(f"--{name} {number}: give 1 or more.")
        if numbers["tracks"] <= numbers["buyers"]:
            raise CommandError(f"--tracks {numbers['tracks']}: give more than the {numbers['buyers']} buyers.")
        plan = Plan(
            **numbers,
            seed=options["seed"],
            does_reconcile=not options["no_reconciler"],
            does_deduplicate=not options["no_dedupe"],
        )
        try:
            report = run_drill(plan, say=self.stdout.write)
        except DrillError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(format_report(report))
        if not report.is_clean:
            raise CommandError(f"{sum(report.lost.values())} were lost.", returncode=LOST)
        self.stdout.write("\nNothing was lost.")
