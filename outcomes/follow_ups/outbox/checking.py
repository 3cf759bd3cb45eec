"""One look at all that decides about messages, right before they are handed over."""

import functools
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db import connection

from clinic import bulk, prepared
from outcomes.follow_ups.channels import reach, tokens
from outcomes.follow_ups.outbox import claiming
from outcomes.follow_ups.outbox.claiming import Claimed
from outcomes.follow_ups.outbox.objections import Standing
from outcomes.models import Message

# Written out, for it is asked all the time: to have the same composed each time takes
# longer than to ask it. Of a merged record, k is the one that is kept.
_LOOK = """
WITH given (id, sha256) AS (VALUES {given})
SELECT m.id, r.state, k.id, k.withdrawn_on, k.deceased_on, k.hold_until, k.zone,
    (SELECT c.value FROM patients_contactpoint c
        WHERE c.patient_id = k.id AND c.may_contact AND c.failed_at IS NULL
            AND c.system = CASE m.channel WHEN 'email' THEN 'email' ELSE 'phone' END
            AND (m.channel <> 'sms' OR w.sms_sender <> '')
        ORDER BY c.id DESC LIMIT 1),
    EXISTS (SELECT 1 FROM outcomes_link l
        WHERE l.token_sha256 = given.sha256 AND l.request_id = r.id),
    EXISTS (SELECT 1 FROM outcomes_link l
        WHERE l.token_sha256 = given.sha256 AND l.request_id = r.id
            AND l.revoked_at IS NULL),
    EXISTS (SELECT 1 FROM outcomes_followup f
        WHERE f.request_id = r.id AND f.answered_at IS NULL AND f.who <> 'clinician'
            AND f.state IN ('planned', 'open', 'started', 'unreachable')),
    EXISTS (SELECT 1 FROM outcomes_intake i
        WHERE i.request_id = r.id AND i.state IN ('asked', 'begun')),
    EXISTS (SELECT 1 FROM patients_redflag g
        WHERE g.patient_id = k.id AND g.state = 'open' AND g.tier IN ('E0', 'E1')),
    EXISTS (SELECT 1 FROM patients_patient o
        JOIN patients_redflag g ON g.patient_id = o.id
        WHERE o.merged_into_id = k.id AND g.state = 'open'
            AND g.tier IN ('E0', 'E1')),
    EXISTS (SELECT 1 FROM outcomes_sendingpause s
        WHERE s.clinic_id = m.clinic_id AND s.released_at IS NULL),
    EXISTS (SELECT 1 FROM outcomes_followup f
        WHERE f.request_id = r.id AND (f.state = 'unreachable'
            OR (f.state = 'open' AND f.state_reason <> ''))),
    EXISTS (SELECT 1 FROM outcomes_intake i
        WHERE i.request_id = r.id AND i.state IN ('asked', 'begun')
            AND i.state_reason <> '')
FROM given
JOIN outcomes_message m ON m.id = given.id
JOIN outcomes_surveyrequest r ON r.id = m.request_id
JOIN patients_patient p ON p.id = r.patient_id
JOIN patients_patient k ON k.id = COALESCE(p.merged_into_id, p.id)
JOIN clinic_clinic w ON w.id = p.clinic_id
WHERE m.state = 'sending' AND m.lease = %s
"""


def look(some: Sequence[Claimed]) -> dict[UUID, Standing]:
    """By message, those of one claim whose lease is still held; one query."""
    if not some:
        return {}
    wanted: list[Any] = []
    for one in some:
        message_id = one.lease.message_id
        sha256 = tokens.sha256_of(tokens.token_for(message_id))
        wanted += [bulk.stored(message_id), sha256]
    with prepared.cursor() as cursor:
        cursor.execute(_look_at(len(some)), [*wanted, bulk.stored(some[0].lease.token)])
        rows = {UUID(str(message_id)): row for message_id, *row in cursor.fetchall()}
    return {
        one.message.pk: _standing(one.message, rows[one.message.pk])
        for one in some
        if one.message.pk in rows
    }


@functools.cache
def _look_at(count: int) -> str:
    is_typed = connection.vendor == "postgresql"
    pair = "(%s::uuid, %s::text)" if is_typed else "(%s, %s)"
    return _LOOK.format(given=", ".join([pair] * count))


def _standing(message: Message, row: Sequence[Any]) -> Standing:
    state, person_id, withdrawn_on, deceased_on, hold_until, zone, address, *facts = row
    facts = [bool(fact) for fact in facts]
    has_link, has_live_link, asks_follow_up, asks_intake, *facts = facts
    is_flagged, is_record_flagged, is_paused, doubted, intake_doubted = facts
    if message.request.person.pk != UUID(str(person_id)):
        # Merged, or separated again, since it was claimed.
        message = claiming.whole(Message.objects.all()).get(pk=message.pk)
    person = message.request.person
    person.withdrawn_on, person.deceased_on = withdrawn_on, deceased_on
    person.hold_until, person.zone = hold_until, zone
    message.request.state = state
    if message.channel == Message.Channel.LETTER:
        address = reach.address_of(person, message.channel)
    return Standing(
        message=message,
        address=address or "",
        is_link_live=has_live_link if has_link else tokens.is_live(message),
        has_questions=asks_follow_up or asks_intake,
        has_urgent_flag=is_flagged or is_record_flagged,
        is_paused=is_paused,
        has_doubts=doubted or intake_doubted,
    )
