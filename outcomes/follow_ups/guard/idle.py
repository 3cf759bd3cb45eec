"""Whether a tick has anything to do for a clinic: one query, however many rows wait."""

import functools
from datetime import datetime

from django.db import connection
from django.db.models import Model

from clinic.models import Clinic
from outcomes.models import (
    Alert,
    AlertNotice,
    Episode,
    FollowUp,
    InboundMessage,
    Intake,
    Message,
)

# Each column that says when the tick is to look at a row. What is not named here is
# never looked at while nothing else is due.
DUE = (
    (FollowUp, "next_action_at"),
    (Message, "next_attempt_at"),
    (Message, "lease_until"),
    (InboundMessage, "answer_due_at"),
    (Episode, "facts_due_at"),
    (Alert, "next_action_at"),
    (AlertNotice, "next_attempt_at"),
    (AlertNotice, "lease_until"),
)


def has_work(clinic: Clinic, now: datetime) -> bool:
    number = clinic._meta.pk.get_db_prep_value(clinic.pk, connection)
    moment = connection.ops.adapt_datetimefield_value(now)
    with connection.cursor() as cursor:
        cursor.execute(_query(), [number, moment] * (len(DUE) + 1))
        return bool(cursor.fetchone()[0])


@functools.cache
def _query() -> str:
    # The databases know the few that are open by this condition of an index.
    open_states = ", ".join(f"'{state}'" for state in Intake.OPEN)
    parts = [_due(model, column) for model, column in DUE]
    parts.append(f"{_due(Intake, 'closes_at')[:-1]} AND state IN ({open_states}))")
    return f"SELECT {' OR '.join(parts)}"


def _due(model: type[Model], column: str) -> str:
    table = connection.ops.quote_name(model._meta.db_table)
    return (
        f"EXISTS (SELECT 1 FROM {table} WHERE clinic_id = %s"  # noqa: S608
        f" AND {column} <= %s)"
    )
