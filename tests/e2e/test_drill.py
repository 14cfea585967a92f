"""The failure drill in short. `make nightly` runs the long one, and those without a guard, which must."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from marketplace.drill.run import Plan, run_drill
from marketplace.management.commands.drill import LOST

pytestmark = [pytest.mark.postgres, pytest.mark.timeout(600)]


def test_nothing_is_lost_when_every_process_is_killed_during_a_storm_of_purchases() -> None:
    plan = Plan(seconds=1, buyers=3, tracks=40, settling=120, seed=1, does_reconcile=True, does_deduplicate=True)
    report = run_drill(plan, say=lambda _line: None)
    assert set(report.killed.values()) == {1}
    assert report.states["sold"] >= 3  # at least the last payment of each buyer, which nobody told us of
    assert not {name: count for name, count in report.lost.items() if count}


@pytest.mark.parametrize("words", [["--seconds", "0"], ["--buyers", "5", "--tracks", "5"]])
def test_drill_that_cannot_be_meant_starts_nothing(words: list[str]) -> None:
    out = StringIO()
    with pytest.raises(CommandError, match="give") as refused:
        call_command("drill", *words, stdout=out)
    assert refused.value.returncode != LOST  # which `make nightly` takes for a loss that was seen
    assert out.getvalue() == ""
