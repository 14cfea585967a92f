"""What each instrument's network learns from: a part to write, the plan it follows and the lead that it hears."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from generator.engine.corpora.lines import fit_range, split_skyline, take_bass_line, take_single_voice
from generator.engine.corpora.reading import CorpusPiece, read_corpus
from generator.engine.errors import CorpusError
from generator.engine.plan import Piece, Plan, Role
from generator.engine.score import Note, Part, merge_parts


@dataclass(frozen=True, slots=True)
class TrainingView:
    split: str
    plan: Plan
    target: Part
    """The part to learn; its role and instrument are those to be played."""
    lead: Part | None
    """The lead to listen to; None where the target leads."""
    role: Role
    source: str
    """Corpus path of the work."""
    style: str


View = tuple[Role, tuple[Note, ...], Part | None]
"""Role, notes of the target, and the lead."""

_MINIMUM_NOTES = 16
_MINIMUM_NOTES_PER_BAR = 0.5
"""Parts that mostly rest teach little but resting."""


def training_views(
    slug: str, *, root: Path, cache: Path, workers: int = 2, progress: bool = True
) -> list[TrainingView]:
    """Every view for one instrument, in a fixed order. An instrument that nothing is known to teach: CorpusError."""
    if slug not in _LESSONS:
        raise CorpusError(f"instrument: {slug!r} has no training views. Choose one of: {', '.join(_LESSONS)}.")
    views: list[TrainingView] = []
    for corpus, lesson in _LESSONS[slug].items():
        reading = read_corpus(corpus, root=root, cache=cache, workers=workers, progress=progress)
        views += [view for each in reading.pieces for view in _view_piece(each, slug=slug, lesson=lesson)]
    return views


def _view_piece(each: CorpusPiece, *, slug: str, lesson: Callable[[Piece], Iterator[View]]) -> Iterator[TrainingView]:
    plan = each.piece.plan
    for role, notes, lead in lesson(each.piece):
        if len(notes) < max(_MINIMUM_NOTES, _MINIMUM_NOTES_PER_BAR * plan.bars):
            continue
        target = Part(instrument=slug, role=role, notes=notes)
        yield TrainingView(
            split=each.split, plan=plan, target=target, lead=lead, role=role, source=each.path, style=plan.style
        )


def _learn_piano(piece: Piece) -> Iterator[View]:
    voice, piano = piece.parts
    yield Role.HARMONY, piano.notes, voice
    yield Role.LEAD, _join_hands(merge_parts((voice, piano))), None


def _learn_guitar(piece: Piece) -> Iterator[View]:
    first = piece.parts[0]
    yield Role.LEAD, first.notes, None
    if len(piece.parts) > 1:
        yield Role.HARMONY, piece.parts[1].notes, first
        return
    melody, rest = split_skyline(first.notes)
    yield Role.HARMONY, rest, replace(first, notes=melody)


def _learn_violin(piece: Piece) -> Iterator[View]:
    first, second = piece.parts[:2]
    yield Role.LEAD, take_single_voice(first.notes), None
    yield Role.COUNTER, take_single_voice(second.notes), first


def _learn_viola(piece: Piece) -> Iterator[View]:
    yield Role.COUNTER, take_single_voice(piece.parts[2].notes), piece.parts[0]


def _learn_cello(piece: Piece) -> Iterator[View]:
    yield Role.BASS, take_single_voice(piece.parts[3].notes, keep="lowest"), piece.parts[0]


def _learn_tune(slug: str) -> Callable[[Piece], Iterator[View]]:
    def learn(piece: Piece) -> Iterator[View]:
        yield Role.LEAD, _fit_normalised(take_single_voice(piece.parts[0].notes), slug=slug, piece=piece), None

    return learn


def _learn_bass_of_quartet(piece: Piece) -> Iterator[View]:
    line = take_single_voice(piece.parts[3].notes, keep="lowest")
    yield Role.BASS, _fit_normalised(line, slug="bass", piece=piece), piece.parts[0]


def _learn_bass_of_song(piece: Piece) -> Iterator[View]:
    voice, piano = piece.parts
    line = take_bass_line(piano.notes, beat_ticks=piece.plan.metre.beat_ticks)
    yield Role.BASS, _fit_normalised(line, slug="bass", piece=piece), voice


def _learn_drums(piece: Piece) -> Iterator[View]:
    yield Role.RHYTHM, piece.parts[0].notes, None


def _fit_normalised(notes: tuple[Note, ...], *, slug: str, piece: Piece) -> tuple[Note, ...]:
    """Into the instrument's range in the sounding key, then back to the normalised one."""
    shift = piece.plan.key.shift
    sounding = fit_range([replace(note, pitch=note.pitch + shift) for note in notes], slug=slug)
    return tuple(replace(note, pitch=note.pitch - shift) for note in sounding)


def _join_hands(notes: tuple[Note, ...]) -> tuple[Note, ...]:
    """One note per pitch and onset where voice and accompaniment double each other."""
    joined: dict[tuple[int, int], Note] = {}
    for note in notes:
        held = joined.get((note.onset, note.pitch))
        if held is None or note.duration > held.duration:
            joined[(note.onset, note.pitch)] = note
    return tuple(joined.values())


_LIEDER, _QUARTETS, _GUITAR, _TUNES = "openscore-lieder", "openscore-string-quartets", "mutopia-guitar", "music21"

_LESSONS: dict[str, dict[str, Callable[[Piece], Iterator[View]]]] = {
    "piano": {_LIEDER: _learn_piano},
    "guitar": {_GUITAR: _learn_guitar},
    "violin": {_QUARTETS: _learn_violin, _TUNES: _learn_tune("violin")},
    "viola": {_QUARTETS: _learn_viola},
    "cello": {_QUARTETS: _learn_cello},
    "flute": {_LIEDER: _learn_tune("flute"), _TUNES: _learn_tune("flute"), _QUARTETS: _learn_tune("flute")},
    "bass": {_QUARTETS: _learn_bass_of_quartet, _LIEDER: _learn_bass_of_song},
    "drums": {"groove": _learn_drums},
}
