"""The seal beside an answer: a shape and a word for each verdict, so that colour is never all that tells."""

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from marketplace.catalog.models import Track
from marketplace.errors import AppError

register = template.Library()

_TICK, _CROSS, _DOT, _WAVE, _BAR = (
    "M7 12.5l3.5 3.5L17 9",
    "M8 8l8 8M16 8l-8 8",
    "M12 12h.01",
    "M6 13c2-4 4-4 6 0s4 4 6 0",
    "M7 12h10",
)
_SHAPES = {
    "genuine": _TICK,
    "same": _TICK,
    "altered": _WAVE,
    "marked": _TICK,
    "ended": _BAR,
    "unknown": _CROSS,
    "sold": _TICK,
    "on_sale": _DOT,
    "reserved": _DOT,
}
_TITLES = {
    "genuine": "Genuine",
    "same": "The same music",
    "altered": "Altered",
    "marked": "Known by its sound",
    "ended": "Genuine, but ended",
    "unknown": "Not one of ours",
}
_STATES = {
    "sold": "Registered and sold",
    "reserved": "Registered and reserved",
    "on_sale": "Registered and on sale",
}
_REFUSALS = {
    "mistyped_id": "Mistyped",
    "unknown_id": "Never registered here",
    "unused_id": "Assigned, but never used",
}


@register.simple_tag
def seal(verdict: str) -> SafeString:
    """Decoration: the heading beside it says the same."""
    return format_html(
        '<svg class="seal seal-{}" viewBox="0 0 24 24" width="56" height="56" aria-hidden="true">'
        '<circle cx="12" cy="12" r="10.5"/><path d="{}"/></svg>',
        verdict,
        _SHAPES.get(verdict, _DOT),
    )


@register.filter
def verdict_title(verdict: str) -> str:
    return _TITLES.get(verdict, "")


@register.filter
def state_title(track: Track) -> str:
    """Never more than anybody may know."""
    return _STATES.get(track.status, "Registered") if track.is_public else "Registered"


@register.filter
def refusal_title(error: AppError) -> str:
    return _REFUSALS.get(error.code, "That could not be checked")
