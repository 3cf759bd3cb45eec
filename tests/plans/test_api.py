from datetime import timedelta

import pytest

from plans.models import Intervention, Plan, Protocol
from tests import factories, reasons
from tests.api_client import with_token

PLANS, INTERVENTIONS = "/api/v1/plans/", "/api/v1/interventions/"
PROTOCOLS = "/api/v1/protocols/"


@pytest.fixture
def api(physician):
    return with_token(physician)


@pytest.fixture
def prp(complaint):
    """What starts a PRP plan ten days ago."""
    protocol = Protocol.objects.get(clinic=complaint.clinic, key="prp")
    return {
        "complaint": str(complaint.pk),
        "protocol": str(protocol.pk),
        "started_on": factories.days_ago(complaint.clinic, 10).isoformat(),
    }


def test_a_plan_is_started_with_its_steps(api, prp, physician):
    reply = api.post(PLANS, {**prp, "provider": str(physician.pk)})
    assert reply.status_code == 201
    plan = reply.json()
    assert (plan["status"], plan["modality"]) == ("active", "prp")
    assert plan["provider"] == str(physician.pk)
    steps = api.get(INTERVENTIONS, {"plan": plan["id"]}).json()["results"]
    assert len(steps) == Intervention.objects.count() > 0
    assert {step["status"] for step in steps} == {"planned"}
    assert {step["patient"] for step in steps} == {plan["patient"]}


def test_the_day_of_the_procedure_is_planned_as_given(api, prp, complaint):
    day = factories.days_ago(complaint.clinic, 5).isoformat()
    api.post(PLANS, {**prp, "procedure_on": day})
    assert Intervention.objects.get(is_index=True).planned_on.isoformat() == day


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"started_on": "2999-01-01"}, "started_on"),
        ({"procedure_on": "1999-01-01"}, "procedure_on"),
        ({"protocol": "prp"}, "protocol"),
        ({"status": "completed"}, "status"),
        ({"treatment_label": "Miracle"}, "treatment_label"),
    ],
)
def test_a_plan_that_makes_no_sense_is_refused(api, prp, change, field):
    reply = api.post(PLANS, {**prp, **change})
    assert reply.status_code == 400
    assert list(reply.json()) == [field]
    assert not Plan.objects.exists()


def test_only_a_provider_of_the_clinic_is_named_as_one(api, prp, clerk, outsider):
    replies = [
        api.post(PLANS, {**prp, "provider": str(user.pk)}) for user in (clerk, outsider)
    ]
    assert {reply.status_code for reply in replies} == {400}
    assert replies[0].json() == replies[1].json()
    assert list(replies[0].json()) == ["provider"]


def test_performing_plans_the_follow_ups(api, prp, complaint):
    plan = api.post(PLANS, prp).json()
    index = api.get(INTERVENTIONS, {"plan": plan["id"], "is_index": "true"}).json()
    address = f"{INTERVENTIONS}{index['results'][0]['id']}/perform/"
    day = factories.days_ago(complaint.clinic, 8)
    body = {"performed_on": day, "target": "L5 nerve root"}
    reply = api.post(address, {**body, "caution_reasons": reasons.ALL})
    assert reply.status_code == 200
    assert reply.json()["status"] == "performed"
    assert reply.json()["target"] == "L5 nerve root"
    due = api.get("/api/v1/follow-ups/", {"plan": plan["id"], "ordering": "due_on"})
    days = {row["offset_days"]: row["due_on"] for row in due.json()["results"]}
    assert days[90] == (day + timedelta(days=90)).isoformat()


def test_an_intervention_is_performed_once(api, complaint):
    done = factories.make_performed(factories.make_plan(complaint, started_days_ago=40))
    reply = api.post(
        f"{INTERVENTIONS}{done.pk}/perform/", {"performed_on": done.performed_on}
    )
    assert reply.status_code == 400
    assert "performed already" in reply.json()["detail"]


def test_a_plan_ends_once_and_with_a_reason(api, complaint):
    plan = factories.make_plan(complaint, started_days_ago=10)
    body = {"move": "stop", "on": factories.days_ago(plan.clinic, 0)}
    assert list(api.post(f"{PLANS}{plan.pk}/move/", body).json()) == ["reason"]
    body["reason"] = "moved away"
    reply = api.post(f"{PLANS}{plan.pk}/move/", body)
    assert (reply.status_code, reply.json()["status"]) == (200, "stopped")
    assert list(api.post(f"{PLANS}{plan.pk}/move/", body).json()) == ["move"]


def test_a_move_that_does_not_exist_is_refused(api, complaint):
    plan = factories.make_plan(complaint)
    reply = api.post(f"{PLANS}{plan.pk}/move/", {"move": "entered_in_error"})
    assert list(reply.json()) == ["move"]


def test_who_may_only_record_starts_no_plan(assistant, prp):
    assert with_token(assistant).post(PLANS, prp).status_code == 403
    assert not Plan.objects.exists()


def test_a_protocol_tells_its_steps_and_days(api, clinic):
    found = api.get(PROTOCOLS, {"key": "prp"}).json()["results"]
    assert [protocol["modality"] for protocol in found] == ["prp"]
    assert any(step["is_index"] for step in found[0]["steps"])
    assert 90 in [point["offset_days"] for point in found[0]["timepoints"]]


@pytest.mark.parametrize(
    "asked",
    [
        {"status": "active"},
        {"modality": "prp"},
        {"treatment_key": "prp"},
        {"started_from": "2000-01-01", "started_until": "2999-01-01"},
    ],
)
def test_plans_are_found_by(api, complaint, asked):
    factories.make_plan(complaint)
    assert api.get(PLANS, asked).json()["count"] == 1


@pytest.mark.parametrize("address", [PLANS, INTERVENTIONS])
def test_a_longer_list_takes_no_more_queries(
    api, clinic, address, django_assert_max_num_queries
):
    for number in range(6):
        patient = factories.make_patient(clinic)
        factories.make_plan(factories.make_complaint(patient))
        if number in (0, 5):
            # Token, membership, count, rows, lots, measurements, the audit's four.
            with django_assert_max_num_queries(13):
                assert api.get(address).json()["count"] > number


def test_protocols_take_the_same_queries_however_many(
    api, clinic, django_assert_num_queries
):
    # Token and its day of use, membership, count, rows, and their four parts.
    with django_assert_num_queries(9):
        assert api.get(PROTOCOLS).json()["count"] == 14
