"""Corpora: cleared music and annotations, read into the score model. See `reading.read_corpus`."""
