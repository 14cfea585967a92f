"""Interpolated Kneser-Ney n-grams (Kneser and Ney 1995; Chen and Goodman 1999) over arrays of symbols.

One discount per order, from counts of counts. Grams are kept as sorted 64-bit hashes, so that a corpus of millions
of symbols takes seconds.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Grams = npt.NDArray[np.int64]
Hashes = npt.NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class _Order:
    """Counts of one order: of grams, and of their contexts (total count, kinds of continuation)."""

    grams: Hashes
    counts: npt.NDArray[np.float64]
    contexts: Hashes
    totals: npt.NDArray[np.float64]
    kinds: npt.NDArray[np.float64]
    discount: float


class KneserNey:
    """Learns from grams (rows, n): n - 1 symbols of context, the one to forget first in the first column, then the
    symbol to predict."""

    def __init__(self, grams: Grams, *, vocabulary: int) -> None:
        self.vocabulary = vocabulary
        self.orders: list[_Order] = []
        unique, counts = _count_rows(grams)
        self.orders.insert(0, _count_order(unique, counts))
        while unique.shape[1] > 1:  # lower orders count in how many contexts a gram occurs, not how often
            unique, counts = _count_rows(unique[:, 1:])
            self.orders.insert(0, _count_order(unique, counts))

    def bits(self, grams: Grams) -> npt.NDArray[np.float64]:
        """Surprise at each row's last symbol, in bits: (rows,)."""
        width = grams.shape[1]
        probability = np.full(len(grams), 1.0 / self.vocabulary)
        for size, order in enumerate(self.orders, start=1):
            probability = _interpolate(order, grams[:, width - size :], lower=probability)
        return np.asarray(-np.log2(probability))


def _interpolate(order: _Order, grams: Grams, *, lower: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    seen = _look_up(order.contexts, _hash_rows(grams[:, :-1]))
    known = seen >= 0
    count = np.zeros(len(grams))
    at = _look_up(order.grams, _hash_rows(grams))
    count[at >= 0] = order.counts[at[at >= 0]]
    total = np.where(known, order.totals[seen], 1.0)
    kinds = np.where(known, order.kinds[seen], 0.0)
    direct = np.maximum(count - order.discount, 0.0) / total
    return np.where(known, direct + order.discount * kinds / total * lower, lower)


def _count_rows(rows: Grams) -> tuple[Grams, npt.NDArray[np.float64]]:
    """The different rows and how often each occurs."""
    _, first, counts = np.unique(_hash_rows(rows), return_index=True, return_counts=True)
    return rows[first], counts.astype(np.float64)


def _count_order(unique: Grams, counts: npt.NDArray[np.float64]) -> _Order:
    contexts, owner = np.unique(_hash_rows(unique[:, :-1]), return_inverse=True)
    grams = _hash_rows(unique)
    order = np.argsort(grams)
    once, twice = (counts == 1).sum(), (counts == 2).sum()
    return _Order(
        grams=grams[order],
        counts=counts[order],
        contexts=contexts,
        totals=np.bincount(owner, weights=counts).astype(np.float64),
        kinds=np.bincount(owner).astype(np.float64),
        discount=float(once / (once + 2 * twice)) if once and twice else 0.75,
    )


def _look_up(table: Hashes, hashes: Hashes) -> npt.NDArray[np.int64]:
    """Index of each hash in a sorted table, -1 where it is missing."""
    at = np.minimum(np.searchsorted(table, hashes), len(table) - 1)
    return np.where(table[at] == hashes, at, -1)


def _hash_rows(rows: Grams) -> Hashes:
    mixed = np.full(len(rows), 0x9E3779B97F4A7C15, np.uint64)
    for column in rows.T:
        mixed = (mixed ^ (column + 7).astype(np.uint64)) * np.uint64(0xFF51AFD7ED558CCD)
        mixed ^= mixed >> np.uint64(29)
    return mixed
