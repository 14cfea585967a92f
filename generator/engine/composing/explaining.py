"""The critic's scores in words."""

from generator.engine.composing.critic import Listening
from generator.engine.plan import Role

_SHARES = {"chord_tones": "chord tones on the beats", "consonance": "consonant with the lead"}
_FAR = {
    "foreign": "notes from outside key and chord",
    "chromatic": "notes from outside the key",
    "steps": "stepwise motion",
    "repeats": "repeated notes",
    "rhythm": "rhythmic unity",
    "presence": "sounding through",
    "echo": "likeness of bars",
}
_COUNTED = frozenset({"foreign", "chromatic", "repeats"})
_NAMES = {
    "density": "density",
    "rhythm": "rhythmic unity",
    "fill": "fills at section ends",
    "pulse": "keeping the beat",
    "downbeats": "marking the bar",
}


def explain_scores(scores: dict[str, float], *, listening: Listening, candidates: int) -> str:
    """One or two sentences for people."""
    opening = f"The best of {candidates} candidates per phrase"
    said = ["no empty bar" if scores["silence"] >= 1.0 else "with rests"]
    if listening.role is Role.RHYTHM:
        weakest = min(_NAMES, key=lambda name: scores.get(name, 1.0))
        return f"{opening}: {', '.join(said)}; weakest in {_NAMES[weakest]}."
    people = listening.people.usual
    for name in ("consonance", "chord_tones"):
        if name in scores:
            said.insert(0, f"{scores[name]:.0%} {_SHARES[name]} (people: {people[name]:.0%})")
    farthest = max(
        (name for name in _FAR if name in scores),
        key=lambda name: abs(scores[name] - people[name]) / listening.people.judged_spreads[name],
    )
    less = "fewer" if farthest in _COUNTED else "less"
    way = "more" if scores[farthest] > people[farthest] else less
    return f"{opening}, the nearest to how people play: {', '.join(said)}; {way} {_FAR[farthest]} than usual."
