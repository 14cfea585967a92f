"""Leads that borrow from what was trained on are drawn again."""

from pathlib import Path

import pytest

from generator.engine.brief import Brief, parse_brief
from generator.engine.composing import borrowing
from generator.engine.composing.borrowing import MOST_BARS, MOST_DRAWS, measure_borrowing
from generator.engine.composing.parts import PartResult, compose_part
from generator.engine.conductor import write_plan
from generator.engine.originality.corpus_index import CorpusIndex, Entry, write_index
from generator.engine.originality.lines import take_line
from generator.engine.originality.passages import hash_melody
from generator.engine.plan import Plan, Role
from generator.engine.score import Note


@pytest.fixture(scope="module")
def brief() -> Brief:
    return parse_brief({"instruments": "flute", "seconds": 12, "style": "folk", "mood": "calm", "seed": 4})


@pytest.fixture(scope="module")
def plan(brief: Brief) -> Plan:
    return write_plan(brief)


def compose_lead(brief: Brief, plan: Plan) -> PartResult:
    return compose_part(brief, plan, instrument="flute", role=Role.LEAD, lead=None)


def train_on(*results: PartResult, path: Path) -> CorpusIndex:
    """An index as if these leads were works that the networks had learned from."""
    lines = [take_line((note.onset, note.pitch) for note in result.part.notes) for result in results]
    passages = [(work, passage) for work, line in enumerate(lines) for passage in hash_melody(line).tolist()]
    write_index((Entry(passage=passage, work=work, bar=1, pitch=60) for work, passage in passages), path=path)
    return CorpusIndex(path)


def test_a_lead_that_stands_in_a_training_work_is_drawn_again_and_the_same_way_each_time(
    brief, plan, tmp_path, monkeypatch
) -> None:
    first = compose_lead(brief, plan)
    index = train_on(first, path=tmp_path / "first.idx")
    monkeypatch.setattr(borrowing, "open_index", lambda: index)
    assert measure_borrowing(first.part.notes, plan=plan) > MOST_BARS
    again = compose_lead(brief, plan)
    assert again.part.notes != first.part.notes
    assert again.borrowed_bars == pytest.approx(measure_borrowing(again.part.notes, plan=plan), abs=1e-3)
    assert again.borrowed_bars <= MOST_BARS
    assert compose_lead(brief, plan) == again


def test_drawing_again_ends_with_the_least_borrowed_lead(brief, plan, monkeypatch) -> None:
    """Where everything is borrowed, the bounded number of draws is made and no more."""
    asked: list[int] = []

    class Everything:
        def match_melody(self, line):
            asked.append(len(line))
            return [type("Match", (), {"ticks": plan.metre.bar_ticks * (3 + len(asked) % 2)})()]

    monkeypatch.setattr(borrowing, "open_index", Everything)
    monkeypatch.setattr("generator.engine.composing.parts.MOST_DRAWS", 2)
    result = compose_lead(brief, plan)
    assert result.borrowed_bars == 3.0
    assert MOST_DRAWS == 4
    assert PartResult.from_json(result.to_json()) == result


def test_a_part_stored_before_borrowing_was_measured_is_still_read(brief, plan) -> None:
    stored = compose_lead(brief, plan).to_json()
    del stored["borrowed_bars"]
    assert PartResult.from_json(stored).borrowed_bars == 0.0


def compose_follower(slug: str, role: Role) -> tuple[Note, ...]:
    brief = parse_brief({"instruments": slug, "seconds": 8, "style": "pop", "mood": "calm", "seed": 4})
    return compose_part(brief, write_plan(brief), instrument=slug, role=role, lead=None).part.notes


def test_what_follows_the_lead_prefers_a_favourite_that_borrows_little(monkeypatch) -> None:
    favourite = compose_follower("bass", Role.BASS)
    asked: list[int] = []

    def borrow_first(notes, *, history, start, plan) -> float:
        """Every phrase's first candidate borrows, the second does not."""
        asked.append(start)
        return 3.0 if asked.count(start) == 1 else 0.0

    monkeypatch.setattr("generator.engine.composing.writing.measure_phrase", borrow_first)
    other = compose_follower("bass", Role.BASS)
    assert other != favourite
    assert {asked.count(start) for start in asked} == {2}


def test_where_all_favourites_borrow_the_critics_choice_stays(monkeypatch) -> None:
    favourite = compose_follower("bass", Role.BASS)
    monkeypatch.setattr("generator.engine.composing.writing.measure_phrase", lambda notes, **kept: 3.0)
    assert compose_follower("bass", Role.BASS) == favourite


def test_drums_are_not_looked_up(monkeypatch) -> None:
    def refuse(notes, **kept) -> float:
        raise AssertionError("drums were looked up")

    monkeypatch.setattr("generator.engine.composing.writing.measure_phrase", refuse)
    assert compose_follower("drums", Role.RHYTHM)
