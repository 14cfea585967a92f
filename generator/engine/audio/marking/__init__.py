"""The inaudible keyed mark: a number spread over the sound as tiny, fixed changes of gain in bands and moments.

The gains depend on the key and the number alone, never on the sound. So marking is linear: the marked stems of a piece
add up to its marked mix, silence stays silence, and the mark lies a fixed distance below whatever sounds in its place.

NumPy alone: the web process looks for marks too, and goes without SciPy.
"""
