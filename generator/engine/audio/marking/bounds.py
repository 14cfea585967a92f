"""How high a score must be that chance may not reach it, whatever the recording.

To a key that did not mark a recording, the signs of the pattern are independent fair coins, and so they are once a
number, chosen without the key, has turned some of them over. A score is their sum weighted by numbers that do not
depend on them, over the root of the weights' squares. Such a sum exceeds z at most 3.178... times as often as a normal
variable does (Bentkus and Dzindzalieta 2015, Bernoulli 21(2), 1231-1237). What was tried multiplies the bound.
"""

import math
import sys
from statistics import NormalDist

_NORMAL = NormalDist()
_COINS = 1.0 / (2.0 * math.erfc(1.0))


def find_threshold(*, tries: int, chance: float) -> float:
    """The score that the highest of so many tries exceeds with at most this probability."""
    return -_NORMAL.inv_cdf(chance / (tries * _COINS))


def bound_chance(score: float, *, tries: int) -> float:
    """Bound on the probability that any of so many tries scores as high."""
    tail = 0.5 * math.erfc(score / math.sqrt(2.0))
    return min(1.0, max(tries * _COINS * tail, sys.float_info.min))
