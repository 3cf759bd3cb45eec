from uuid import UUID

import pytest
from django.core.exceptions import ValidationError

from clinic import access, clock
from clinic.models import AuditEvent
from outcomes.follow_ups.worklist import assignments, tasks
from outcomes.models import StaffTask
from tests import factories


def holder(task: StaffTask) -> object:
    task.refresh_from_db()
    return task.assigned_to


def test_a_call_is_given_to_a_person_and_back_to_nobody(
    follow_up, task, admin, colleague
):
    assignments.assign(follow_up, to=colleague, by=admin)
    assert holder(task) == colleague
    assignments.assign(follow_up, to=None, by=admin)
    assert holder(task) is None
    event = AuditEvent.objects.filter(action="task.assigned").latest("id")
    assert (event.facts["before"], event.facts["after"]) == ([str(colleague.pk)], "")


def test_where_nothing_is_open_assigning_makes_a_call(follow_up, admin, colleague):
    assignments.assign(follow_up, to=colleague, by=admin)
    made = StaffTask.objects.get()
    assert (made.assigned_to, made.kind) == (colleague, "call")
    assert made.due_on == clock.today(follow_up.clinic.zone)


def test_the_front_desk_takes_what_nobody_has(follow_up, task, colleague, clerk):
    assignments.assign(follow_up, to=colleague, by=colleague)
    assert holder(task) == colleague
    with pytest.raises(ValidationError, match="may take what nobody has"):
        assignments.assign(follow_up, to=clerk, by=clerk)
    with pytest.raises(ValidationError, match="may take what nobody has"):
        assignments.assign(follow_up, to=clerk, by=colleague)
    assert holder(task) == colleague


def test_only_who_calls_patients_here_is_given_a_call(
    follow_up, admin, outsider, researcher
):
    for person in (outsider, researcher):
        with pytest.raises(ValidationError, match="calls no patients here"):
            assignments.assign(follow_up, to=person, by=admin)
    assert not StaffTask.objects.exists()


def test_each_task_goes_to_whoever_has_least():
    a, b, c = (UUID(int=number) for number in range(3))
    jobs = [UUID(int=100 + number) for number in range(5)]
    shares = assignments.spread(jobs, {a: 2, b: 0, c: 1})
    assert {person: len(mine) for person, mine in shares.items()} == {a: 1, b: 3, c: 1}


def several(follow_up, count: int, holder) -> None:
    for _ in range(count):
        task = tasks.make_call(follow_up, due_on=follow_up.due_on)
        StaffTask.objects.filter(pk=task.pk).update(assigned_to=holder)


def test_all_of_somebodys_tasks_are_spread_over_the_others(
    follow_up, clinic, admin, colleague
):
    other = factories.make_user(clinic, access.Role.ASSISTANT)
    several(follow_up, 4, colleague)
    moved = assignments.reassign(clinic, away=colleague, to=None, by=admin)
    assert moved == {admin: 2, other: 2}
    assert not StaffTask.objects.filter(assigned_to=colleague).exists()
    event = AuditEvent.objects.get(action="tasks.reassigned")
    assert event.subjects.get().patient_id == follow_up.patient_id


def test_all_of_somebodys_tasks_go_to_another(follow_up, clinic, admin, colleague):
    several(follow_up, 3, colleague)
    moved = assignments.reassign(clinic, away=colleague, to=admin, by=admin)
    assert moved == {admin: 3}


def test_nothing_is_handed_to_who_is_away_or_elsewhere(
    follow_up, clinic, admin, colleague, outsider
):
    several(follow_up, 1, colleague)
    for person in (colleague, outsider):
        with pytest.raises(ValidationError):
            assignments.reassign(clinic, away=colleague, to=person, by=admin)
    assert StaffTask.objects.get().assigned_to == colleague


def examination(follow_up, holder=None) -> StaffTask:
    return StaffTask.objects.create(
        clinic=follow_up.clinic,
        patient=follow_up.patient,
        follow_up=follow_up,
        kind="examine",
        reason="clinician",
        due_on=follow_up.due_on,
        closes_on=follow_up.closes_on,
        assigned_to=holder,
    )


def test_the_front_desk_is_given_no_examination(follow_up, task, admin, colleague):
    examined = examination(follow_up)
    assignments.assign(follow_up, to=colleague, by=admin)
    assert (holder(task), holder(examined)) == (colleague, None)
    assignments.assign(follow_up, to=admin, by=admin)
    assert holder(examined) == admin


def test_examinations_are_spread_over_who_examines(
    follow_up, clinic, admin, physician, colleague
):
    examined = examination(follow_up, admin)
    with pytest.raises(ValidationError, match="for who examines"):
        assignments.reassign(clinic, away=admin, to=colleague, by=admin)
    moved = assignments.reassign(clinic, away=admin, to=None, by=admin)
    assert moved == {physician: 1, colleague: 0}
    assert holder(examined) == physician
