"""The brief as a form. It only gathers what was typed: the engine judges briefs, here as everywhere."""

from base64 import b64encode
from collections.abc import Sequence
from typing import Any

from django import forms

from generator.engine.brief import DENSITY_RANGE, MAX_SEED, METRES, SECONDS_RANGE, TEMPO_RANGE
from generator.engine.instruments import INSTRUMENTS
from generator.engine.moods import MOODS
from generator.engine.network.store import available_instruments
from generator.engine.sounds import SOUNDS
from generator.engine.styles import STYLES
from generator.engine.theory.keys import ALLOWED_KEYS
from marketplace.errors import InvalidInputError

ENSEMBLES = (
    ("choose", "The ones I choose"),
    ("random", "Surprise me with three"),
    ("all", "All of them"),
)
LENGTHS = (
    ("6", "6 s"),
    ("15", "15 s"),
    ("30", "30 s"),
    ("60", "60 s"),
    ("14.5", "14.5 s, broadcast"),
    ("29.5", "29.5 s, broadcast"),
    ("59.5", "59.5 s, broadcast"),
)
NOBODY_PLAYS = "Choose at least one instrument, or let us surprise you with three."
DEFAULTS = {"ensemble": "choose", "length": "30"}


_PLAIN = ("style", "mood", "key", "metre", "tempo", "energy", "hits", "density", "motif", "seed")
"""Fields that the engine reads as they were typed."""
_DECIMALS = ("seconds", "tempo", "density")
"""Their keypad has a comma and no point where numbers are written so."""
_MOST_MIDI_BYTES = 64_000
_SOUND = "sound_"


def _list_instruments() -> list[tuple[str, str]]:
    return [(slug, INSTRUMENTS[slug].name) for slug in available_instruments()]


def _list_any(table: dict[str, str], *, empty: str) -> list[tuple[str, str]]:
    return [("", empty), *table.items()]


def _read_comma(text: str) -> str:
    """A single comma is a decimal point; thousands parted by commas are left to be refused."""
    return text.replace(",", ".") if text.count(",") == 1 and "." not in text else text


def _make_sound_field(slug: str, *, name: str) -> forms.Field:
    offered = [(sound.slug, f"{sound.name}: {sound.words}") for sound in SOUNDS[slug]]
    choices = [("", "What suits the style"), *offered]
    return forms.CharField(required=False, label=name, widget=forms.Select(choices=choices))


class BriefForm(forms.Form):
    """Fields are plain on purpose: each refusal comes from `parse_brief`, with what is allowed."""

    ensemble = forms.CharField(required=False, label="Who plays", widget=forms.RadioSelect(choices=ENSEMBLES))
    instruments = forms.Field(required=False, widget=forms.CheckboxSelectMultiple)
    style = forms.CharField(
        required=False,
        widget=forms.RadioSelect(choices=_list_any({s.slug: s.name for s in STYLES.values()}, empty="Surprise me")),
    )
    mood = forms.CharField(
        required=False,
        widget=forms.RadioSelect(choices=_list_any({m.slug: m.name for m in MOODS.values()}, empty="Surprise me")),
    )
    length = forms.CharField(required=False, widget=forms.RadioSelect(choices=LENGTHS))
    seconds = forms.CharField(
        required=False,
        label="Another length, in seconds",
        help_text=f"From {SECONDS_RANGE[0]:g} to {SECONDS_RANGE[1]:g}; leave it empty to use the length chosen above.",
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
    )
    key = forms.CharField(
        required=False, widget=forms.Select(choices=[("", "Whatever fits"), *((key, key) for key in ALLOWED_KEYS)])
    )
    metre = forms.CharField(
        required=False, widget=forms.Select(choices=[("", "Whatever fits"), *((metre, metre) for metre in METRES)])
    )
    tempo = forms.CharField(
        required=False,
        help_text=f"Quarter notes a minute, {TEMPO_RANGE[0]:g} to {TEMPO_RANGE[1]:g}; empty for whatever fits.",
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
    )
    energy = forms.CharField(
        required=False,
        label="Energy over the piece",
        help_text="Draw it, or give percents from start to end, such as 20 40 90 60; empty leaves it to the style.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "data-energy": ""}),
    )
    hits = forms.CharField(
        required=False,
        label="Hit points",
        help_text="Moments at which everybody strikes, such as 0:07 0:27.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    density = forms.CharField(
        required=False,
        help_text=f"Times the usual number of notes, {DENSITY_RANGE[0]:g} to {DENSITY_RANGE[1]:g}.",
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
    )
    motif = forms.CharField(
        required=False,
        label="Motif",
        help_text="Notes that the tune begins with: name, octave, and length in quarters, such as C5 E5:0.5 G5:1.5.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "data-motif": ""}),
    )
    motif_file = forms.FileField(
        required=False,
        label="Or a MIDI file with the motif",
        widget=forms.ClearableFileInput(attrs={"accept": ".mid,.midi,audio/midi"}),
    )
    seed = forms.CharField(
        required=False,
        help_text=f"The same brief with the same seed makes the same music. 0 to {MAX_SEED}; empty for a fresh one.",
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["instruments"].widget.choices = _list_instruments()
        for slug, name in _list_instruments():
            self.fields[_SOUND + slug] = _make_sound_field(slug, name=name)

    @property
    def sounds(self) -> list[forms.BoundField]:
        """One choice for each instrument."""
        return [self[name] for name in self.fields if name.startswith(_SOUND)]

    def read_values(self) -> dict[str, Any]:
        """The mapping that the engine reads. A typed length wins over a preset."""
        typed = self.cleaned_data | {name: _read_comma(self.cleaned_data[name]) for name in _DECIMALS}
        is_any = typed["ensemble"] in ("random", "all")
        values = {name: typed[name] for name in _PLAIN}
        if typed["motif_file"]:
            data = typed["motif_file"].read(_MOST_MIDI_BYTES + 1)
            values["motif"] = {"midi": b64encode(data).decode()}
        values["instruments"] = typed["ensemble"] if is_any else typed["instruments"]
        values["seconds"] = typed["seconds"] or typed["length"]
        sounds = {field.name.removeprefix(_SOUND): typed[field.name] for field in self.sounds}
        values["sounds"] = {slug: sound for slug, sound in sounds.items() if sound} or None
        return values

    def show_refusal(self, error: InvalidInputError) -> None:
        """Puts each message beside its field; what was typed stays."""
        nobody_plays = not self.cleaned_data["instruments"]
        for name, messages in error.fields.items():
            for message in messages:
                text = NOBODY_PLAYS if name == "instruments" and nobody_plays else message
                field = self._find_sound(message) if name == "sounds" else name
                self.add_error(field if field in self.fields else None, text)

    def _find_sound(self, message: str) -> str | None:
        """The choice that the engine refused: it names instrument and sound."""
        named = (field.name for field in self.sounds if f"'{field.name.removeprefix(_SOUND)}=" in message)
        return next(named, None)


def describe_brief(brief: dict[str, Any]) -> dict[str, Any]:
    """A job's brief as this form's initial values, without the seed: the same again would be the same music."""
    seconds = f"{brief['seconds']:g}"
    is_preset = seconds in dict(LENGTHS)
    kept = {name: brief[name] or "" for name in ("style", "mood", "key", "metre", "tempo", "instruments")}
    kept |= {"density": brief.get("density") or "", "motif": brief.get("motif") or ""}
    kept |= {name: " ".join(f"{value:g}" for value in brief.get(name) or ()) for name in ("energy", "hits")}
    kept |= {_SOUND + slug: sound for slug, sound in (brief.get("sounds") or {}).items()}
    return {
        **kept,
        "ensemble": "choose",
        "length": seconds if is_preset else "",
        "seconds": "" if is_preset else seconds,
    }


class EditForm(forms.Form):
    """What to change about a track. As with briefs, the engine judges it."""

    keep = forms.Field(required=False, label="Keep as they are", widget=forms.CheckboxSelectMultiple)
    bars = forms.CharField(
        required=False,
        label="Only these bars",
        help_text="First and last bar, such as 5-8; empty writes whole parts anew.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    seed = forms.CharField(
        required=False,
        help_text="The same edit with the same seed makes the same music; empty for a fresh one.",
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )

    def __init__(self, *args: Any, instruments: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["keep"].widget.choices = [(slug, INSTRUMENTS[slug].name) for slug in instruments]

    def read_values(self) -> dict[str, Any]:
        typed = self.cleaned_data
        return {"keep": typed["keep"] or [], "bars": typed["bars"], "seed": typed["seed"]}

    def show_refusal(self, error: InvalidInputError) -> None:
        for name, messages in error.fields.items():
            for message in messages:
                self.add_error(name if name in self.fields else None, message)
