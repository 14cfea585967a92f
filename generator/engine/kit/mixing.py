"""How each version of the kit sounds: spots as the track does, beds with room for a voice, loops without an end."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from pedalboard import PeakFilter, Pedalboard

from generator.engine.audio.clicks import refuse_clicks
from generator.engine.audio.marking.embedding import Mark, mark_sound
from generator.engine.audio.mastering import Master, master_mix, mix_stems
from generator.engine.audio.performance import count_frames
from generator.engine.audio.rendering import Sound, make_sound
from generator.engine.audio.synthesis import SAMPLE_RATE, iterate_stems, name_stems
from generator.engine.kit.versions import Kind, KitPiece
from generator.engine.plan import Piece, Plan, Role

Audio = NDArray[np.float32]

_DIPS = ((400.0, -2.5, 0.8), (1_000.0, -4.0, 0.7), (2_500.0, -5.0, 0.7))
"""Hertz, decibels, Q of the bells that give the voice its place: warmth, vowels, consonants."""
_LEAD_GAIN = -5.0
"""Decibels by which the lead steps back behind a voice."""
_RING_SECONDS = 8.0
"""What sounds on after a loop's end, all rooms included."""
_TURNS = 3
_SEAM_SECONDS = 0.02


def render_version(version: KitPiece, *, sample_rate: int = SAMPLE_RATE, mark: Mark | None = None) -> Sound:
    """The version played, marked and mastered. Raises RenderError for what may not be shipped."""
    if version.kind is Kind.LOOP:
        return _render_loop(version.piece, sample_rate=sample_rate, mark=mark)
    if version.kind is Kind.VOICE_OVER:
        return _render_voice_over(version.piece, sample_rate=sample_rate, mark=mark)
    return make_sound(version.piece, sample_rate=sample_rate, mark=mark)


def _render_voice_over(piece: Piece, *, sample_rate: int, mark: Mark | None) -> Sound:
    mix = mix_stems(_step_back(piece, sample_rate=sample_rate), piece.plan, sample_rate=sample_rate)
    board = Pedalboard([PeakFilter(cutoff_frequency_hz=hertz, gain_db=gain, q=q) for hertz, gain, q in _DIPS])
    thinned = np.ascontiguousarray(board(np.ascontiguousarray(mix.T), sample_rate).T)
    marked = mark_sound(thinned, mark, sample_rate=sample_rate)
    return Sound(piece, sample_rate, master_mix(marked, piece.plan, sample_rate=sample_rate), mark=mark)


def _step_back(piece: Piece, *, sample_rate: int) -> Iterator[tuple[str, Audio]]:
    parts = name_stems(piece)
    for name, stem in refuse_clicks(iterate_stems(piece, sample_rate=sample_rate), sample_rate=sample_rate):
        is_behind = parts[name].role == Role.LEAD and len(parts) > 1
        yield name, stem * np.float32(10.0 ** (_LEAD_GAIN / 20.0)) if is_behind else stem


def _render_loop(piece: Piece, *, sample_rate: int, mark: Mark | None) -> Sound:
    """What rings on after the last bar, tails of the room included, sounds at the beginning. The mix up to there is
    linear, so that is what an endless performance would be. Mastered as the middle one of three turns: gain moves over
    the seam as it does anywhere else."""
    frames = count_frames(piece.plan, sample_rate=sample_rate)
    longer = Piece(_lengthen(piece.plan), piece.parts, piece.title, piece.source)
    stems = refuse_clicks(iterate_stems(longer, sample_rate=sample_rate), sample_rate=sample_rate)
    mix = mix_stems(stems, longer.plan, sample_rate=sample_rate)
    turn = _mark_turn(fold_over(mix, frames=frames), mark, sample_rate=sample_rate)
    master = master_mix(np.tile(turn, (_TURNS, 1)), piece.plan, sample_rate=sample_rate, fades=False)
    middle = slice(frames, 2 * frames)
    return Sound(piece, sample_rate, Master(master.audio[middle].copy(), master.curve, master.report), mark=mark)


def fold_over(mix: Audio, *, frames: int) -> Audio:
    """(frames, 2): what comes later added onto the beginning, turn for turn."""
    turns = -(-len(mix) // frames)
    padded = np.zeros((turns * frames, mix.shape[1]), np.float32)
    padded[: len(mix)] = mix
    return np.asarray(padded.reshape(turns, frames, -1).sum(axis=0, dtype=np.float32))


def _mark_turn(turn: Audio, mark: Mark | None, *, sample_rate: int) -> Audio:
    """The mark's gains at the end and at the beginning differ: it fades away towards the seam."""
    added = mark_sound(turn, mark, sample_rate=sample_rate) - turn
    edge = round(_SEAM_SECONDS * sample_rate)
    ramp = np.linspace(0.0, 1.0, edge, dtype=np.float32)[:, None]
    added[:edge] *= ramp
    added[-edge:] *= ramp[::-1]
    return turn + added


def _lengthen(plan: Plan) -> Plan:
    """The loop with time to ring out, over the chord that it comes back to."""
    bar_seconds = plan.metre.bar_ticks / 24 * 60 / plan.tempo
    bars = int(_RING_SECONDS / bar_seconds) + 1
    slots = bars * plan.metre.bar_ticks // plan.metre.chord_ticks
    return replace(
        plan,
        length=plan.length + bars * plan.metre.bar_ticks,
        chords=plan.chords + plan.chords[:1] * slots,
        energies=plan.energies + plan.energies[-1:] * bars,
    )
