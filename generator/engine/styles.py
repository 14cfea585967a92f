"""Styles: what the word in a brief means in numbers. Data only; the conductor and the composer read it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from generator.engine.plan import Role

NETWORK_LABELS: Mapping[str, str] = {
    "piano": "art-song",
    "epiano": "art-song",
    "organ": "classical",
    "guitar": "guitar",
    "harp": "art-song",
    "violin": "classical",
    "viola": "classical",
    "cello": "classical",
    "strings": "classical",
    "flute": "art-song",
    "clarinet": "art-song",
    "bass": "classical",
    "drums": "pop",
}
"""The corpus label that conditions each instrument's network unless the style says otherwise."""

_SECOND_VOICES: Mapping[str, str] = {"flute": "classical"}
"""Labels under which alone an instrument learned to play a second voice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Harmony:
    """What the chord network is conditioned on. Each level is the tercile of songs: 0 low, 1 middle, 2 high."""

    label: str
    """Corpus that the chords are learned from: 'pop', 'classical', 'art-song', 'folk' or 'guitar'."""
    pace: int
    """How often the chord changes."""
    sevenths: int
    """Share of dominant sevenths."""
    colour: int
    """Share of chords with notes outside the key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    slug: str
    name: str
    meaning: str
    tempo: tuple[float, float]
    metres: tuple[tuple[str, int], ...]
    """Metre and its weight in the draw."""
    harmony: Harmony
    form: str
    """Family of forms: 'song' (A A B A), 'chorus' (A B A B), 'binary' (A A B B) or 'growth' (A A A B)."""
    curve: str
    """Shape of the energy over the piece: 'build', 'arch', 'wave' or 'steady'."""
    energy: tuple[float, float]
    """Energy of the quietest and of the fullest section."""
    cadences: tuple[str, ...]
    """Ways to close, likeliest first: 'V-I', 'IV-I' or 'bVII-I'."""
    leads: tuple[str, ...]
    """Who takes the melody, best first."""
    chords: tuple[str, ...]
    """Who plays the chords, best first; where nobody else can sing, the melody too."""
    connection: float
    """Sounding share of a melodic note's time to the next one: below 1 detached, above 1 overlapping."""
    moods: tuple[str, ...]
    """Moods that come naturally, for briefs that name none."""
    is_chorale: bool = False
    """Whether it is sung: chords in four voices on the beats, and phrases that end on held notes."""
    density: float = 1.0
    """Factor on how many notes a bar is expected to hold."""
    labels: Mapping[str, str] = field(default_factory=dict)
    """Corpus label per instrument where it differs from `NETWORK_LABELS`."""

    def network_label(self, instrument: str, *, role: str) -> str:
        second = _SECOND_VOICES.get(instrument) if role == Role.COUNTER else None
        return second or self.labels.get(instrument, NETWORK_LABELS[instrument])


_SINGERS = ("violin", "flute", "clarinet", "guitar", "piano", "cello", "viola")

_STYLES = (
    Style(
        slug="pop",
        name="Pop",
        meaning="four-bar chord cycles, verse and chorus, a lead that keeps coming back",
        tempo=(92, 124),
        metres=(("4/4", 1),),
        harmony=Harmony(label="pop", pace=1, sevenths=0, colour=0),
        form="chorus",
        curve="build",
        energy=(0.4, 0.8),
        cadences=("V-I", "IV-I"),
        leads=("flute", "violin", "clarinet", "guitar", "piano", "cello", "viola"),
        chords=("piano", "epiano", "guitar", "strings", "organ", "harp"),
        connection=0.95,
        moods=("bright", "playful", "calm"),
        labels={"drums": "pop", "bass": "art-song"},
    ),
    Style(
        slug="rock",
        name="Rock",
        meaning="driving drums, plain triads, flat-seventh chords, loud from the start",
        tempo=(108, 146),
        metres=(("4/4", 1),),
        harmony=Harmony(label="pop", pace=1, sevenths=0, colour=2),
        form="chorus",
        curve="build",
        energy=(0.6, 0.95),
        cadences=("bVII-I", "IV-I", "V-I"),
        leads=("guitar", "violin", "piano", "flute", "clarinet", "cello", "viola"),
        chords=("guitar", "organ", "piano", "epiano", "strings", "harp"),
        density=1.25,
        connection=0.9,
        moods=("heroic", "tense", "bright"),
        labels={"drums": "rock", "bass": "art-song"},
    ),
    Style(
        slug="folk",
        name="Folk",
        meaning="fiddle-tune melodies over few chords, dance metres, even phrases",
        tempo=(92, 126),
        metres=(("4/4", 3), ("3/4", 2), ("6/8", 3)),
        harmony=Harmony(label="folk", pace=1, sevenths=1, colour=0),
        form="binary",
        curve="wave",
        energy=(0.45, 0.75),
        cadences=("V-I",),
        leads=("violin", "flute", "clarinet", "guitar", "viola", "cello", "piano"),
        chords=("guitar", "piano", "harp", "strings", "organ", "epiano"),
        density=1.05,
        connection=0.92,
        moods=("bright", "playful", "calm"),
        labels={"violin": "folk", "flute": "folk", "drums": "latin", "bass": "art-song"},
    ),
    Style(
        slug="classical",
        name="Classical",
        meaning="quartet writing: functional harmony, periods that answer each other, clear cadences",
        tempo=(84, 132),
        metres=(("4/4", 3), ("3/4", 3), ("6/8", 1)),
        harmony=Harmony(label="classical", pace=1, sevenths=1, colour=1),
        form="song",
        curve="wave",
        energy=(0.35, 0.75),
        cadences=("V-I",),
        leads=_SINGERS,
        chords=("piano", "strings", "harp", "guitar", "organ", "epiano"),
        density=1.15,
        connection=0.95,
        moods=("bright", "calm", "playful", "tense"),
        labels={"flute": "classical", "clarinet": "classical", "drums": "soul"},
    ),
    Style(
        slug="cinematic",
        name="Cinematic",
        meaning="slow harmony, long lines, one rise from near silence to everything",
        tempo=(66, 96),
        metres=(("4/4", 4), ("3/4", 1), ("6/8", 1)),
        harmony=Harmony(label="pop", pace=0, sevenths=0, colour=1),
        form="growth",
        curve="build",
        energy=(0.25, 0.95),
        cadences=("IV-I", "V-I", "bVII-I"),
        leads=("violin", "cello", "flute", "clarinet", "piano", "viola", "guitar"),
        chords=("strings", "piano", "harp", "organ", "guitar", "epiano"),
        density=0.85,
        connection=1.0,
        moods=("heroic", "tense", "sad"),
        labels={"drums": "rock", "bass": "art-song"},
    ),
    Style(
        slug="ambient",
        name="Ambient",
        meaning="few notes, slow chords that hold, a level that hardly moves",
        tempo=(60, 84),
        metres=(("4/4", 3), ("3/4", 1)),
        harmony=Harmony(label="pop", pace=0, sevenths=0, colour=0),
        form="growth",
        curve="arch",
        energy=(0.1, 0.35),
        cadences=("IV-I",),
        leads=("flute", "violin", "clarinet", "piano", "guitar", "cello", "viola"),
        chords=("epiano", "strings", "harp", "piano", "organ", "guitar"),
        density=0.6,
        connection=1.0,
        moods=("calm", "sad"),
        labels={"drums": "soul", "bass": "art-song"},
    ),
    Style(
        slug="hymn",
        name="Hymn",
        meaning="chords in four voices on the beats, singable lines, phrases that come to rest, full closes",
        tempo=(76, 100),
        metres=(("4/4", 3), ("3/4", 2)),
        harmony=Harmony(label="art-song", pace=1, sevenths=1, colour=0),
        is_chorale=True,
        form="song",
        curve="arch",
        energy=(0.3, 0.6),
        cadences=("V-I", "IV-I"),
        leads=("flute", "violin", "clarinet", "viola", "cello", "piano", "guitar"),
        chords=("organ", "piano", "strings", "harp", "guitar", "epiano"),
        density=0.8,
        connection=1.0,
        moods=("calm", "heroic", "sad"),
        labels={"drums": "soul", "bass": "art-song"},
    ),
    Style(
        slug="jazz",
        name="Jazz",
        meaning="seventh chords that change often, off-beat phrasing, swung drums",
        tempo=(100, 152),
        metres=(("4/4", 5), ("3/4", 1)),
        harmony=Harmony(label="pop", pace=2, sevenths=2, colour=2),
        form="song",
        curve="wave",
        energy=(0.4, 0.75),
        cadences=("V-I",),
        leads=("flute", "piano", "violin", "clarinet", "guitar", "cello", "viola"),
        chords=("piano", "epiano", "guitar", "organ", "strings", "harp"),
        density=1.1,
        connection=0.9,
        moods=("playful", "bright", "calm"),
        labels={"drums": "jazz", "bass": "art-song"},
    ),
    Style(
        slug="latin",
        name="Latin",
        meaning="minor sevenths and dominants in short cycles, syncopated bass and drums that never stop",
        tempo=(96, 126),
        metres=(("4/4", 1),),
        harmony=Harmony(label="pop", pace=2, sevenths=2, colour=1),
        form="chorus",
        curve="steady",
        energy=(0.55, 0.85),
        cadences=("V-I", "IV-I"),
        leads=("guitar", "flute", "violin", "clarinet", "piano", "cello", "viola"),
        chords=("guitar", "piano", "epiano", "organ", "strings", "harp"),
        density=1.15,
        connection=0.88,
        moods=("playful", "bright", "tense"),
        labels={"drums": "latin", "bass": "art-song"},
    ),
)


STYLES: Mapping[str, Style] = {style.slug: style for style in _STYLES}
