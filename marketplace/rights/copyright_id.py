"""Copyright IDs: OT26-7K3Q-9FMX-4C. Short, readable aloud, and wrong when mistyped.

Prefix, two digits of the year, eight random characters of Crockford's base 32 (no I, L, O, U), and two check
characters over year and body by ISO 7064 MOD 1271-36. Every single wrong character and every swap of two is caught.
"""

import re
import secrets
import string

from marketplace.errors import InvalidInputError

PREFIX = "OT"
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_CHECK_VALUES = string.digits + string.ascii_uppercase
_MODULUS, _RADIX = 1271, 36
_BODY_LENGTH = 8
_SHAPE = re.compile(rf"[O0]T([0-9]{{2}}[{_ALPHABET}]{{{_BODY_LENGTH}}})([{_ALPHABET}]{{2}})")
_SEPARATORS = re.compile(r"[\s._\-\u2010-\u2015\u2212]+")
_MISREADINGS = str.maketrans("OIL", "011")


def make_copyright_id(*, year: int) -> str:
    """A fresh random ID. That nobody has it yet is the database's to say."""
    while True:
        payload = f"{year % 100:02d}" + "".join(secrets.choice(_ALPHABET) for _ in range(_BODY_LENGTH))
        check = _check_characters(payload)
        if all(character in _ALPHABET for character in check):  # four of five draws: no I, L, O or U to misread
            return _format(payload + check)


def number_copyright_id(copyright_id: str) -> int:
    """The ID as a number of 47 bits, for marks that have no room for letters."""
    bare = check_copyright_id(copyright_id).replace("-", "")[len(PREFIX) :]
    number = int(bare[:2])
    for character in bare[2 : 2 + _BODY_LENGTH]:
        number = number * len(_ALPHABET) + _ALPHABET.index(character)
    return number


def write_copyright_id(number: int) -> str:
    """The ID that has this number. ValueError where none can have it."""
    characters = []
    for _ in range(_BODY_LENGTH):
        number, index = divmod(number, len(_ALPHABET))
        characters.append(_ALPHABET[index])
    payload = f"{number:02d}" + "".join(reversed(characters))
    check = _check_characters(payload) if 0 <= number < 100 else ""
    if not check or not all(character in _ALPHABET for character in check):
        raise ValueError("no copyright ID has this number")
    return _format(payload + check)


def check_copyright_id(text: str) -> str:
    """The ID as we write it, whatever case, dashes and look-alikes (O for 0, I or L for 1) it was typed with."""
    bare = _SEPARATORS.sub("", text).upper()
    match = _SHAPE.fullmatch(bare[:2] + bare[2:].translate(_MISREADINGS))
    if match is None:
        raise _mistyped(f"A copyright ID looks like {_EXAMPLE}. Compare what you typed with the ID in the file.")
    payload, check = match.groups()
    if _check_characters(payload) != check:
        raise _mistyped("The check characters do not fit: at least one character is mistyped. Nothing was looked up.")
    return _format(payload + check)


def _check_characters(payload: str) -> str:
    """ISO 7064, pure system MOD 1271-36: payload and check characters together leave 1 when divided by 1271."""
    remainder = 0
    for character in payload:
        remainder = (remainder + _CHECK_VALUES.index(character)) * _RADIX % _MODULUS
    check = (_MODULUS + 1 - remainder * _RADIX % _MODULUS) % _MODULUS
    return _CHECK_VALUES[check // _RADIX] + _CHECK_VALUES[check % _RADIX]


def _format(characters: str) -> str:
    year, first, second, check = characters[:2], characters[2:6], characters[6:10], characters[10:]
    return f"{PREFIX}{year}-{first}-{second}-{check}"


def _mistyped(message: str) -> InvalidInputError:
    return InvalidInputError(message, code="mistyped_id", fields={"copyright_id": [message]})


_EXAMPLE = _format("267K3Q9FMX" + _check_characters("267K3Q9FMX"))
