"""What became of a draft that is there no more."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q

from clinic.models import AuditEvent, User
from plans.models import Protocol
from plans.protocols import documents, stored
from plans.protocols.definition import ProtocolDefinition
from plans.protocols.documents import Reading

PUBLISHED, DISCARDED = "protocol.published", "protocol_draft.discarded"


@dataclass(frozen=True, slots=True)
class Fate:
    """`protocol` is the version that was made of it; None where it was discarded."""

    at: datetime
    by: User | None
    protocol: Protocol | None
    # What it said last, as a version and as it was discarded alike.
    definition: ProtocolDefinition


def fate(draft_id: UUID, *, for_user: User) -> Fate | None:
    """None for a draft that this clinic never had; reads the audit trail.

    Whoever may edit the protocols may read how one of their drafts ended.
    """
    if for_user.membership is None:
        return None
    event = (
        AuditEvent.objects.filter(clinic=for_user.membership.clinic_id)
        .filter(_ended(draft_id))
        .select_related("actor")
        .first()
    )
    if event is None:
        return None
    if event.action == DISCARDED:
        return Fate(event.at, event.actor, None, _discarded(event.facts))
    protocol = (
        Protocol.objects.visible_to(for_user)
        .prefetch_related(*stored.PARTS)
        .get(pk=event.about_id)
    )
    return Fate(event.at, event.actor, protocol, stored.definition_of(protocol))


def beside(content: dict[str, Any], held: ProtocolDefinition) -> ProtocolDefinition:
    """A document as it was typed, without what in it cannot be understood.

    There it says what `held` does, so that no value shows that nobody typed.
    """
    known = documents.write(held)
    for problem in _read(content, held).problems:
        row, stood = content, known
        if problem.number:
            row = content[problem.section][problem.number - 1]
            stood = _stood(row, problem.number, known[problem.section])
        if problem.field in stood:
            row[problem.field] = stood[problem.field]
    return _read(content, held).definition


def _stood(
    row: dict[str, Any], number: int, rows: list[dict[str, Any]]
) -> dict[str, Any]:
    """The row of that key; the one at its place where rows have none."""
    if "key" in row:
        return next((one for one in rows if one["key"] == row["key"]), {})
    return rows[number - 1] if number <= len(rows) else {}


def _read(content: dict[str, Any], held: ProtocolDefinition) -> Reading:
    return documents.read(content, key=held.key, version=held.version)


def _ended(draft_id: UUID) -> Q:
    return Q(action=PUBLISHED, facts__draft=str(draft_id)) | Q(
        action=DISCARDED, about_id=str(draft_id)
    )


def _discarded(facts: dict[str, Any]) -> ProtocolDefinition:
    return documents.read(facts["content"], key=facts["key"], version=1).definition
