"""A song with an intro, two themes and a close, written out in code, for the spot kit."""

from collections.abc import Sequence

from generator.engine.plan import Chord, Key, Metre, Mode, Piece, Plan, Role, Section
from generator.engine.score import Note, Part

_I, _II, _IV, _V, _VI = Chord(0, "maj"), Chord(2, "min"), Chord(5, "maj"), Chord(7, "maj"), Chord(9, "min")
FOUR_FOUR = Metre(4, 4)
_FORM = (("intro", 2), ("A", 8), ("B", 8), ("A", 8), ("outro", 2))
_CHORDS = {"intro": (_I, _VI), "A": (_I, _VI, _IV, _V), "B": (_IV, _II, _VI, _V), "outro": (_V, _I)}
_TUNES = {"A": (0, 2, 1, 3, 2, 4, 3, 1), "B": (4, 3, 5, 2, 4, 1, 3, 0), "outro": (3, 2, 1, 0)}
_SCALE = (72, 74, 76, 79, 81, 84)


def make_song(
    *slugs: str, tempo: float = 112.0, metre: Metre = FOUR_FOUR, form: Sequence[tuple[str, int]] = _FORM
) -> Piece:
    """Parts of `slugs` (piano, violin, bass, drums) over the form, closing V-I. The lead waits for the intro's end."""
    starts = [sum(bars for _, bars in form[:place]) for place in range(len(form))]
    bars = sum(size for _, size in form)
    per_bar = metre.bar_ticks // metre.chord_ticks
    names = [name for name, size in form for _ in range(size)]
    chords = [
        _CHORDS[name][bar % len(_CHORDS[name])]
        for (name, size), _ in zip(form, starts, strict=True)
        for bar in range(size)
    ]
    plan = Plan(
        style="pop",
        mood="bright",
        key=Key(tonic=2, mode=Mode.MAJOR),
        metre=metre,
        tempo=tempo,
        length=bars * metre.bar_ticks,
        sections=tuple(Section(name, start, size, 0.6) for (name, size), start in zip(form, starts, strict=True)),
        chords=tuple(chord for chord in chords for _ in range(per_bar)),
        energies=(0.6,) * bars,
    )
    makers = {"violin": _play_tune, "piano": _play_chords, "bass": _play_roots, "drums": _play_beat}
    roles = {"violin": Role.LEAD, "piano": Role.HARMONY, "bass": Role.BASS, "drums": Role.RHYTHM}
    lead = "violin" if "violin" in slugs else "piano"
    parts = [Part(slug, Role.LEAD if slug == lead else roles[slug], makers[slug](plan, names)) for slug in slugs]
    return Piece(plan, tuple(parts), title="Song")


def _play_tune(plan: Plan, names: Sequence[str]) -> tuple[Note, ...]:
    """Eight notes a bar at most, another turn in every bar, a held note in the last."""
    size, step = plan.metre.bar_ticks, plan.metre.beat_ticks // 2
    notes = [Note((len(names) - 1) * size, 72, size, 84)]
    for bar, name in enumerate(names[:-1]):
        tune = _TUNES.get(name, ())
        for place, tone in enumerate(tune):
            if place * step < size and (place + bar) % 3:
                notes.append(Note(bar * size + place * step, _SCALE[(tone + bar // 4) % 6], step, 80))
    return tuple(notes)


def _play_chords(plan: Plan, names: Sequence[str]) -> tuple[Note, ...]:
    beat, size = plan.metre.beat_ticks, plan.metre.bar_ticks
    return tuple(
        Note(onset, 48 + (tone - 48) % 12 + 12 * (place == 1), beat, 64 + (onset // size) % 7)
        for onset in range(0, plan.length, beat)
        for place, tone in enumerate(plan.chord_at(onset).pitch_classes[:3])  # type: ignore[union-attr]
    )


def _play_roots(plan: Plan, names: Sequence[str]) -> tuple[Note, ...]:
    beat = plan.metre.beat_ticks
    return tuple(
        Note(onset, 36 + (plan.chord_at(onset).root - 36) % 12, beat, 76)  # type: ignore[union-attr]
        for onset in range(0, plan.length, 2 * beat)
    )


def _play_beat(plan: Plan, names: Sequence[str]) -> tuple[Note, ...]:
    beat = plan.metre.beat_ticks
    strokes = [Note(onset, 42, beat // 2, 60) for onset in range(0, plan.length, beat // 2)]
    strokes += [Note(onset, (36, 38)[onset // beat % 2], beat // 2, 88) for onset in range(0, plan.length, beat)]
    return tuple(strokes)
