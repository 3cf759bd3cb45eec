from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import connections

from clinic import audit
from clinic.models import AuditEvent
from patients.models import Complaint, Patient
from plans.course import interventions, lifecycle, starting
from plans.course.lifecycle import Move
from plans.models import Intervention, Plan, Protocol
from tests import factories, reasons

PRP_DAY = 14
LOADING_DAY = 28


def protocol_of(clinic, key="prp"):
    return Protocol.objects.get(clinic=clinic, key=key)


def refused(complaint, **fields):
    """The fields that an error names when this is started."""
    given = {
        "protocol": protocol_of(complaint.clinic),
        "started_on": factories.days_ago(complaint.clinic, 0),
        **fields,
    }
    with pytest.raises(ValidationError) as caught:
        starting.start(complaint, by=audit.SYSTEM, **given)
    return getattr(caught.value, "message_dict", {"": caught.value.messages})


def test_a_plan_has_the_steps_of_its_protocol(complaint):
    plan = factories.make_plan(complaint)
    days = [(i.planned_on - plan.started_on).days for i in plan.interventions.all()]
    assert days == [PRP_DAY, LOADING_DAY]
    assert AuditEvent.objects.filter(action="plan.started").exists()


def test_a_known_procedure_date_moves_what_comes_after_it(complaint):
    today = factories.days_ago(complaint.clinic, 0)
    plan = factories.make_plan(complaint, procedure_on=today + timedelta(days=30))
    days = [(i.planned_on - today).days for i in plan.interventions.all()]
    assert days == [30, 30 + LOADING_DAY - PRP_DAY]


@pytest.mark.parametrize("days", [-1, 731])
def test_a_procedure_is_in_the_two_years_after_the_start(complaint, days):
    day = factories.days_ago(complaint.clinic, 0) + timedelta(days=days)
    assert list(refused(complaint, procedure_on=day)) == ["procedure_on"]


def test_a_date_at_the_end_of_time_is_refused_and_not_an_error(complaint):
    assert "procedure_on" in refused(complaint, procedure_on=date.max)
    assert "started_on" in refused(complaint, started_on=date.max)
    assert "started_on" in refused(complaint, started_on=date.min)


def test_a_protocol_without_a_procedure_takes_no_procedure_date(complaint):
    therapy = protocol_of(complaint.clinic, "physical_therapy")
    today = factories.days_ago(complaint.clinic, 0)
    assert "procedure_on" in refused(complaint, protocol=therapy, procedure_on=today)


def test_a_protocol_of_another_clinic_is_refused(complaint, other_clinic):
    assert "protocol" in refused(complaint, protocol=protocol_of(other_clinic))


def test_the_same_plan_is_not_started_twice_by_two_presses(complaint):
    factories.make_plan(complaint)
    assert "protocol" in refused(complaint)
    assert Plan.objects.count() == 1


def test_steps_after_the_index_procedure_move_with_it(complaint):
    plan = factories.make_plan(complaint, started_days_ago=40)
    index = plan.interventions.get(is_index=True)
    after = plan.interventions.filter(planned_on__gt=index.planned_on)
    before = dict(after.values_list("pk", "planned_on"))
    assert before
    day = index.planned_on + timedelta(days=3)
    interventions.perform(index, performed_on=day, by=audit.SYSTEM)
    moved = {pk: planned + timedelta(days=3) for pk, planned in before.items()}
    assert dict(after.values_list("pk", "planned_on")) == moved
    event = AuditEvent.objects.get(action="intervention.performed")
    assert event.facts["moved"] == {str(k): str(v) for k, v in moved.items()}


@pytest.mark.django_db(transaction=True)
def test_presses_at_once_start_one_plan():
    clinic = factories.make_clinic()
    key = factories.make_complaint(factories.make_patient(clinic)).pk

    def press(_):
        try:
            factories.make_plan(Complaint.objects.get(pk=key))
        except ValidationError:
            return "refused"
        finally:
            connections.close_all()
        return "started"

    with ThreadPoolExecutor(4) as pool:
        results = sorted(pool.map(press, range(4)))
    assert results == ["refused"] * 3 + ["started"]
    assert Plan.objects.count() == 1


def test_the_dead_and_closed_complaints_get_no_plan(complaint):
    today = factories.days_ago(complaint.clinic, 0)
    Complaint.objects.update(closed_on=today)
    complaint.refresh_from_db()
    assert "closed" in refused(complaint)[""][0]
    Patient.objects.update(deceased_on=today)
    assert "died" in refused(Complaint.objects.get())[""][0]


def test_performing_keeps_what_was_done_and_by_whom(complaint, physician):
    intervention = factories.make_plan(complaint).interventions.get(is_index=True)
    today = factories.days_ago(complaint.clinic, 0)
    interventions.perform(
        intervention,
        performed_on=today,
        by=physician,
        caution_reasons=reasons.ALL,
        target="plantar fascia",
    )
    intervention.refresh_from_db()
    assert (intervention.status, intervention.target) == (
        "performed",
        "plantar fascia",
    )
    assert intervention.performed_by == physician
    event = AuditEvent.objects.get(action="intervention.performed")
    assert event.facts["performed_on"] == today.isoformat()


@pytest.mark.parametrize(("days", "reason"), [(-1, "future"), (40000, "born")])
def test_a_procedure_is_done_in_the_patients_life(complaint, days, reason):
    plan = factories.make_plan(complaint)
    with pytest.raises(ValidationError, match=reason):
        factories.make_performed(plan, days=days)
    assert plan.interventions.get(is_index=True).status == "planned"


@pytest.mark.parametrize(("days", "is_taken"), [(60, True), (61, False), (365, False)])
def test_a_wrong_year_is_refused(complaint, days, is_taken):
    intervention = factories.make_plan(complaint).interventions.get(is_index=True)
    day = factories.days_ago(complaint.clinic, days)
    try:
        interventions.perform(intervention, performed_on=day, by=audit.SYSTEM)
    except ValidationError as error:
        assert "look at the year" in error.message_dict["performed_on"][0]
    intervention.refresh_from_db()
    assert (intervention.status == "performed") is is_taken


def test_a_procedure_long_after_the_start_is_refused(complaint):
    plan = factories.make_plan(complaint, started_days_ago=800)
    factories.make_performed(plan, days=70)
    late = plan.interventions.get(is_index=False)
    with pytest.raises(ValidationError, match="give a day from"):
        interventions.perform(
            late, performed_on=factories.days_ago(plan.clinic, 0), by=audit.SYSTEM
        )


def test_a_refused_detail_leaves_it_planned(complaint, physician):
    intervention = factories.make_plan(complaint).interventions.get(is_index=True)
    today = factories.days_ago(complaint.clinic, 0)
    with pytest.raises(ValidationError) as caught:
        interventions.perform(intervention, performed_on=today, by=physician, side="up")
    assert "side" in caught.value.message_dict
    assert Intervention.objects.get(pk=intervention.pk).status == "planned"


@pytest.mark.django_db(transaction=True)
def test_two_presses_at_once_perform_it_once():
    clinic = factories.make_clinic()
    plan = factories.make_plan(factories.make_complaint(factories.make_patient(clinic)))
    key = plan.interventions.get(is_index=True).pk

    def press(_):
        try:
            interventions.perform(
                Intervention.objects.get(pk=key),
                performed_on=factories.days_ago(clinic, 0),
                by=audit.SYSTEM,
            )
        except ValidationError:
            return "refused"
        finally:
            connections.close_all()
        return "done"

    with ThreadPoolExecutor(3) as pool:
        results = sorted(pool.map(press, range(3)))
    assert results == ["done", "refused", "refused"]
    assert AuditEvent.objects.filter(action="intervention.performed").count() == 1


def test_ending_cancels_what_was_only_planned(complaint, physician):
    plan = factories.make_plan(complaint)
    factories.make_performed(plan, days=0)
    today = factories.days_ago(complaint.clinic, 0)
    lifecycle.move(plan, Move.COMPLETE, on=today, by=physician)
    states = plan.interventions.values_list("status", flat=True)
    assert sorted(states) == ["cancelled", "performed"]
    assert AuditEvent.objects.get(action="plan.completed").facts["before"] == {
        "status": "active",
        "started_on": plan.started_on.isoformat(),
    }


def test_stopping_needs_a_reason(complaint, physician):
    plan = factories.make_plan(complaint)
    for reason in ("", "  ", "x" * 201):
        with pytest.raises(ValidationError) as caught:
            lifecycle.move(
                plan,
                Move.STOP,
                on=plan.started_on,
                by=physician,
                reason=reason,
            )
        assert "reason" in caught.value.message_dict
    assert Plan.objects.get().status == "active"


def test_a_plan_ends_once_and_not_before_it_starts(complaint, physician):
    plan = factories.make_plan(complaint)
    day_before = plan.started_on - timedelta(days=1)
    with pytest.raises(ValidationError, match="before the plan started"):
        lifecycle.move(plan, Move.COMPLETE, on=day_before, by=physician)
    stale = Plan.objects.get()
    lifecycle.move(plan, Move.COMPLETE, on=plan.started_on, by=physician)
    for again in (plan, stale):
        with pytest.raises(ValidationError, match="completed"):
            lifecycle.move(again, Move.COMPLETE, by=physician)


def test_a_plan_does_not_end_before_what_was_performed_in_it(complaint):
    plan = factories.make_plan(complaint, started_days_ago=40)
    factories.make_performed(plan, days=20)
    with pytest.raises(ValidationError) as caught:
        end_on(plan, factories.days_ago(plan.clinic, 21))
    assert list(caught.value.message_dict) == ["on"]
    assert "PRP injection was performed on" in caught.value.messages[0]
    end_on(plan, factories.days_ago(plan.clinic, 20))
    assert Plan.objects.get().status == "stopped"


def end_on(plan, day):
    lifecycle.move(plan, Move.STOP, on=day, reason="moved away", by=audit.SYSTEM)


def test_what_was_performed_is_not_corrected_to_after_the_end(complaint):
    plan = factories.make_plan(complaint, started_days_ago=40)
    done = factories.make_performed(plan, days=20)
    end_on(plan, factories.days_ago(plan.clinic, 10))
    with pytest.raises(ValidationError) as caught:
        late = factories.days_ago(plan.clinic, 9)
        interventions.reschedule(done, day=late, by=audit.SYSTEM)
    assert list(caught.value.message_dict) == ["day"]
    last = factories.days_ago(plan.clinic, 10)
    interventions.reschedule(done, day=last, by=audit.SYSTEM)
    assert Intervention.objects.get(pk=done.pk).performed_on == last
