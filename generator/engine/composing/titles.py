"""Titles: two words that fit the mood and the style, from the seed."""

from generator.engine.brief import Brief

_MOOD_WORDS = {
    "neutral": ("Plain", "Second", "Western", "Common", "Level", "Daily", "Even", "Simple", "Native", "Broad"),
    "bright": ("Golden", "Clear", "Sunlit", "Early", "Amber", "Open", "Silver", "Morning", "Orchard", "Lemon"),
    "calm": ("Quiet", "Slow", "Pale", "Still", "Soft", "Distant", "Linen", "Evening", "Low", "Gentle"),
    "tense": ("Iron", "Narrow", "Black", "Sharp", "Restless", "Cold", "Copper", "Hidden", "Last", "Wire"),
    "sad": ("Grey", "Faded", "Winter", "Empty", "Late", "Fallen", "Rainy", "Hollow", "Forgotten", "Blue"),
    "heroic": ("Bronze", "High", "Proud", "Rising", "Northern", "Royal", "Great", "Burning", "Bold", "Summit"),
    "playful": ("Paper", "Skipping", "Red", "Little", "Crooked", "Dancing", "Tin", "Sudden", "Merry", "Striped"),
}
_STYLE_WORDS = {
    "pop": ("Avenue", "Balcony", "Postcard", "Weekend", "Signal", "Window", "Ticket", "Skyline", "Summer", "Neon"),
    "rock": ("Engine", "Highway", "Thunder", "Garage", "Canyon", "Sparks", "Asphalt", "Voltage", "Ridge", "Hammer"),
    "folk": ("Meadow", "Lantern", "Orchard", "Ferry", "Hearth", "Barley", "Bridge", "Heather", "Mill", "Harvest"),
    "classical": (
        "Pavilion",
        "Garden",
        "Colonnade",
        "Fountain",
        "Letter",
        "Salon",
        "Arcade",
        "Terrace",
        "Mirror",
        "Rose",
    ),
    "cinematic": ("Horizon", "Frontier", "Voyage", "Citadel", "Tide", "Ascent", "Empire", "Beacon", "Passage", "Dawn"),
    "ambient": ("Drift", "Harbour", "Mist", "Glass", "Lagoon", "Snow", "Orbit", "Haze", "Shore", "Moss"),
    "hymn": ("Chapel", "Candle", "Valley", "Vesper", "Cedar", "Threshold", "Grace", "Shepherd", "Stone", "Bell"),
    "latin": ("Plaza", "Verbena", "Terraza", "Mango", "Malecon", "Fiesta", "Cantina", "Sol", "Ribera", "Palma"),
    "jazz": ("Corner", "Cellar", "Hat", "Saxon", "Alley", "Cadillac", "Smoke", "Matinee", "Stroll", "Velvet"),
}


def write_title(brief: Brief) -> str:
    """'Amber Harbour': the same for the same seed, mood and style."""
    draw = brief.draw("title")
    first = draw.choice(_MOOD_WORDS[brief.mood])
    second = draw.choice([word for word in _STYLE_WORDS[brief.style] if word != first])
    return f"{first} {second}"
