"""What a mail server's log says went out, marked so that it does not go again.

Messages made after the backup are unknown to it, and so are their links: those
patients need a new one, and get it once messages are released.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction

from clinic import audit, clock
from clinic.models import Clinic
from outcomes.follow_ups import outbox
from outcomes.models import Message

_UUID = r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
# <id@host> anywhere in a line of a log, or an id alone on its line.
NAMED = re.compile(rf"({_UUID})@|^\s*<?({_UUID})>?\s*$")
AT_ONCE = 500
DETAIL = "named in the provider's log"
# Whatever the backup holds them for, the provider has them.
DOUBTED = (
    Message.State.QUEUED,
    Message.State.RETRY_WAIT,
    Message.State.SENDING,
    Message.State.UNCERTAIN,
)


@dataclass(frozen=True, slots=True)
class Marked:
    named: int
    marked: int
    unknown: int


def mark(lines: Iterable[str]) -> Marked:
    named = set(named_in(lines))
    ids, marked, known = sorted(named), 0, 0
    for start in range(0, len(ids), AT_ONCE):
        batch = ids[start : start + AT_ONCE]
        known += Message.objects.filter(pk__in=batch).count()
        marked += _mark(batch)
    return Marked(len(named), marked, len(named) - known)


def named_in(lines: Iterable[str]) -> Iterator[UUID]:
    for line in lines:
        for found in NAMED.finditer(line):
            yield UUID(found[1] or found[2])


@transaction.atomic
def _mark(ids: list[UUID]) -> int:
    """One by one, each only if it still waits: a worker may be at it."""
    now, of_clinic = clock.now(), Counter[UUID]()
    for message in Message.objects.filter(pk__in=ids, state__in=DOUBTED):
        is_marked = Message.objects.filter(pk=message.pk, state=message.state).update(
            state=Message.State.ACCEPTED,
            accepted_at=now,
            next_attempt_at=None,
            lease=None,
            lease_until=None,
            error="",
        )
        if is_marked:
            outbox.log(message, Message.State.ACCEPTED, DETAIL)
            of_clinic[message.clinic_id] += 1
    for clinic in Clinic.objects.filter(pk__in=of_clinic):
        audit.record(
            by=audit.SYSTEM,
            action="messages.marked_sent",
            about=clinic,
            messages=of_clinic[clinic.pk],
        )
    return of_clinic.total()
