"""How a name, a number or an address is cut into what the prefix index holds."""

import re
import unicodedata

from django.db import connection, models

# The highest code point sorts after every word that starts with the prefix.
_AFTER_EVERYTHING = "\U0010ffff"
TERM_LENGTH = 80
# More words than a name has only make a longer query.
MOST_WORDS = 8
# Digits as people write a number: +1 (312) 555-0142.
_NUMBER = re.compile(r"(?<![\w@])[+(]?\d[\d ().\-/]*\d(?![\w@])")


# Characters that turn the order of what is shown, so that it is not what is stored.
_TURNING = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def is_readable(text: str) -> bool:
    """Whether a line of text shows all that it holds, in its order."""
    hidden = any(unicodedata.category(char) in ("Cc", "Cs") for char in text)
    return not hidden and _TURNING.search(text) is None


def fold(text: str) -> str:
    """Lower case without accents: what names are searched by."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(char for char in decomposed if not unicodedata.combining(char))


def words(text: str) -> list[str]:
    """The folded words of a name or a query, cut to what the index holds."""
    return [word[:TERM_LENGTH] for word in re.findall(r"\w+", fold(text))]


def digits(text: str) -> str:
    return re.sub(r"\D", "", text)


def query_words(text: str) -> list[str]:
    """The beginnings that are looked for: a number and an address are one each."""
    joined = _NUMBER.sub(lambda number: digits(number[0]), text)
    found: list[str] = []
    for part in joined.split():
        found += [fold(part)[:TERM_LENGTH]] if "@" in part else words(part)
    return found[:MOST_WORDS]


def name_terms(*texts: str) -> set[str]:
    """Each word, and a name such as O'Brien or Garcia-Lopez also as one word."""
    joined = ("".join(words(part))[:TERM_LENGTH] for t in texts for part in t.split())
    return {word for text in texts for word in words(text)} | set(filter(None, joined))


def begins_with(column: str, prefix: str) -> models.Q:
    """A prefix condition that uses the index on both databases."""
    if connection.vendor == "postgresql":
        return models.Q(**{f"{column}__startswith": prefix})
    # SQLite's LIKE ignores the index; a range in its byte order does not.
    return models.Q(
        **{f"{column}__gte": prefix, f"{column}__lt": prefix + _AFTER_EVERYTHING}
    )
