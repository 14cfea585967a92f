"""What makes two pieces the same music: fingerprints that ignore key, tempo, octave, sound and file format."""
