"""Walking bass: a line of quarters that carries each chord on its first beat and leads into the next one.

The network's own pitches stand wherever they serve; what it held is filled in by step, as bassists do.
"""

from collections.abc import Sequence
from dataclasses import replace

from generator.engine.composing.finishing import find_closing, find_nearest_pitch
from generator.engine.instruments import INSTRUMENTS, Instrument
from generator.engine.metrics import SCALES, find_sounding
from generator.engine.plan import Chord, Plan, Role
from generator.engine.score import Note

_WALKING = frozenset({"jazz"})
_LEAST_ENERGY = 0.3
"""Below it the bass plays in two, as the network does."""

_DETACHED = 2
"""Ticks between a note and the next one."""

_LEVEL = 78
_FARTHEST = 7


def is_walking(plan: Plan, *, role: Role) -> bool:
    return role is Role.BASS and plan.style in _WALKING and not plan.metre.is_compound


def walk_line(notes: Sequence[Note], *, plan: Plan, instrument: str, start: int, stop: int) -> tuple[Note, ...]:
    """The line with a note on every beat in [start, stop) of the bars that have energy enough, up to the closing
    chord."""
    player, beat, size = INSTRUMENTS[instrument], plan.metre.beat_ticks, plan.metre.bar_ticks
    walked: list[Note] = []
    for tick in range(start, min(stop, find_closing(plan)), beat):
        if plan.energies[min(tick // size, len(plan.energies) - 1)] < _LEAST_ENERGY:
            continue
        heard = find_sounding(notes, tick=tick)
        own = heard[-1] if heard else None
        before = walked[-1].pitch if walked else (own.pitch if own else player.lowest + 12 - plan.key.shift)
        pitch = _choose_pitch(tick, own=own, before=before, plan=plan, player=player)
        level = own.velocity if own else _LEVEL
        walked.append(Note(tick, pitch, beat - _DETACHED, level))
    taken = {note.onset // beat for note in walked}
    skips = [note for note in notes if note.onset // beat not in taken or _is_skip(note, beat=beat)]
    return _detach(sorted([*walked, *skips]))


def _is_skip(note: Note, *, beat: int) -> bool:
    """A short note just before the next beat is a walker's skip; anything else between beats gives way."""
    return note.onset % beat >= beat // 2 and note.duration <= beat // 2


def _choose_pitch(tick: int, *, own: Note | None, before: int, plan: Plan, player: Instrument) -> int:
    chord, following = plan.chord_at(tick), plan.chord_at(tick + plan.metre.beat_ticks)
    if chord is None:
        return own.pitch if own else before
    is_own_near = own is not None and own.pitch != before and abs(own.pitch - before) <= _FARTHEST
    if tick == 0 or plan.chord_at(tick - 1) != chord or tick % plan.metre.bar_ticks == 0:
        if own is not None and is_own_near and own.pitch % 12 in chord.pitch_classes:
            return own.pitch
        return find_nearest_pitch(before, tones=(chord.root,), plan=plan, player=player)
    if following is not None and following != chord:
        return _approach(following, before=before, plan=plan, player=player)
    if own is not None and is_own_near and own.onset == tick:
        return own.pitch
    return _step_on(chord, before=before, plan=plan, player=player)


def _approach(following: Chord, *, before: int, plan: Plan, player: Instrument) -> int:
    """A semitone from the next root, from the side on which the line lies."""
    root = find_nearest_pitch(before, tones=(following.root,), plan=plan, player=player)
    side = 1 if before > root else -1
    low = player.lowest - plan.key.shift
    return root + side if root + side >= low else root + 1


def _step_on(chord: Chord, *, before: int, plan: Plan, player: Instrument) -> int:
    """The next tone of chord or key in the direction that leaves room, never the same note again."""
    tones = sorted(SCALES[plan.key.mode] | set(chord.pitch_classes))
    middle = (player.lowest + player.highest) // 2 - plan.key.shift
    way = 1 if before < middle - 3 else -1
    return find_nearest_pitch(
        before + 2 * way, tones=tuple(tone for tone in tones if tone != before % 12), plan=plan, player=player
    )


def _detach(notes: Sequence[Note]) -> tuple[Note, ...]:
    """Each note ends before the next one."""
    ends = [note.onset for note in notes[1:]] + [notes[-1].end if notes else 0]
    return tuple(
        replace(note, duration=max(min(note.duration, end - note.onset), 1))
        for note, end in zip(notes, ends, strict=True)
        if end > note.onset
    )
