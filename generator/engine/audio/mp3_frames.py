"""MP3 frames that need nothing of one another, so that one stream can go on where another stopped.

An encoder saves room in one frame and fills it with data of the next (the bit reservoir, ISO/IEC 11172-3, 2.4.3.4).
Here each frame gets a fixed, larger size and all of its own data: the sound is the same to the bit, and any two
streams of equal settings have their frames at the same places.
"""

from dataclasses import dataclass

from generator.engine.errors import RenderError

SAMPLES = 1152
"""Per frame."""
DELAY = 1105
"""Samples by which LAME and a decoder lag together: frame k holds the sound from 1152 k - 1105 on."""
_ENCODER_DELAY = 576
"""Samples of silence that LAME puts before the sound; at least as many follow it."""
_KBPS = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
_LARGEST = len(_KBPS) - 1
"""Index of the rate whose frames are used. Bursts fill frames of any rate, and while the beginning is heard already
nobody knows yet what the rest will hold."""
_RATES = (44_100, 48_000, 32_000)
_HEADER, _SIDE = 4, 32
_GRANULES = tuple(20 + 59 * index for index in range(4))
"""Bits of the side information before each granule and channel of a stereo frame."""
_FARTHEST = 2**9 - 1
"""Bytes by which the data of a frame may begin before it."""
_XING = _HEADER + _SIDE
_LAME = _XING + 120
_LAME_PADDING, _LAME_LENGTH, _LAME_CRC = _LAME + 21, _LAME + 28, _LAME + 34


@dataclass(frozen=True, slots=True)
class Frame:
    header: bytes
    side: bytes
    data: bytes
    begins_steady: bool
    ends_steady: bool
    """In a plain long window, which overlaps with any other such as it does with its own neighbour."""


@dataclass(frozen=True, slots=True)
class Stream:
    info: bytes
    """The first frame, silent: what LAME notes about the stream."""
    frames: tuple[Frame, ...]


def read_stream(mp3: bytes) -> Stream:
    """A stereo stream of layer III without tags, as LAME writes it. RenderError for anything else."""
    first, *rest = _split(mp3)
    reservoir, frames = b"", []
    for raw in rest:
        side = raw[_HEADER:_XING]
        bits = int.from_bytes(side)
        begin = len(reservoir) - _take(bits, 0, 9)
        reservoir += raw[_XING:]
        length = -(-sum(_take(bits, granule, 12) for granule in _GRANULES) // 8)
        switches = [_take(bits, granule + 33, 1) for granule in _GRANULES]
        data = reservoir[begin : begin + length]
        reservoir = reservoir[-_FARTHEST:]
        frames.append(Frame(raw[:_HEADER], side, data, not any(switches[:2]), not any(switches[2:])))
    return Stream(info=first, frames=tuple(frames))


def _split(mp3: bytes) -> list[bytes]:
    raw, place = [], 0
    while place < len(mp3):
        header = int.from_bytes(mp3[place : place + _HEADER])
        rate, kbps = header >> 10 & 3, header >> 12 & 15
        if header >> 16 != 0xFFFB or rate == 3 or kbps in (0, 15) or header >> 6 & 3 == 3:
            raise RenderError(f"preview: no stereo MP3 frame at byte {place}. The encoder's settings have changed.")
        size = _size(kbps, rate) + (header >> 9 & 1)
        raw.append(mp3[place : place + size])
        place += size
    return raw


def _size(kbps: int, rate: int) -> int:
    return 144_000 * _KBPS[kbps] // _RATES[rate]


def _take(side: int, start: int, count: int) -> int:
    return side >> 8 * _SIDE - start - count & (1 << count) - 1


def count_frames(samples: int) -> int:
    """How many frames LAME makes of so many samples a channel, the silent first one aside."""
    return -(-(samples + 2 * _ENCODER_DELAY) // SAMPLES)


def fits(stream: Stream) -> bool:
    """Does every frame's own data have room in a frame of the fixed size?"""
    return all(_XING + len(frame.data) <= _size(_LARGEST, _rate_of(stream)) for frame in stream.frames)


def write_frames(stream: Stream) -> list[bytes]:
    """Each on its own and all of one size."""
    size = _size(_LARGEST, _rate_of(stream))
    return [_write_frame(frame, size=size) for frame in stream.frames]


def write_info(stream: Stream, *, samples: int) -> bytes:
    """The first frame of a file of so many samples a channel, of which the stream may be a part."""
    return _write_info(stream.info, size=_size(_LARGEST, _rate_of(stream)), samples=samples)


def _rate_of(stream: Stream) -> int:
    return stream.info[2] >> 2 & 3


def _write_frame(frame: Frame, *, size: int) -> bytes:
    side = bytes([0, frame.side[1] & 0x7F]) + frame.side[2:]  # nothing lies in frames before
    return (_set_rate(frame.header) + side + frame.data).ljust(size, b"\0")


def _set_rate(header: bytes) -> bytes:
    return header[:2] + bytes([_LARGEST << 4 | header[2] & 0x0D]) + header[3:]


def _write_info(info: bytes, *, size: int, samples: int) -> bytes:
    """Rate, length, table of contents and how much sound to leave out at either end as they are now."""
    count = count_frames(samples)
    written = bytearray((_set_rate(info[:_HEADER]) + info[_HEADER:]).ljust(size, b"\0")[:size])
    total = (count + 1) * size
    written[_XING : _XING + 4] = b"Info"  # of a variable rate it would say Xing
    written[_XING + 8 : _XING + 16] = count.to_bytes(4) + total.to_bytes(4)
    written[_XING + 16 : _XING + 116] = bytes(256 * percent // 100 for percent in range(100))
    padding = count * SAMPLES - samples - _ENCODER_DELAY
    written[_LAME_PADDING : _LAME_PADDING + 3] = (_ENCODER_DELAY << 12 | padding).to_bytes(3)
    written[_LAME_LENGTH : _LAME_LENGTH + 4] = total.to_bytes(4)
    written[_LAME_CRC : _LAME_CRC + 2] = _crc16(written[:_LAME_CRC]).to_bytes(2)
    return bytes(written)


def _crc16(data: bytes | bytearray) -> int:
    """CRC-16 with the polynomial 0x8005, low bit first: LAME's, over its note."""
    register = 0
    for byte in data:
        register ^= byte
        for _ in range(8):
            register = register >> 1 ^ 0xA001 if register & 1 else register >> 1
    return register
