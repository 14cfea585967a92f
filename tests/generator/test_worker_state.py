"""What workers say of themselves, and what is said when they are silent."""

import pytest
from django.core.cache import cache

from generator.queries import worker_state
from generator.worker_reports import write_report


def test_silence_means_nobody_is_there() -> None:
    assert worker_state() == {
        "compose": {"alive": False, "models": []},
        "render": {"alive": False},
        "pack": {"alive": False},
        "books": {"alive": False},
    }


def test_report_is_read_by_other_processes() -> None:
    write_report("compose", state={"alive": True, "models": ["guitar"]})
    assert worker_state()["compose"] == {"alive": True, "models": ["guitar"]}
    assert worker_state()["render"] == {"alive": False}


@pytest.mark.parametrize("queue", ["compose", "render", "pack", "books"])
def test_report_counts_for_a_few_seconds_only(queue) -> None:
    write_report(queue, state={"alive": True, "models": []})
    key = cache.make_key(f"worker:{queue}")
    assert 0 < cache._cache.get_client(key).ttl(key) <= 15
