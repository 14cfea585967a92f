"""The demonstration: who can log in, and the briefs of the small catalogue. Data only; the launcher prints it."""

from collections.abc import Mapping
from typing import Any

DEMO_EMAIL, DEMO_PASSWORD, DEMO_COMPANY = "demo@onetake.local", "one-take-demo", "Demo Bakery"
ADMIN_EMAIL, ADMIN_PASSWORD = "admin@onetake.local", "one-take-admin"
HOUSE_COMPANY = "Onetake Catalogue"

CATALOGUE: tuple[Mapping[str, Any], ...] = (
    {"instruments": ["piano", "violin"], "style": "cinematic", "mood": "heroic", "seconds": 30, "seed": 1101},
    {"instruments": ["guitar"], "style": "folk", "mood": "calm", "seconds": 15, "seed": 1102},
    {"instruments": ["piano", "guitar", "violin"], "style": "pop", "mood": "bright", "seconds": 30, "seed": 1103},
    {"instruments": ["piano"], "style": "ambient", "mood": "calm", "seconds": 60, "seed": 1104},
    {"instruments": ["violin", "guitar"], "style": "classical", "mood": "playful", "seconds": 15, "seed": 1105},
    {"instruments": ["piano", "violin"], "style": "hymn", "mood": "sad", "seconds": 30, "seed": 1106},
)
"""Seeds are fixed, so a second run finds what the first one made."""
