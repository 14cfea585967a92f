"""Music theory: keys, chords and energy, parsed from people and measured from notes."""
