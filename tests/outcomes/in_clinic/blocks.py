"""A diagnostic injection of today, and the diary that follows it."""

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.test import Client

from clinic import audit, clock
from clinic.audit import By
from clinic.models import User
from outcomes.in_clinic import diaries
from outcomes.models import BlockDiary
from patients.models import Complaint, Patient
from plans.course import interventions
from plans.models import GuidedInjection, Intervention
from tests import factories, reasons
from tests.outcomes.survey.conftest import BIRTH_DATE


def make_block(
    patient: Patient,
    *,
    by: By = audit.SYSTEM,
    complaint: Complaint | None = None,
    purpose: str = "diagnostic",
) -> Intervention:
    complaint = complaint or factories.make_complaint(patient)
    plan = factories.make_plan(complaint, "lifestyle")
    added = interventions.add(
        plan,
        title="L5 nerve root block",
        modality="image_guided_injection",
        planned_on=clock.today(patient.time_zone),
        target="L5 nerve root",
        by=by,
    )
    done = interventions.perform(
        added,
        performed_on=clock.today(patient.time_zone),
        by=by,
        caution_reasons=reasons.ALL,
    )
    GuidedInjection.objects.create(
        clinic=plan.clinic, intervention=done, purpose=purpose
    )
    return Intervention.objects.get(pk=done.pk)


def a_moment_ago(patient: Patient, minutes: int = 1) -> Any:
    """Of today, also just after midnight."""
    now = clock.now()
    zone = patient.time_zone
    then = now - timedelta(minutes=minutes)
    if clock.day_of(then, zone) != clock.day_of(now, zone):
        then = now
    return then.astimezone(ZoneInfo(zone)).time().replace(microsecond=0)


def start(
    block: Intervention, *, by: User, pain_before: int | None = 8
) -> tuple[BlockDiary, str]:
    patient = block.plan.complaint.patient
    address = diaries.start(
        block, by=by, injected_at=a_moment_ago(patient, 0), pain_before=pain_before
    )
    return BlockDiary.objects.get(intervention=block), address.rsplit("/", 1)[-1]


def enter(token: str) -> Client:
    client = Client()
    reply = client.post(f"/d/{token}", BIRTH_DATE)
    assert reply.url == "/diary/", reply.content.decode()
    return client
