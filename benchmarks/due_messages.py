"""Messages that are due in the outbox, each of a patient with a survey to answer."""

from datetime import date
from typing import Any

from benchmarks import scratch  # noqa: F401  before any model
from clinic import bulk, clock
from clinic.models import Clinic, Record, uuid7
from outcomes.follow_ups.channels import tokens
from outcomes.follow_ups.engine import due
from outcomes.models import FollowUp, Link, Message, MessageEvent
from patients.models import ContactPoint, Patient
from tests import factories


def clinic_with(count: int) -> Clinic:
    """So many of one pattern, which the engine itself made."""
    clinic = factories.make_clinic()
    complaint = factories.make_complaint(factories.make_patient(clinic))
    factories.make_performed(factories.make_plan(complaint, started_days_ago=40))
    due.advance_due(clinic, clock.now())
    pattern = Message.objects.select_related("request__patient").get(clinic=clinic)
    follow_up = pattern.request.follow_ups.get()
    for first in range(1, count, 500):
        _insert(pattern, follow_up, range(first, min(first + 500, count)))
    return clinic


def _insert(pattern: Message, follow_up: FollowUp, numbers: range) -> None:
    person = pattern.request.patient
    people = [
        copy_of(person, mrn=f"B{number}", birth_date=date(1960, 1, 1))
        for number in numbers
    ]
    requests = [copy_of(pattern.request, patient_id=one.pk) for one in people]
    messages = [
        copy_of(pattern, request_id=one.pk, idempotency_key=f"{one.pk}:invite")
        for one in requests
    ]
    for rows in (people, addresses(people, numbers), requests, messages):
        bulk.insert(rows)
    bulk.insert(
        [
            copy_of(
                follow_up,
                patient_id=request.patient_id,
                request_id=request.pk,
                timepoint_key=f"t{number}",
            )
            for number, request in zip(numbers, requests, strict=True)
        ]
    )
    bulk.insert([link_of(message) for message in messages])
    MessageEvent.objects.bulk_create(
        MessageEvent(clinic_id=one.clinic_id, message=one, state="queued")
        for one in messages
    )


def addresses(people: list[Patient], numbers: range) -> list[ContactPoint]:
    return [
        ContactPoint.made(one, "email", f"b{number}@example.org", may_contact=True)
        for one, number in zip(people, numbers, strict=True)
    ]


def link_of(message: Message) -> Link:
    return Link(
        clinic_id=message.clinic_id,
        request_id=message.request_id,
        token_sha256=tokens.sha256_of(tokens.token_for(message.pk)),
        expires_at=message.created_at,
        created_at=message.created_at,
    )


def copy_of(row: Record, **changes: object) -> Any:
    fields = {field.attname: getattr(row, field.attname) for field in row._meta.fields}
    return type(row)(**fields | {"id": uuid7()} | changes)


def make_due_again(clinic: Clinic) -> None:
    """As if none had gone."""
    Message.objects.filter(clinic=clinic).update(
        state=Message.State.QUEUED,
        next_attempt_at=clock.now(),
        attempts=0,
        error="",
        lease=None,
        lease_until=None,
    )


def is_all_sent(clinic: Clinic) -> bool:
    waiting = (*Message.CLAIMABLE, Message.State.SENDING)
    return not Message.objects.filter(clinic=clinic, state__in=waiting).exists()
