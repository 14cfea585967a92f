"""What each instrument's network learns from: a part to write, the plan it follows and the lead that it hears."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from generator.engine.corpora.allowlist import ALLOWLIST_PATH
from generator.engine.corpora.lines import fit_range, split_skyline, take_bass_line, take_single_voice
from generator.engine.corpora.metres import shorten_bars, unfold_beats
from generator.engine.corpora.reading import CORES, CorpusPiece, read_corpus
from generator.engine.corpora.textures import is_broken, is_comped, is_sustained, thin_hands
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

Lesson = Callable[[Piece], Iterator[View]]

_MINIMUM_NOTES = 16
_MINIMUM_NOTES_PER_BAR = 0.5
"""Parts that mostly rest teach little but resting."""


def training_views(
    slug: str,
    *,
    root: Path,
    cache: Path,
    workers: int = CORES,
    progress: bool = True,
    allowlist: Path = ALLOWLIST_PATH,
) -> list[TrainingView]:
    """Every view for one instrument, in a fixed order. An instrument that nothing is known to teach: CorpusError."""
    if slug not in _LESSONS:
        raise CorpusError(f"instrument: {slug!r} has no training views. Choose one of: {', '.join(_LESSONS)}.")
    views: list[TrainingView] = []
    for corpus, lessons in _LESSONS[slug].items():
        reading = read_corpus(corpus, root=root, cache=cache, workers=workers, progress=progress, allowlist=allowlist)
        for lesson in lessons:
            views += [view for each in reading.pieces for view in _view_piece(each, slug=slug, lesson=lesson)]
    return [*views, *_view_other_metres(views)] if slug == "drums" else views


def _view_other_metres(views: Iterable[TrainingView]) -> Iterator[TrainingView]:
    for view in views:
        for remake in (shorten_bars, unfold_beats) if view.split == "train" else ():
            remade = remake(view.target.notes, plan=view.plan)
            if remade is not None and len(remade[0]) >= _MINIMUM_NOTES:
                notes, plan = remade
                yield replace(view, plan=plan, target=replace(view.target, notes=notes))


def _view_piece(each: CorpusPiece, *, slug: str, lesson: Lesson) -> Iterator[TrainingView]:
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


def _learn_songs(slug: str, *, suits: Callable[[Sequence[Note], Plan], bool]) -> Lesson:
    """The piano's lessons from those songs alone whose accompaniment suits the instrument's texture."""

    def learn(piece: Piece) -> Iterator[View]:
        if not suits(piece.parts[1].notes, piece.plan):
            return
        for role, notes, lead in _learn_piano(piece):
            yield role, thin_hands(fit_range(notes, slug=slug, shift=piece.plan.key.shift)), lead

    return learn


def _learn_ensemble(slug: str, *, suits: Callable[[Sequence[Note], Plan], bool] | None = None) -> Lesson:
    """A quartet as one part: its three lower voices below the first violin, and all four alone."""

    def learn(piece: Piece) -> Iterator[View]:
        voices = [
            take_single_voice(part.notes, keep="lowest" if place == _CELLO else "highest")
            for place, part in enumerate(piece.parts)
        ]
        if suits is not None and not suits(sorted(note for voice in voices for note in voice), piece.plan):
            return
        for role, chosen, lead in ((Role.HARMONY, voices[1:], piece.parts[_FIRST]), (Role.LEAD, voices, None)):
            joined = _join_hands(tuple(sorted(note for voice in chosen for note in voice)))
            yield role, fit_range(joined, slug=slug, shift=piece.plan.key.shift), lead

    return learn


def _learn_guitar(piece: Piece) -> Iterator[View]:
    first = piece.parts[0]
    yield Role.LEAD, first.notes, None
    if len(piece.parts) > 1:
        yield Role.HARMONY, piece.parts[1].notes, first
        return
    melody, rest = split_skyline(first.notes)
    yield Role.HARMONY, rest, replace(first, notes=melody)


def _learn_line(slug: str, *, role: Role, voice: int, keep: str = "highest", listens: bool = True) -> Lesson:
    """One voice of the piece as a line in the instrument's own range."""

    def learn(piece: Piece) -> Iterator[View]:
        line = take_single_voice(piece.parts[voice].notes, keep=keep)
        yield role, fit_range(line, slug=slug, shift=piece.plan.key.shift), piece.parts[0] if listens else None

    return learn


def _learn_melody(slug: str) -> Lesson:
    return _learn_line(slug, role=Role.LEAD, voice=0, listens=False)


def _learn_bass_of_song(piece: Piece) -> Iterator[View]:
    voice, piano = piece.parts
    line = take_bass_line(piano.notes, beat_ticks=piece.plan.metre.beat_ticks)
    yield Role.BASS, fit_range(line, slug="bass", shift=piece.plan.key.shift), voice


def _learn_drums(piece: Piece) -> Iterator[View]:
    yield Role.RHYTHM, piece.parts[0].notes, None


def _join_hands(notes: tuple[Note, ...]) -> tuple[Note, ...]:
    """One note per pitch and onset where voice and accompaniment double each other."""
    joined: dict[tuple[int, int], Note] = {}
    for note in notes:
        held = joined.get((note.onset, note.pitch))
        if held is None or note.duration > held.duration:
            joined[(note.onset, note.pitch)] = note
    return tuple(joined.values())


_LIEDER, _QUARTETS, _GUITAR, _TUNES = "openscore-lieder", "openscore-string-quartets", "mutopia-guitar", "music21"

_FIRST, _SECOND, _VIOLA, _CELLO = range(4)
"""Voices of a quartet."""

_LESSONS: dict[str, dict[str, tuple[Lesson, ...]]] = {
    "piano": {_LIEDER: (_learn_piano,)},
    "epiano": {_LIEDER: (_learn_songs("epiano", suits=is_comped),)},
    "organ": {
        _LIEDER: (_learn_songs("organ", suits=is_sustained),),
        _QUARTETS: (_learn_ensemble("organ", suits=is_sustained),),
    },
    "harp": {_LIEDER: (_learn_songs("harp", suits=is_broken),)},
    "strings": {_QUARTETS: (_learn_ensemble("strings"),)},
    "guitar": {_GUITAR: (_learn_guitar,)},
    "violin": {
        _QUARTETS: (_learn_melody("violin"), _learn_line("violin", role=Role.COUNTER, voice=_SECOND)),
        _TUNES: (_learn_melody("violin"),),
    },
    "viola": {_QUARTETS: (_learn_line("viola", role=Role.COUNTER, voice=_VIOLA), _learn_melody("viola"))},
    "cello": {
        _QUARTETS: (_learn_line("cello", role=Role.BASS, voice=_CELLO, keep="lowest"), _learn_melody("cello")),
    },
    "flute": {
        _LIEDER: (_learn_melody("flute"),),
        _TUNES: (_learn_melody("flute"),),
        _QUARTETS: (_learn_melody("flute"), _learn_line("flute", role=Role.COUNTER, voice=_SECOND)),
    },
    "clarinet": {
        _LIEDER: (_learn_melody("clarinet"),),
        _QUARTETS: (
            _learn_melody("clarinet"),
            _learn_line("clarinet", role=Role.COUNTER, voice=_SECOND),
            _learn_line("clarinet", role=Role.COUNTER, voice=_VIOLA),
        ),
    },
    "bass": {
        _QUARTETS: (_learn_line("bass", role=Role.BASS, voice=_CELLO, keep="lowest"),),
        _LIEDER: (_learn_bass_of_song,),
    },
    "drums": {"groove": (_learn_drums,)},
}
"""The lessons of each instrument. Viola and cello learn to lead from the first violin, moved into their range."""
