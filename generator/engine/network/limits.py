"""The fixed sizes of the compiled loop."""

LANES = 16
"""Candidates of one run of the loop."""
STEPS = 64
"""Rows per call, between two reports of progress."""
MOST_VOICES = 6
CONTEXT_ROWS = (448, 2048, 8192)
"""Places on the grid that one call may see, the least that is enough: eight bars of 4/4 and the quarter before
them, or more than 180 s at 220 quarters a minute. The loop is compiled once for each."""
HISTORY_ROWS = 128
"""Rows of the past that the state is built from: as many as networks saw in training."""
