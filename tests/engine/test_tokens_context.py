from dataclasses import replace

import numpy as np

from generator.engine.plan import Chord, Key, Metre, Mode, Plan, Role, Section
from generator.engine.score import Note, Part
from generator.engine.tokens.context import FEATURES, OFFSETS, context_table

PLAN = Plan(
    style="classical",
    mood="calm",
    key=Key(9, Mode.MINOR),
    metre=Metre(4, 4),
    tempo=100.0,
    length=192,
    sections=(Section("A", 0, 1, 0.5), Section("B", 1, 1, 0.9)),
    chords=(Chord(9, "min"), Chord(4, "dom7"), Chord(9, "min"), None),
    energies=(0.5, 1.0),
)
LEAD = Part("flute", "lead", (Note(24, 72, 12), Note(48, 74, 24)))


def _read(tick: int, *, lead: Part | None = None) -> dict[str, int]:
    row = context_table(PLAN, role=Role.BASS, lead=lead)[tick] - OFFSETS
    return dict(zip(FEATURES, row.tolist(), strict=True))


def test_the_plan_is_seen_at_each_tick() -> None:
    seen = _read(60)
    assert seen["position"] == 60
    assert seen["phase"] == 12
    assert (seen["metre"], seen["mode"], seen["style"], seen["role"]) == (1, 1, 1, 3)
    assert (seen["chord"], seen["next"], seen["after"]) == (Chord(4, "dom7").index, Chord(9, "min").index, 48)
    assert (seen["energy"], seen["left"], seen["phrase"]) == (4, 1, 0)


def test_the_second_section_counts_its_own_bars() -> None:
    assert _read(100)["phrase"] == 0
    assert _read(100)["energy"] == 7
    assert _read(100)["left"] == 0


def test_the_lead_is_seen_sounding_resting_and_to_come() -> None:
    names = ("lead", "lead_next", "lead_age", "lead_wait")
    expected = {
        0: (1, 72 - 19, 25, 24),
        24: (72 - 19, 74 - 19, 0, 24),
        40: (1, 74 - 19, 16, 8),
        60: (74 - 19, 1, 12, 49),
        100: (1, 1, 25, 49),
    }
    for tick, codes in expected.items():
        assert tuple(_read(tick, lead=LEAD)[name] for name in names) == codes


def test_without_a_lead_its_features_say_so() -> None:
    seen = _read(24)
    assert (seen["lead"], seen["lead_next"], seen["lead_age"], seen["lead_wait"]) == (0, 0, 25, 49)


def test_every_feature_stays_within_its_own_categories() -> None:
    table = context_table(PLAN, role=Role.LEAD, lead=LEAD)
    assert table.shape == (193, len(FEATURES))
    sizes = np.array(list(FEATURES.values()))
    assert ((table >= OFFSETS) & (table < OFFSETS + sizes)).all()


def test_an_unknown_style_is_other() -> None:
    table = context_table(replace(PLAN, style="polka"), role=Role.LEAD, lead=None)
    assert table[0, list(FEATURES).index("style")] == OFFSETS[list(FEATURES).index("style")]
