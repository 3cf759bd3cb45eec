"""Running plans with answers, each a copy of one that the product itself made."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.db import connection

from benchmarks import scratch  # noqa: F401  before any model
from clinic import bulk, clock
from clinic.access import Role
from clinic.models import Record, User, uuid7
from outcomes.models import Episode, FollowUp, Response
from plans.models import Goal, Intervention, Plan, Protocol
from plans.protocols import documents, stored
from tests import factories

ANSWERED = ("baseline", "d7_safety")


def clinic_with(count: int) -> User:
    """So many plans of PRP, injected twenty days ago, with two answers each; returns
    who may change protocols there.
    """
    clinic = factories.make_clinic()
    admin = factories.make_user(clinic, Role.ADMIN, Role.PROVIDER)
    complaint = factories.make_complaint(factories.make_patient(clinic))
    plan = factories.make_plan(complaint, started_days_ago=34)
    factories.make_performed(plan, days=20)
    _answer(plan)
    for first in range(1, count, 500):
        _insert(plan, range(first, min(first + 500, count)))
    return admin


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
    """Its next version: a time point moves, one's window too, one comes, one goes."""
    points = documents.write(stored.definition_of(protocol))["timepoints"]
    by_key = {point["key"]: point for point in points}
    sign = 1 if "m24" in by_key else -1
    by_key["m3"] = _later(by_key["m3"], 10 * sign)
    by_key["m6"]["close_day"] += 7 * sign
    gone, comes = ("m24", "m23") if sign == 1 else ("m23", "m24")
    month = _later(by_key.pop(gone), -30 * sign)
    by_key[comes] = month | {"key": comes, "label": f"Month {comes[1:]}"}
    return factories.make_version(protocol, by=by, timepoints=list(by_key.values()))


def _later(point: dict[str, Any], days: int) -> dict[str, Any]:
    moved = ("offset_days", "open_day", "close_day", "ask_day")
    return point | {name: point[name] + days for name in moved}


def bare_rewrite() -> Iterator[str]:
    """Two follow-ups of each course change, one ends, one comes; two events of each."""
    is_postgres = connection.vendor == "postgresql"
    day = "due_on + 1" if is_postgres else "date(due_on, '+1 day')"
    key = "gen_random_uuid()" if is_postgres else "lower(hex(randomblob(16)))"
    yield "UPDATE plans_plan SET protocol_id = protocol_id, title = title || ''"
    planned = "WHERE status = 'planned'"
    yield f"UPDATE plans_intervention SET step_id = step_id, detail = '' {planned}"
    keys = "('m3', 'm6')"
    yield f"UPDATE outcomes_followup SET due_on = {day} WHERE timepoint_key IN {keys}"
    ends = "state = 'cancelled', next_action_at = NULL"
    yield f"UPDATE outcomes_followup SET {ends} WHERE timepoint_key = 'm12'"
    given = {"id": key, "timepoint_key": "'bare'", "state": "'planned'"}
    names = [field.column or "" for field in FollowUp._meta.concrete_fields]
    values = ", ".join(given.get(name, name) for name in names)
    yield (
        f"INSERT INTO outcomes_followup ({', '.join(names)}) "
        f"SELECT {values} FROM outcomes_followup WHERE timepoint_key = 'm12'"
    )
    yield "UPDATE outcomes_episode SET facts_due_at = created_at"
    for _ in range(2):
        yield from _bare_events()


def _bare_events() -> Iterator[str]:
    """As much is said as in ours: some 200 characters of facts."""
    columns = "clinic_id, at, actor_kind, action, about_type, about_id, facts"
    facts = f'{{"said": "{"x" * 190}"}}'
    yield (
        f"INSERT INTO clinic_auditevent ({columns}) "
        "SELECT clinic_id, created_at, 'system', 'follow_ups.moved', "
        f"'outcomes.episode', CAST(id AS varchar), '{facts}' FROM outcomes_episode"
    )
    yield (
        "INSERT INTO clinic_auditsubject (event_id, patient_id) "
        "SELECT (SELECT MAX(id) FROM clinic_auditevent), patient_id "
        "FROM outcomes_episode"
    )
