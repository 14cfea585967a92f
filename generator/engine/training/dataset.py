"""Training views to arrays: one flat stream of rows per split, cached as .npz."""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt

from generator.engine.errors import CorpusError
from generator.engine.instruments import Instrument
from generator.engine.plan import Plan, Role
from generator.engine.score import Note, Part
from generator.engine.tokens.context import FEATURES, context_table
from generator.engine.tokens.events import encode_notes, single_line, snap_notes
from generator.engine.tokens.vocabulary import PITCH_COUNT

SPLITS = ("train", "validation", "test")
LEAST_NOTES = 16
"""Shorter parts teach nothing but how to stop."""
RUN_PERCENTILE = 90


class View(Protocol):
    """What a network learns from: one part of one piece, its plan, the lead it was played to, if any."""

    @property
    def split(self) -> str: ...
    @property
    def plan(self) -> Plan: ...
    @property
    def target(self) -> Part: ...
    @property
    def lead(self) -> Part | None: ...
    @property
    def role(self) -> Role: ...
    @property
    def source(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Stream:
    """Sequences end to end: rows (n, 5), the context at each row's onset (n, features), where sequences start (s,)."""

    rows: npt.NDArray[np.int16]
    context: npt.NDArray[np.int16]
    starts: npt.NDArray[np.int64]

    @property
    def note_count(self) -> int:
        return int((self.rows[:, 1] < PITCH_COUNT).sum())

    @property
    def stops(self) -> npt.NDArray[np.int64]:
        return np.append(self.starts[1:], len(self.rows))


@dataclass(frozen=True, slots=True)
class Dataset:
    splits: dict[str, Stream]
    sources: dict[str, tuple[str, ...]]
    """Files of each split, sorted."""


def playable_notes(part: Part, *, instrument: Instrument) -> list[Note]:
    """The part's notes as the instrument's network learns them: one line where it has one voice."""
    notes = snap_notes(part.notes, drums=instrument.is_drums)
    return single_line(notes) if instrument.voices == 1 else notes


def build_dataset(views: Iterable[View], *, instrument: Instrument) -> Dataset:
    streams: dict[str, list[tuple[npt.NDArray[np.int16], npt.NDArray[np.int16]]]] = {split: [] for split in SPLITS}
    sources: dict[str, set[str]] = {split: set() for split in SPLITS}
    for view in views:
        notes = [note for note in playable_notes(view.target, instrument=instrument) if note.onset < view.plan.length]
        if len(notes) < LEAST_NOTES:
            continue
        rows, ticks = encode_notes(notes, drums=instrument.is_drums)
        table = context_table(view.plan, role=view.role, lead=view.lead)
        streams[view.split].append((rows.astype(np.int16), table[np.minimum(ticks, view.plan.length)]))
        sources[view.split].add(view.source)
    if not all(streams.values()):
        raise CorpusError(f"No music for {instrument.slug} in one of the splits {', '.join(SPLITS)}: check --corpora.")
    joined = {split: _join_sequences(sequences) for split, sequences in streams.items()}
    return Dataset(joined, {split: tuple(sorted(found)) for split, found in sources.items()})


def _join_sequences(sequences: list[tuple[npt.NDArray[np.int16], npt.NDArray[np.int16]]]) -> Stream:
    lengths = [len(rows) for rows, _ in sequences]
    return Stream(
        rows=np.concatenate([rows for rows, _ in sequences]),
        context=np.concatenate([context for _, context in sequences]),
        starts=np.cumsum([0, *lengths[:-1]]),
    )


def save_dataset(dataset: Dataset, *, path: Path) -> None:
    arrays: dict[str, npt.NDArray[np.generic]] = {}
    for split, stream in dataset.splits.items():
        arrays |= {f"{split}.rows": stream.rows, f"{split}.context": stream.context, f"{split}.starts": stream.starts}
        arrays[f"{split}.sources"] = np.array(dataset.sources[split], dtype=np.str_)
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(path.name + ".part")
    with partial.open("wb") as file:
        np.savez_compressed(file, allow_pickle=False, **arrays)
    os.replace(partial, path)


def read_dataset(path: Path) -> Dataset:
    with np.load(path, allow_pickle=False) as stored:
        splits = {s: Stream(stored[f"{s}.rows"], stored[f"{s}.context"], stored[f"{s}.starts"]) for s in SPLITS}
        sources = {split: tuple(stored[f"{split}.sources"].tolist()) for split in SPLITS}
    if splits["train"].context.shape[1] != len(FEATURES):
        raise CorpusError(f"{path} was made for other context features: delete it and train again.")
    return Dataset(splits, sources)


def longest_run(stream: Stream) -> int:
    """How often in a row one pitch is struck by nine in ten human parts at most; at least 4."""
    longest = [_longest_repeat(stream.rows[a:b, 1]) for a, b in zip(stream.starts, stream.stops, strict=True)]
    return max(4, int(np.percentile(longest, RUN_PERCENTILE)))


def _longest_repeat(pitches: npt.NDArray[np.int16]) -> int:
    struck = pitches[pitches < PITCH_COUNT]
    edges = np.flatnonzero(np.diff(struck, prepend=-1, append=-1))
    return int(np.diff(edges).max())
