"""Leanings: by how much a model asks for more or less of a trait than the phrase of people's that it is.

What an instrument's network offers lies to one side of people, what is mended afterwards (clashes) moves it further,
and chords that are heard out of the notes are not those of the plan: asked for what people do, finished parts come out
beside it by so much. The figures come from four samples of 24 pieces, beside held-out parts.
"""

from generator.engine.composing.traits import Traits

_BY_MANNER: dict[str, Traits] = {
    "bass": {"consonance": -0.06},
    "counter": {"consonance": -0.05},
    "harmony": {"consonance": -0.02},
}
_BY_INSTRUMENT: dict[str, Traits] = {
    "piano": {"chord_tones": -0.02, "rhythm": -0.03, "chromatic": 0.02},
    "epiano": {"rhythm": -0.06, "chromatic": 0.02},
    "organ": {"chord_tones": -0.02, "consonance": -0.03, "chromatic": 0.015},
    "guitar": {"chord_tones": -0.10, "chromatic": -0.01},
    "harp": {"chord_tones": -0.05, "chromatic": 0.03},
    "violin": {"chord_tones": 0.02, "rhythm": 0.05},
    "viola": {"consonance": -0.06, "rhythm": -0.06, "chromatic": 0.02},
    "cello": {"consonance": -0.08, "rhythm": -0.08, "chromatic": 0.02},
    "strings": {"chord_tones": -0.04, "consonance": -0.08, "chromatic": 0.03},
    "flute": {"chord_tones": 0.02, "rhythm": 0.03},
    "clarinet": {"chord_tones": 0.06, "rhythm": -0.06, "chromatic": 0.015},
    "bass": {"chord_tones": 0.02, "consonance": -0.02, "rhythm": -0.06, "chromatic": 0.015},
}


def lean_model(model: Traits, *, instrument: str, manner: str) -> Traits:
    """The model as it is asked for."""
    leaned = dict(model)
    for leaning in (_BY_MANNER.get(manner, {}), _BY_INSTRUMENT.get(instrument, {})):
        leaned |= {name: leaned[name] + shift for name, shift in leaning.items()}
    return leaned
