"""Outcome rows as the engine and a survey leave them, made without either."""

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from uuid import uuid4
from zoneinfo import ZoneInfo

from clinic.models import Clinic
from outcomes.models import Episode, FollowUp, Measure, Provenance, Response, Score
from patients.models import Patient
from plans.models import Anchor, Plan
from tests import factories

ANCHOR = date(2025, 3, 3)
POINTS = {"baseline": 0, "w2": 14, "m3": 90, "m12": 365}


def make_measure(clinic: Clinic, key: str = "pain_test", **fields: object) -> Measure:
    defaults = {
        "name": "Test pain",
        "short_name": "Test pain",
        "minimum": 0,
        "maximum": 10,
        "better_is": "lower",
        "mic_points": 2,
    }
    return Measure.objects.create(clinic=clinic, key=key, **{**defaults, **fields})


def make_episode(
    clinic: Clinic, *, treatment: str = "prp", patient: Patient | None = None
) -> Episode:
    """An episode in the past whose follow-ups all expired; answers come on top."""
    patient = patient or factories.make_patient(clinic)
    complaint = factories.make_complaint(patient, opened_on=ANCHOR)
    plan = Plan.objects.create(
        clinic=clinic,
        complaint=complaint,
        title=treatment,
        modality="other",
        treatment_key=treatment,
        treatment_label=treatment.upper(),
        started_on=ANCHOR,
    )
    episode = Episode.objects.create(
        clinic=clinic,
        patient=patient,
        complaint=complaint,
        plan=plan,
        anchor=Anchor.PLAN_START,
        anchor_on=ANCHOR,
    )
    for key, day in POINTS.items():
        make_follow_up(episode, key, day)
    return episode


def make_follow_up(episode: Episode, key: str, day: int, **fields: object) -> FollowUp:
    due_on = ANCHOR + timedelta(days=day)
    defaults = {
        "label": key,
        "offset_days": day,
        "open_day": day - 5,
        "close_day": day + 5,
        "ask_day": day,
        "opens_on": due_on - timedelta(days=5),
        "due_on": due_on,
        "closes_on": due_on + timedelta(days=5),
        "is_baseline": key == "baseline",
        "state": FollowUp.State.EXPIRED,
        "next_action_at": None,
    }
    return FollowUp.objects.create(
        clinic_id=episode.clinic_id,
        patient_id=episode.patient_id,
        episode=episode,
        timepoint_key=key,
        **{**defaults, **fields},
    )


def answer(episode: Episode, measure: Measure, **values: float | None) -> None:
    """Sealed responses at the named time points, with a score where not None."""
    for key, value in values.items():
        follow_up = episode.follow_ups.get(timepoint_key=key)
        at = datetime.combine(follow_up.due_on, time(12), ZoneInfo("America/Chicago"))
        response, _ = Response.objects.get_or_create(
            clinic_id=episode.clinic_id,
            patient_id=episode.patient_id,
            follow_up=follow_up,
            defaults={
                "state": Response.State.SEALED,
                "provenance": Provenance.PATIENT,
                "language": "en",
                "sealed_at": at,
                "answered_on": follow_up.due_on,
            },
        )
        FollowUp.objects.filter(pk=follow_up.pk).update(
            state="completed", answered_at=at, completed_at=at
        )
        if value is not None:
            make_score(episode, measure, value, follow_up.due_on, response=response)


def make_score(
    episode: Episode, measure: Measure, value: float, on: date, **fields: object
) -> Score:
    return Score.objects.create(
        clinic_id=episode.clinic_id,
        patient_id=episode.patient_id,
        complaint_id=episode.complaint_id,
        measure=measure,
        measured_at=datetime.combine(on, time(12), ZoneInfo("America/Chicago")),
        measured_on=on,
        value=Decimal(str(value)),
        provenance=Provenance.PATIENT,
        algorithm_version="test",
        input_sha256=uuid4().hex,
        **fields,
    )
