"""Running plans with answers, each a copy of one that the product itself made."""

from collections.abc import Sequence
from typing import Any

from benchmarks import scratch  # noqa: F401  before any model
from clinic import bulk, clock
from clinic.access import Role
from clinic.models import Clinic, Record, User, uuid7
from outcomes.models import Episode, FollowUp, Response
from plans.models import Goal, Intervention, Plan, Protocol
from plans.protocols import documents, stored
from tests import factories

ANSWERED = ("baseline", "d7_safety")


def clinic_with(count: int) -> tuple[Clinic, User]:
    """So many plans of PRP, injected twenty days ago, with two answers each."""
    clinic = factories.make_clinic()
    admin = factories.make_user(clinic, Role.ADMIN, Role.PROVIDER)
    complaint = factories.make_complaint(factories.make_patient(clinic))
    plan = factories.make_plan(complaint, started_days_ago=34)
    factories.make_performed(plan, days=20)
    _answer(plan)
    for first in range(1, count, 500):
        _insert(plan, range(first, min(first + 500, count)))
    return clinic, admin


def _answer(plan: Plan) -> None:
    for row in FollowUp.objects.filter(
        episode__plan=plan, timepoint_key__in=ANSWERED
    ).select_related("episode"):
        row.state, row.state_reason = FollowUp.State.COMPLETED, ""
        row.next_action_at = None
        row.answered_at = row.completed_at = clock.now()
        row.save()
        Response.objects.create(
            clinic_id=row.clinic_id,
            patient_id=row.patient_id,
            follow_up=row,
            state=Response.State.SEALED,
            provenance="patient",
            language="en",
            sealed_at=clock.now(),
            answered_on=row.due_on,
            in_window=True,
        )


def _insert(plan: Plan, numbers: range) -> None:
    person = plan.complaint.patient
    people = [copy_of(person, mrn=f"B{number}") for number in numbers]
    complaints = [copy_of(plan.complaint, patient_id=one.pk) for one in people]
    plans = [copy_of(plan, complaint_id=one.pk) for one in complaints]
    for rows in (people, complaints, plans):
        bulk.insert(rows)
    bulk.insert(of_each(Goal.objects.filter(plan=plan), plans, "plan_id"))
    pattern = Episode.objects.get(plan=plan)
    episodes = []
    for step in Intervention.objects.filter(plan=plan):
        steps = of_each([step], plans, "plan_id")
        bulk.insert(steps)
        if step.pk == pattern.anchor_intervention_id:
            episodes = [
                copy_of(
                    pattern,
                    patient_id=person.pk,
                    complaint_id=complaint.pk,
                    plan_id=plan.pk,
                    anchor_intervention_id=index.pk,
                )
                for person, complaint, plan, index in zip(
                    people, complaints, plans, steps, strict=True
                )
            ]
            bulk.insert(episodes)
    for row in FollowUp.objects.filter(episode=pattern):
        rows = [
            copy_of(row, patient_id=one.patient_id, episode_id=one.pk)
            for one in episodes
        ]
        bulk.insert(rows)
        for answer in Response.objects.filter(follow_up=row):
            bulk.insert(
                [
                    copy_of(answer, patient_id=one.patient_id, follow_up_id=one.pk)
                    for one in rows
                ]
            )


def of_each(rows: Any, owners: Sequence[Record], column: str) -> list[Any]:
    return [copy_of(row, **{column: one.pk}) for row in rows for one in owners]


def copy_of(row: Record, **changes: object) -> Any:
    fields = {field.attname: getattr(row, field.attname) for field in row._meta.fields}
    return type(row)(**fields | {"id": uuid7()} | changes)


def edited(protocol: Protocol, by: User) -> Protocol:
    """Its next version: a time point moves, one gets a window, one comes, one goes."""
    points = documents.write(stored.definition_of(protocol))["timepoints"]
    found = [point for point in points if point["key"] != "m24"]
    by_key = {point["key"]: point for point in found}
    by_key["m3"] |= {"offset_days": 100, "ask_day": 100}
    by_key["m6"] |= {"close_day": by_key["m6"]["close_day"] + 7}
    year = by_key["m12"]
    later = {"key": "m18", "label": "18 months", "offset_days": 548}
    later |= {"open_day": 520, "close_day": 580, "ask_day": 548}
    return factories.make_version(protocol, by=by, timepoints=[*found, year | later])
