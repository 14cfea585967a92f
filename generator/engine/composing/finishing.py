"""Finishing a part: notes stay inside the piece, single lines do not overlap, and the last chord is held to the end."""

from collections.abc import Sequence
from dataclasses import replace

from generator.engine.instruments import INSTRUMENTS, Instrument
from generator.engine.plan import Chord, Plan, Role
from generator.engine.score import Note

KICK, CRASH = 36, 49
_NEAR = 6
"""Semitones from a line's last note within which its closing note is looked for."""
_FARTHEST = 12
"""Semitones by which the top of a lead's closing chord may lie above or below its last top note."""
_HIGH_ROOT = 52
"""A closing chord built above this gets its root an octave lower too."""


def find_closing(plan: Plan) -> int:
    """Tick of the closing chord: where the chord that the piece ends with was last struck, at most a bar and a half
    before the end, on a downbeat if the piece has two."""
    size = plan.metre.bar_ticks
    whole, rest = divmod(plan.length, size)
    bars = whole + (rest >= size / 2)
    if bars >= 2:
        return (bars - 1) * size
    slot = len(plan.chords) - 1
    while slot > 0 and plan.chords[slot - 1] == plan.chords[-1]:
        slot -= 1
    return slot * plan.metre.chord_ticks


def finish_part(notes: Sequence[Note], *, plan: Plan, instrument: str, role: Role) -> tuple[Note, ...]:
    """The part as it is stored: closed, clipped to the piece, playable."""
    player = INSTRUMENTS[instrument]
    closing = find_closing(plan)
    before = [note for note in notes if note.onset < closing]
    struck = [note for note in notes if closing <= note.onset < plan.length]
    if role is Role.RHYTHM:
        return clip_notes([*before, *_close_drums(struck, plan=plan, at=closing)], plan=plan, player=player)
    if player.voices == 1:
        close = _close_line(struck, before=before, plan=plan, player=player)
    else:
        top = _find_last_top(before, plan=plan) if role is Role.LEAD else None
        close = _close_chord(struck, before=before, top=top, plan=plan, player=player)
    return clip_notes([*before, *close], plan=plan, player=player)


def clip_notes(notes: Sequence[Note], *, plan: Plan, player: Instrument) -> tuple[Note, ...]:
    """Notes end with the piece; a repeated pitch, or any next note of a single line, ends the one before it."""
    kept: list[Note] = []
    for note in sorted(notes):
        if kept and player.voices == 1 and kept[-1].onset == note.onset:
            continue
        for place in range(max(len(kept) - 8, 0), len(kept)):
            earlier = kept[place]
            if earlier.end > note.onset and (player.voices == 1 or earlier.pitch == note.pitch):
                kept[place] = replace(earlier, duration=max(note.onset - earlier.onset, 1))
        duration = max(min(note.duration, plan.length - note.onset), 1)
        kept.append(note if duration == note.duration else replace(note, duration=duration))
    return tuple(kept)


def _close_drums(struck: Sequence[Note], *, plan: Plan, at: int) -> list[Note]:
    """One last hit: what the network plays on the downbeat, over a kick and a crash."""
    level = max((note.velocity for note in struck if note.onset == at), default=90)
    keys = {note.pitch: note for note in struck if note.onset == at}
    for key in (KICK, CRASH):
        keys.setdefault(key, Note(onset=at, pitch=key, duration=plan.length - at, velocity=level))
    return [replace(note, duration=plan.length - at, micro=0) for note in keys.values()]


def _close_line(struck: Sequence[Note], *, before: Sequence[Note], plan: Plan, player: Instrument) -> list[Note]:
    """One held note of the last chord, near where the line is; the root for a bass."""
    at = find_closing(plan)
    chord = plan.chords[-1]
    opening = struck[0] if struck and struck[0].onset - at < plan.metre.beat_ticks else None
    last = before[-1].pitch if before else None
    near = opening.pitch if opening else last if last is not None else (player.lowest + player.highest) // 2
    if last is not None:
        near = min(max(near, last - _NEAR), last + _NEAR)
    velocity = opening.velocity if opening else (before[-1].velocity if before else 72)
    tones = (chord.root,) if chord and player.roles[0] is Role.BASS else chord.pitch_classes if chord else (near % 12,)
    pitch = find_nearest_pitch(near, tones=tones, plan=plan, player=player)
    return [Note(onset=at, pitch=pitch, duration=plan.length - at, velocity=velocity)]


def _find_last_top(before: Sequence[Note], *, plan: Plan) -> int | None:
    """The highest pitch that sounds in the beat before the closing chord, or at the last stroke before it."""
    since = min(find_closing(plan) - plan.metre.beat_ticks, before[-1].onset) if before else 0
    return max((note.pitch for note in before if note.end > since), default=None)


def _close_chord(
    struck: Sequence[Note], *, before: Sequence[Note], top: int | None, plan: Plan, player: Instrument
) -> list[Note]:
    """The chord that the network strikes or spreads within the first beat, chord tones only, held; at least a root and
    a third above where the part last was. A lead's lies near its last `top`."""
    at, chord = find_closing(plan), plan.chords[-1]
    tones = chord.pitch_classes if chord else ()
    opening = [note for note in struck if note.onset - at < plan.metre.beat_ticks and note.pitch % 12 in tones]
    held = {note.pitch: replace(note, duration=plan.length - note.onset) for note in reversed(opening)}
    pitches = sorted(held)
    if chord is not None:
        if len(held) < 3:
            pitches = sorted({*held, *_build_chord(chord, before=before, plan=plan, player=player)})
        if top is not None and pitches and abs(pitches[-1] - top) > _FARTHEST:
            pitches = _hang_chord(chord, top=top, before=before, plan=plan, player=player)
        pitches = _stand_on_root(pitches, chord=chord, plan=plan, player=player)
    level = _level(before)
    return [held.get(pitch) or Note(at, pitch, plan.length - at, level) for pitch in pitches]


def _stand_on_root(pitches: Sequence[int], *, chord: Chord, plan: Plan, player: Instrument) -> list[int]:
    """Over a root where the hand reaches one from the top; of more than can sound, what lies low in the middle goes."""
    if not pitches:
        return []
    lowest = max(player.lowest - plan.key.shift, pitches[-1] - player.span)
    kept = [pitch for pitch in pitches if pitch >= lowest]
    root = kept[0] - (kept[0] - chord.root) % 12
    root += 12 if root < lowest else 0
    if root < kept[-1]:
        kept = [root, *(pitch for pitch in kept if pitch > root)]
    return kept if len(kept) <= player.voices else [kept[0], *kept[1 - player.voices :]]


def _hang_chord(chord: Chord, *, top: int, before: Sequence[Note], plan: Plan, player: Instrument) -> list[int]:
    """The chord in close position below the tone nearest to `top`, over the root nearest to the lowest of the last
    notes played that the hand reaches."""
    highest = find_nearest_pitch(top, tones=chord.pitch_classes, plan=plan, player=player)
    close = [pitch for pitch in range(highest - 12, highest) if pitch % 12 in chord.pitch_classes][-2:]
    low = max(min(note.pitch for note in before[-8:]), highest - player.span + 6)
    root = find_nearest_pitch(low, tones=(chord.root,), plan=plan, player=player)
    least = player.lowest - plan.key.shift
    return sorted({pitch for pitch in (root, *close) if least <= pitch < highest} | {highest})


def _build_chord(chord: Chord, *, before: Sequence[Note], plan: Plan, player: Instrument) -> list[int]:
    """Root, third and fifth in close position, the root nearest to the lowest of the last notes played."""
    low = min((note.pitch for note in before[-8:]), default=player.lowest + 12)
    root = find_nearest_pitch(low, tones=(chord.root,), plan=plan, player=player)
    pitches = [root + (tone - chord.root) % 12 for tone in chord.pitch_classes[:3]]
    if root - 12 >= player.lowest - plan.key.shift and root > _HIGH_ROOT:
        pitches.append(root - 12)
    return [pitch for pitch in pitches if pitch <= player.highest - plan.key.shift]


def find_nearest_pitch(near: int, *, tones: Sequence[int], plan: Plan, player: Instrument) -> int:
    """The pitch of one of the classes that lies nearest and that the player has in the sounding key."""
    low, high = player.lowest - plan.key.shift, player.highest - plan.key.shift
    playable = [pitch for pitch in range(low, high + 1) if pitch % 12 in tones]
    return min(playable, key=lambda pitch: (abs(pitch - near), pitch))


def list_lasting_tones(plan: Plan, *, start: int, stop: int) -> list[int]:
    """Pitch classes of the chord at `start` that all chords within [start, stop) have, or else its root alone; empty
    where there is no chord."""
    chords = [chord for tick in range(start, stop, plan.metre.chord_ticks) if (chord := plan.chord_at(tick))]
    if not chords:
        return []
    lasting = [tone for tone in chords[0].pitch_classes if all(tone in chord.pitch_classes for chord in chords)]
    return lasting or [chords[0].root]


def _level(before: Sequence[Note]) -> int:
    recent = [note.velocity for note in before[-8:]]
    return round(sum(recent) / len(recent)) if recent else 72
