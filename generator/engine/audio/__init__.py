"""Sound: a score in, stems, a master and finished files out. One module per step, `rendering` runs them all."""
