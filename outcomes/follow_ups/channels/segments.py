"""How many parts a text message is cut into, and so what it costs.

Source: 3GPP TS 23.038, the default alphabet and its extension; TS 23.040, user data
header of 6 bytes in every part of a message of several.
"""

import math
import unicodedata

_ALPHABET = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
# Each takes the room of two.
_EXTENSION = frozenset("^{}\\[~]|€\f")
# Of one part alone, and of each part of several.
_SEPTETS = (160, 153)
_UNITS = (70, 67)


def count(text: str) -> int:
    """An accent that the default alphabet lacks halves the room of the whole text."""
    if _ALPHABET.union(_EXTENSION).issuperset(text):
        return _parts(len(text) + sum(sign in _EXTENSION for sign in text), _SEPTETS)
    return _parts(len(text.encode("utf-16-le")) // 2, _UNITS)


def _parts(length: int, room: tuple[int, int]) -> int:
    alone, each_of_several = room
    return 1 if length <= alone else math.ceil(length / each_of_several)


def without_accents(text: str) -> str:
    """The same with the letters that fit the default alphabet: á is a, ñ stays ñ."""
    return "".join(sign if sign in _ALPHABET else _plain(sign) for sign in text)


def _plain(sign: str) -> str:
    bare = unicodedata.normalize("NFKD", sign)[:1]
    return bare if bare in _ALPHABET else sign
