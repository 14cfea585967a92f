"""manage.py measure_originality"""

import re
from io import StringIO

import pytest
from django.core.management import CommandError, call_command


def measure(**options: int) -> str:
    out = StringIO()
    call_command("measure_originality", stdout=out, **options)
    return out.getvalue()


def test_fingerprint_tells_variants_from_strangers() -> None:
    said = measure(melodies=60)
    precision, recall = map(float, re.findall(r"precision ([\d.]+), recall ([\d.]+)", said)[0])
    assert precision == 1.0
    assert recall >= 0.99
    assert "(540 variants, 120 strangers)" in said
    assert said == measure(melodies=60)


@pytest.mark.parametrize("melodies", [1, 0, -4, 20_001])
def test_impossible_number_is_refused(melodies: int) -> None:
    with pytest.raises(CommandError, match="must be from 2 to 20000"):
        measure(melodies=melodies)
