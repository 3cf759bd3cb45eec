"""Rows of the last while, found without an index of their own."""

from datetime import datetime
from uuid import UUID

from django.conf import settings


def first_key(moment: datetime) -> UUID:
    """Keys made from then on sort after it: the table itself is the index."""
    made = moment - settings.CLOCK_OFFSET
    return UUID(int=int(made.timestamp() * 1000) << 80)
