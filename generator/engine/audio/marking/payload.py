"""A number of 48 bits as 240 coded ones: CRC-12, then a tail-biting convolutional code of rate 1/4 and length 9."""

from functools import cache

import numpy as np
from numpy.typing import NDArray

from generator.engine.audio.marking.layout import CODED_BITS
from generator.engine.errors import RenderError

NUMBER_BITS = 48
_CRC_BITS, _CRC_POLYNOMIAL = 12, 0x80F
_BITS = NUMBER_BITS + _CRC_BITS
_MEMORY = 8
_GENERATORS = (0o463, 0o535, 0o733, 0o745)
"""The best of their length: free distance 24 (Larsen 1973)."""
_STATES = 1 << _MEMORY
_TURNS = 3
"""A code that bites its tail has no known start: the decoder goes round, and the middle turn is settled."""


def encode_number(number: int) -> NDArray[np.float32]:
    """240 signs. RenderError for a number that does not fit."""
    if not 0 <= number < 1 << NUMBER_BITS:
        raise RenderError(f"mark: {number} does not fit into {NUMBER_BITS} bits. Use the copyright ID's number.")
    bits = _write_bits(number, NUMBER_BITS) + _write_bits(_checksum(number), _CRC_BITS)
    state = sum(bit << place for place, bit in enumerate(bits[-_MEMORY:]))
    coded = []
    for bit in bits:
        register = bit << _MEMORY | state
        coded += [_parity(register & generator) for generator in _GENERATORS]
        state = register >> 1
    return np.array(coded, dtype=np.float32) * 2 - 1


def pack_numbers(numbers: NDArray[np.int64]) -> NDArray[np.uint8]:
    """The coded bits of many at once, (numbers, CODED_BITS / 8), most significant first.

    Checksum and code are linear: what a number is coded as differs from zero by what each of its bytes turns over.
    """
    packed = np.tile(_pack(0), (len(numbers), 1))
    for place, turned in enumerate(_tabulate_bytes()):
        packed ^= turned[numbers >> 8 * place & 255]
    return packed


def rate_packed(packed: NDArray[np.uint8], soft: NDArray[np.float64]) -> NDArray[np.float64]:
    """How far each of `pack_numbers` agrees with 240 soft values: their sum, signed by the coded bits."""
    signs = np.unpackbits(np.arange(256, dtype=np.uint8)[:, None], axis=1) * 2.0 - 1.0
    by_byte = signs @ soft.reshape(-1, 8).T
    return np.asarray(by_byte[packed, np.arange(packed.shape[1])].sum(axis=1))


@cache
def _tabulate_bytes() -> tuple[NDArray[np.uint8], ...]:
    """For each byte of a number, least significant first, which coded bits its values turn over."""
    return tuple(
        np.array([_pack(value << place) ^ _pack(0) for value in range(256)]) for place in range(0, NUMBER_BITS, 8)
    )


def _pack(number: int) -> NDArray[np.uint8]:
    return np.packbits(encode_number(number) > 0)


def decode_number(soft: NDArray[np.float64]) -> int | None:
    """The likeliest number behind 240 soft values; None if its checksum fails."""
    if len(soft) != CODED_BITS:
        raise ValueError(f"{CODED_BITS} values are needed")
    steps = np.tile(soft.reshape(_BITS, len(_GENERATORS)), (_TURNS, 1))
    chosen = np.empty((len(steps), _STATES), dtype=np.int64)
    metric = np.zeros(_STATES)
    for index, step in enumerate(steps):
        ways = metric[_BEFORE] + _OUTPUTS @ step
        better = np.argmax(ways, axis=0)
        chosen[index] = _BEFORE[better, np.arange(_STATES)]
        metric = ways[better, np.arange(_STATES)]
    state, bits = int(np.argmax(metric)), []
    for index in range(len(steps) - 1, -1, -1):
        bits.append(state >> (_MEMORY - 1))
        state = int(chosen[index, state])
    middle = bits[::-1][_BITS : 2 * _BITS]
    number, found = _read_bits(middle[:NUMBER_BITS]), _read_bits(middle[NUMBER_BITS:])
    return number if found == _checksum(number) else None


def _checksum(number: int) -> int:
    """CRC-12, begun with ones so that zero has a checksum too."""
    register = (1 << _CRC_BITS) - 1
    for bit in _write_bits(number, NUMBER_BITS):
        top = register >> (_CRC_BITS - 1) & 1
        register = (register << 1) & ((1 << _CRC_BITS) - 1)
        if top ^ bit:
            register ^= _CRC_POLYNOMIAL
    return register


def _write_bits(number: int, count: int) -> list[int]:
    return [number >> place & 1 for place in range(count - 1, -1, -1)]


def _read_bits(bits: list[int]) -> int:
    return int("".join(map(str, bits)), 2)


def _parity(value: int) -> int:
    return value.bit_count() & 1


def _tabulate() -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """For each state and each of the two before it: which that is, (2, states), and what is sent, (2, states, 4)."""
    before = np.empty((2, _STATES), dtype=np.int64)
    outputs = np.empty((2, _STATES, len(_GENERATORS)))
    for state in range(_STATES):
        for low in (0, 1):
            register = state << 1 | low
            before[low, state] = register & (_STATES - 1)
            outputs[low, state] = [_parity(register & generator) * 2 - 1 for generator in _GENERATORS]
    return before, outputs


_BEFORE, _OUTPUTS = _tabulate()
