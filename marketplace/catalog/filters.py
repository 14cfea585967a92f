"""Narrowing the list of tracks, the same way on the page and in the API."""

from django import forms
from django.db.models import QuerySet, TextField
from django.db.models.functions import Cast

from generator.engine.instruments import INSTRUMENTS
from generator.engine.moods import MOODS
from generator.engine.styles import STYLES
from marketplace.catalog.models import Track
from marketplace.errors import InvalidInputError

LENGTHS = {
    "up-to-10": ("Up to 10 seconds", 0, 10),
    "10-to-20": ("10 to 20 seconds", 10, 20),
    "20-to-45": ("20 to 45 seconds", 20, 45),
    "over-45": ("Over 45 seconds", 45, 3600),
}
"""Slug: its name, and the seconds it starts above and ends with."""


def _choose(names: dict[str, str], *, label: str) -> forms.ChoiceField:
    refusal = f"“%(value)s” is not possible. Allowed: {', '.join(names)}."
    return forms.ChoiceField(
        label=label,
        required=False,
        choices=[("", "Any"), *names.items()],
        error_messages={"invalid_choice": refusal},
    )


class TrackFilterForm(forms.Form):
    style = _choose({slug: style.name for slug, style in STYLES.items()}, label="Style")
    mood = _choose({slug: mood.name for slug, mood in MOODS.items()}, label="Mood")
    instrument = _choose({slug: instrument.name for slug, instrument in INSTRUMENTS.items()}, label="Instrument")
    length = _choose({slug: name for slug, (name, _, _) in LENGTHS.items()}, label="Length")

    @property
    def is_narrowed(self) -> bool:
        return any(self.cleaned_data.values())

    def require_valid(self) -> "TrackFilterForm":
        """For programs: a filter that cannot be meant is refused by name."""
        if not self.is_valid():
            fields = {name: [str(text) for text in texts] for name, texts in self.errors.items()}
            raise InvalidInputError(" ".join(f"{name}: {texts[0]}" for name, texts in fields.items()), fields=fields)
        return self


def narrow_tracks(tracks: QuerySet[Track], *, form: TrackFilterForm) -> QuerySet[Track]:
    wanted = form.cleaned_data
    for name in ("style", "mood"):
        if wanted[name]:
            tracks = tracks.filter(**{name: wanted[name]})
    if wanted["instrument"]:
        # SQLite has no JSON containment: look for the quoted slug in the list's text.
        tracks = tracks.alias(instrument_list=Cast("instruments", TextField()))
        tracks = tracks.filter(instrument_list__contains=f'"{wanted["instrument"]}"')
    if wanted["length"]:
        _, above, until = LENGTHS[wanted["length"]]
        tracks = tracks.filter(seconds__gt=above, seconds__lte=until)
    return tracks
