"""When a message is tried again; pure, but for the dice."""

import secrets
from datetime import timedelta

LADDER = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=15),
    timedelta(minutes=60),
    timedelta(hours=4),
    timedelta(hours=12),
    timedelta(hours=24),
    timedelta(hours=24),
)
JITTER = 0.2
LONGEST_RUNG = LADDER[-1] * (1 + JITTER)
MAX_AGE = timedelta(hours=72)
# A provider may ask for longer; nobody is forgotten for longer than this.
LONGEST_WAIT = timedelta(hours=24)
_random = secrets.SystemRandom()


def wait_after(attempts: int, asked_for: timedelta | None = None) -> timedelta | None:
    """How long to wait after so many tries; None when they are used up.

    Never shorter than the provider asked for, within a day.
    """
    if attempts > len(LADDER):
        return None
    rung = LADDER[attempts - 1] * _random.uniform(1 - JITTER, 1 + JITTER)
    return max(rung, min(asked_for or timedelta(0), LONGEST_WAIT))


def is_too_old(tried_for: timedelta) -> bool:
    return tried_for > MAX_AGE
