"""The originality report on a track's page: what it says, and both melodies as piano rolls drawn into the page."""

from typing import Any

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from generator.engine.originality.stretches import name_pitch
from marketplace.catalog.models import Track
from marketplace.rights.originality_report import find_report

register = template.Library()

_ROW = 8
"""Units of the drawing per semitone; a tick is one unit wide."""

_PADDING = 2
"""Semitones above and below the notes."""

Json = dict[str, Any]


@register.simple_tag(takes_context=True)
def originality_report(context: dict[str, Any], track: Track) -> Json | None:
    """The report, if the person looking at the track may read it."""
    return find_report(track, company=context["request"].company)


@register.simple_tag
def our_melody(picture: Json) -> SafeString:
    """This track's bars around the stretch, with the stretch marked."""
    common = {tuple(note) for note in picture["common"]}
    notes = [(note, tuple(note) in common) for note in picture["notes"]]
    last = picture["first_bar"] + picture["bars"] - 1
    label = f"This track, bars {picture['first_bar']} to {last}. In common: {_name_notes(picture['common'], shift=0)}."
    return _draw(picture, notes=notes, shift=0, label=label)


@register.simple_tag
def other_melody(picture: Json, name: str) -> SafeString:
    """Of the other melody the stretch alone, at its own pitch."""
    shift = picture["shift"]
    label = f"{name}, the passage in common: {_name_notes(picture['common'], shift=shift)}."
    return _draw(picture, notes=[(note, True) for note in picture["common"]], shift=shift, label=label)


def _name_notes(notes: list[list[int]], *, shift: int) -> str:
    return " ".join(name_pitch(pitch + shift) for _, pitch, _ in notes)


def _draw(picture: Json, *, notes: list[tuple[list[int], bool]], shift: int, label: str) -> SafeString:
    """Both pictures have one scale: what stands above the other is the same moment."""
    pitches = [note[1] for note in picture["notes"]]
    top, bottom = max(pitches) + _PADDING, min(pitches) - _PADDING
    width, height = picture["bars"] * picture["bar_ticks"], (top - bottom + 1) * _ROW
    lines = format_html_join(
        "", '<path d="M{0} 0V{1}"/>', ((bar * picture["bar_ticks"], height) for bar in range(picture["bars"] + 1))
    )
    drawn = format_html_join(
        "",
        '<rect class="{}" x="{}" y="{}" width="{}" height="{}"><title>{}</title></rect>',
        (
            ("roll-common" if is_common else "roll-note", on, (top - pitch) * _ROW, max(length - 2, 2), _ROW,
             name_pitch(pitch + shift))
            for (on, pitch, length), is_common in notes
        ),
    )  # fmt: skip
    return format_html(
        '<svg class="roll" viewBox="0 0 {} {}" preserveAspectRatio="none" role="img" aria-label="{}">{}{}</svg>',
        width,
        height,
        label,
        lines,
        drawn,
    )
