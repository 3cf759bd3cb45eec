"""What stands in the place of ids, dates and high ages. Pure.

Everything is made by HMAC-SHA256 with one random key for each export, which is erased
with its end: nobody, the clinic among them, can lead a pseudonym or a date back, and
two files cannot be joined by them.
"""

import hashlib
import hmac
from datetime import date, timedelta
from uuid import UUID

# Half a year either way and never 0, so that no date is the true one. Whole weeks keep
# the day of the week.
MOST_WEEKS = 26
OLDEST_TOLD = 89
OLDER = "90+"
_DIGITS = 15


def pseudonym(key: bytes, kind: str, of: UUID | str) -> str:
    """A letter and 60 bits; the letter keeps spreadsheets from reading a number."""
    return kind[0] + _digest(key, f"{kind}:{of}").hex()[:_DIGITS]


def shift(key: bytes, person: UUID) -> timedelta:
    """What is added to each date of this person."""
    place = int.from_bytes(_digest(key, f"shift:{person}")[:8]) % (2 * MOST_WEEKS)
    weeks = place - MOST_WEEKS
    return timedelta(weeks=weeks if weeks < 0 else weeks + 1)


def moved(day: date | None, by: timedelta) -> str:
    return "" if day is None else (day + by).isoformat()


def age(years: int | None) -> str:
    """Ages over 89 are one group, as 45 CFR 164.514(b)(2)(i)(C) has it."""
    if years is None:
        return ""
    return str(years) if years <= OLDEST_TOLD else OLDER


def _digest(key: bytes, text: str) -> bytes:
    return hmac.new(key, text.encode(), hashlib.sha256).digest()
