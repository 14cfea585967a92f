"""Habits of parts, how busy and how high: measured on the training pieces, asked of new ones."""

from generator.engine.instruments import INSTRUMENTS
from generator.engine.moods import MOODS
from generator.engine.plan import Plan, Role
from generator.engine.styles import STYLES

SOLO = "solo"
"""The manner of a lead that plays chords under its own melody: a piano, a guitar. Other manners are named for roles."""

NOTES_PER_QUARTER: dict[tuple[str, str], tuple[float, float, float, float]] = {
    ("piano", "solo"): (3.5, 4.67, 5.5, 7.5),
    ("piano", "harmony"): (2.67, 4.0, 5.33, 6.5),
    ("epiano", "solo"): (3.33, 5.0, 6.0, 7.33),
    ("epiano", "harmony"): (3.0, 4.33, 5.33, 6.67),
    ("organ", "solo"): (2.5, 3.25, 3.75, 5.0),
    ("organ", "harmony"): (2.0, 2.67, 3.25, 4.33),
    ("harp", "solo"): (3.33, 4.5, 5.5, 7.0),
    ("harp", "harmony"): (3.0, 4.0, 4.67, 6.0),
    ("strings", "solo"): (2.5, 4.0, 4.75, 6.33),
    ("strings", "harmony"): (1.75, 2.67, 3.33, 4.5),
    ("guitar", "solo"): (1.75, 3.0, 3.67, 5.0),
    ("guitar", "harmony"): (1.0, 1.33, 2.0, 3.0),
    ("flute", "lead"): (0.75, 1.0, 1.33, 1.75),
    ("clarinet", "lead"): (0.67, 1.0, 1.33, 1.5),
    ("clarinet", "counter"): (0.67, 1.0, 1.25, 1.67),
    ("viola", "counter"): (0.67, 1.0, 1.0, 1.5),
    ("bass", "bass"): (0.5, 0.67, 0.8, 1.2),
    ("drums", "rhythm"): (3.75, 4.25, 4.75, 6.0),
}
"""Median notes per quarter in bars of the four quartiles of energy, by instrument and manner."""

_SINGING = (0.75, 1.0, 1.33, 2.0)
_ANSWERING = (0.5, 1.0, 1.33, 2.0)
_CARRYING = (0.58, 0.67, 1.0, 1.5)
_BY_MANNER = {"lead": _SINGING, "counter": _ANSWERING, "bass": _CARRYING}
"""For pairs not named above: medians of the quartets."""

HOMES: dict[tuple[str, str], int] = {
    ("violin", "lead"): 75,
    ("violin", "counter"): 68,
    ("viola", "lead"): 66,
    ("viola", "counter"): 61,
    ("cello", "lead"): 59,
    ("cello", "bass"): 49,
    ("flute", "lead"): 74,
    ("flute", "counter"): 74,
    ("clarinet", "lead"): 71,
    ("clarinet", "counter"): 69,
    ("bass", "bass"): 43,
    ("piano", "solo"): 74,
    ("piano", "harmony"): 67,
    ("epiano", "solo"): 71,
    ("epiano", "harmony"): 69,
    ("organ", "solo"): 74,
    ("organ", "harmony"): 72,
    ("harp", "solo"): 67,
    ("harp", "harmony"): 65,
    ("strings", "solo"): 70,
    ("strings", "harmony"): 64,
    ("guitar", "solo"): 67,
    ("guitar", "harmony"): 64,
}
"""Where the top line of a part lies on average, as MIDI pitch, by instrument and manner."""


def find_manner(instrument: str, *, role: Role) -> str:
    """How an instrument plays its role."""
    return SOLO if role is Role.LEAD and INSTRUMENTS[instrument].voices > 1 else str(role)


def find_target_density(plan: Plan, *, instrument: str, role: Role, start: int, stop: int) -> float:
    """Notes per bar that the energy of the bars in [start, stop), the style, the mood and the brief ask for."""
    usual = find_usual_density(plan, instrument=instrument, role=role, start=start, stop=stop)
    return usual * find_density(plan, instrument=instrument)


def find_usual_density(plan: Plan, *, instrument: str, role: Role, start: int, stop: int) -> float:
    """Notes per bar that people play in bars of such energy."""
    manner = find_manner(instrument, role=role)
    medians = NOTES_PER_QUARTER.get((instrument, manner)) or _BY_MANNER[manner]
    size = plan.metre.bar_ticks
    bars = range(start // size, -(-stop // size))
    last = len(plan.energies) - 1
    energies = [find_drive(plan.energies[min(bar, last)], plan=plan, instrument=instrument) for bar in bars]
    per_quarter = sum(_interpolate(medians, energy=energy) for energy in energies) / len(energies)
    return per_quarter * size / 24


_DRIVEN: dict[str, float] = {"strings": 0.65, "drums": 0.8}
"""Share of the energy that becomes notes of those who show it rather by how loud they play. Pieces that are composed
have more energy than people's; others drive, strings hold their chords and drums keep time."""


def find_drive(energy: float, *, plan: Plan, instrument: str) -> float:
    """The energy by which an instrument chooses what it plays: all of one that a person drew."""
    return energy if plan.is_drawn else energy * _DRIVEN.get(instrument, 1.0)


_FULLEST = 1.45
"""What style and mood ask for together at most; the brief's own factor comes on top."""


_HELD: dict[str, float] = {"strings": 0.2, "organ": 0.6, "drums": 0.5}
"""How much of what style and mood ask for becomes of those who hold their chords or keep time, as a power."""


def find_density(plan: Plan, *, instrument: str = "") -> float:
    """Factor on the usual number of notes that style, mood and brief ask for together, of an instrument if one is
    named."""
    style = STYLES[plan.style].density if plan.style in STYLES else 1.0
    together: float = min(style * MOODS[plan.mood].density, _FULLEST) ** _HELD.get(instrument, 1.0)
    return together * plan.density


def _interpolate(medians: tuple[float, float, float, float], *, energy: float) -> float:
    """Between the middles of the quartiles, 1/8, 3/8, 5/8 and 7/8; level beyond them."""
    place = min(max(energy * 4 - 0.5, 0.0), 3.0)
    low = min(int(place), 2)
    return medians[low] + (medians[low + 1] - medians[low]) * (place - low)
