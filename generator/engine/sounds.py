"""The sounds that an instrument can be heard with: presets of the shipped font, heard on every pitch and in tune."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from generator.engine.fields import list_words, refuse_value
from generator.engine.instruments import INSTRUMENTS, Instrument

Sounds = tuple[tuple[str, str], ...]
"""Instrument and sound, in score order, each instrument once."""


@dataclass(frozen=True, slots=True)
class Sound:
    slug: str
    name: str
    program: int
    """General MIDI program, 0-based; for drums the kit on bank 128."""
    words: str
    """What to expect of it, for whoever has to choose without hearing it."""


SOUNDS: dict[str, tuple[Sound, ...]] = {
    "piano": (
        Sound("grand", "Grand piano", 0, "warm and wide, for any style"),
        Sound("bright", "Bright piano", 1, "harder and clearer, cuts through a band"),
        Sound("electric", "Electric piano", 4, "soft bells over a round tone"),
        Sound("organ", "Drawbar organ", 16, "held without fading, church or soul"),
    ),
    "epiano": (
        Sound("tine", "Electric piano", 4, "soft bells over a round tone"),
        Sound("vibraphone", "Vibraphone", 11, "metal bars that ring, for jazz and quiet endings"),
        Sound("celesta", "Celesta", 8, "small clear bells"),
    ),
    "organ": (
        Sound("pipe", "Pipe organ", 19, "full and held, a large room"),
        Sound("drawbar", "Drawbar organ", 16, "held without fading, for soul and rock"),
        Sound("accordion", "Accordion", 21, "reedy and close, for folk"),
    ),
    "guitar": (
        Sound("nylon", "Nylon strings", 24, "round and close, classical and bossa"),
        Sound("steel", "Steel strings", 25, "bright and ringing, folk and country"),
        Sound("clean", "Clean electric", 27, "smooth, for jazz and funk"),
        Sound("overdriven", "Overdriven electric", 29, "growling and long, for rock"),
    ),
    "harp": (
        Sound("concert", "Concert harp", 46, "plucked and ringing"),
        Sound("musicbox", "Music box", 10, "tiny bells, for lullabies and wonder"),
    ),
    "violin": (
        Sound("solo", "One violin", 40, "one player, close and singing"),
        Sound("section", "String section", 48, "many players, broad and soft"),
    ),
    "viola": (
        Sound("solo", "One viola", 41, "one player, darker than a violin"),
        Sound("section", "String section", 48, "many players, broad and soft"),
    ),
    "cello": (
        Sound("solo", "One cello", 42, "one player, full and warm"),
        Sound("section", "String section", 48, "many players, broad and soft"),
    ),
    "strings": (
        Sound("ensemble", "String ensemble", 48, "many players, broad and soft"),
        Sound("slow", "Slow strings", 49, "the same with a slower bow, for pads"),
        Sound("choir", "Choir", 53, "many voices on a soft vowel"),
    ),
    "flute": (
        Sound("concert", "Concert flute", 73, "clear, with some breath"),
        Sound("pan", "Pan flute", 75, "hollow and breathy"),
    ),
    "clarinet": (
        Sound("concert", "Clarinet", 71, "round and dark below, clear above"),
        Sound("oboe", "Oboe", 68, "narrow and plaintive"),
    ),
    "bass": (
        Sound("fingered", "Fingered electric", 33, "round, sits under anything"),
        Sound("upright", "Upright", 32, "woody and short, for jazz and folk"),
        Sound("picked", "Picked electric", 34, "hard attack, for rock"),
        Sound("fretless", "Fretless electric", 35, "singing and soft"),
        Sound("synth", "Synthesiser", 38, "electronic, dark and exact"),
    ),
    "drums": (
        Sound("standard", "Standard kit", 0, "dry and balanced"),
        Sound("room", "Room kit", 8, "the same kind of kit in a live room"),
        Sound("power", "Power kit", 16, "big and loud, for rock"),
        Sound("electronic", "Electronic kit", 24, "machine sounds"),
        Sound("jazz", "Jazz kit", 32, "light, with ringing cymbals"),
        Sound("brushes", "Brushes", 40, "brushes instead of sticks"),
    ),
}
"""By instrument; the first is what is heard where nothing was chosen."""


_STYLE_SOUNDS = {
    "rock": {"organ": "drawbar", "guitar": "steel", "bass": "picked", "drums": "power"},
    "folk": {"organ": "accordion", "guitar": "steel", "bass": "upright", "drums": "room"},
    "jazz": {"organ": "drawbar", "guitar": "clean", "bass": "upright", "drums": "jazz"},
    "pop": {"organ": "drawbar"},
    "latin": {"organ": "drawbar"},
    "ambient": {"strings": "slow", "bass": "fretless", "drums": "brushes"},
    "hymn": {"bass": "upright", "drums": "brushes"},
}
"""What a style sounds like where nobody chose; the instrument's first sound otherwise."""


def choose_sound(style: str, *, instrument: str) -> str:
    """The slug of the sound that a style is played with."""
    return _STYLE_SOUNDS.get(style, {}).get(instrument, SOUNDS[instrument][0].slug)


def find_sound(instrument: str, slug: str) -> Sound | None:
    """The sound of that name, the first for an empty one, None for an unknown one."""
    offered = SOUNDS[instrument]
    return offered[0] if not slug else next((sound for sound in offered if sound.slug == slug), None)


def voice_instrument(instrument: str, slug: str) -> Instrument:
    """The instrument as it is heard. Raises KeyError for a sound that it does not have."""
    sound = find_sound(instrument, slug)
    if sound is None:
        raise KeyError(slug)
    return replace(INSTRUMENTS[instrument], program=sound.program)


_REMEDY = 'Name sounds as {"piano": "electric"} or as words such as piano=electric.'


def read_sounds(value: object) -> Sounds | None:
    """A mapping from instrument to sound, or words like 'piano=electric bass=upright'. InvalidBriefError otherwise."""
    if value is None:
        return None
    chosen: dict[str, str] = {}
    for slug, sound in _list_pairs(value):
        if slug not in SOUNDS:
            raise refuse_value("sounds", slug, _REMEDY, allowed=SOUNDS)
        if not sound or find_sound(slug, sound) is None:
            offered = [each.slug for each in SOUNDS[slug]]
            raise refuse_value("sounds", f"{slug}={sound}", f"Choose a sound of the {slug}.", allowed=offered)
        chosen[slug] = sound
    return tuple((slug, chosen[slug]) for slug in SOUNDS if slug in chosen)


def _list_pairs(value: object) -> list[tuple[str, str]]:
    if isinstance(value, Mapping):
        items = [*value.items()]
    else:
        halves = [str(word).partition("=") for word in list_words("sounds", value, remedy=_REMEDY)]
        items = [(slug, sound) for slug, _, sound in halves]
    if not all(isinstance(slug, str) and isinstance(sound, str) for slug, sound in items):
        raise refuse_value("sounds", value, _REMEDY)
    return [(slug.strip().lower(), sound.strip().lower()) for slug, sound in items]
