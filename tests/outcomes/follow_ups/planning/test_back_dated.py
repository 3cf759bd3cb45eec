"""A plan that is entered long after it began asks nothing about the past."""

import pytest
from django.urls import reverse
from pytest_django.asserts import assertContains

from clinic import clock
from outcomes.follow_ups.engine import due
from outcomes.models import FollowUp, Message, SurveyRequest
from plans.models import Plan, Protocol
from tests import factories

State = FollowUp.State
YEAR = 365


def send_all(clinic):
    due.advance_due(clinic, clock.now())


def body(complaint, modality, days=YEAR):
    protocol = Protocol.objects.get(clinic=complaint.clinic, key=modality)
    day = factories.days_ago(complaint.clinic, days)
    return {"protocol": str(protocol.pk), "started_on": day.isoformat()}


def preview(client, complaint, modality, days=YEAR):
    form = {**body(complaint, modality, days), "step": "preview"}
    return client.post(reverse("plans:start", args=[complaint.pk]), form)


def test_a_year_back_asks_only_what_is_still_open(complaint, clinic):
    plan = factories.make_plan(complaint, "physical_therapy", started_days_ago=YEAR)
    send_all(clinic)
    today = factories.days_ago(clinic, 0)
    rows = FollowUp.objects.filter(episode__plan=plan)
    past = rows.filter(closes_on__lt=today)
    assert past.count() > 3
    assert set(past.values_list("state", "state_reason")) == {
        (State.EXPIRED, "never asked")
    }
    asked = rows.exclude(state__in=[State.PLANNED, State.EXPIRED])
    assert [row.timepoint_key for row in asked] == ["m12"]
    assert SurveyRequest.objects.count() == 1


@pytest.mark.parametrize("modality", ["prp", "bone_marrow_concentrate"])
def test_a_procedure_of_a_year_ago_asks_nothing_about_its_past(
    complaint, clinic, modality
):
    plan = factories.make_plan(complaint, modality, started_days_ago=YEAR + 15)
    send_all(clinic)
    assert not Message.objects.exists()
    factories.make_performed(plan, days=YEAR)
    send_all(clinic)
    today = factories.days_ago(clinic, 0)
    past = FollowUp.objects.filter(episode__plan=plan, closes_on__lt=today)
    assert past.count() > 3
    assert set(past.values_list("state", flat=True)) == {State.EXPIRED}
    sent = FollowUp.objects.filter(state=State.OPEN)
    assert [row.timepoint_key for row in sent] == ["m12"]


def test_the_page_counts_before_it_saves(signed_in, complaint):
    page = preview(signed_in, complaint, "physical_therapy")
    found = page.context["preview"].invitations
    assertContains(page, f"0 past invitations, {found.future} future")
    assertContains(page, "over and never asked")
    assert not Plan.objects.exists()


def test_the_counts_hold_once_it_is_started(signed_in, complaint, clinic):
    page = preview(signed_in, complaint, "physical_therapy")
    found = page.context["preview"].invitations
    factories.make_plan(complaint, "physical_therapy", started_days_ago=YEAR)
    rows = FollowUp.objects.filter(patient=complaint.patient)
    assert rows.filter(state=State.EXPIRED).count() == found.over
    assert rows.exclude(state=State.EXPIRED).count() == found.future
    send_all(clinic)
    assert rows.filter(state=State.OPEN).count() == found.today


def test_a_procedure_not_recorded_yet_is_said_to_hold_things_up(signed_in, complaint):
    page = preview(signed_in, complaint, "prp")
    assertContains(page, "wait until the procedure is recorded as done")


def test_the_api_says_the_same_and_saves_nothing(signed_in, complaint):
    page = preview(signed_in, complaint, "physical_therapy")
    given = {**body(complaint, "physical_therapy"), "complaint": str(complaint.pk)}
    found = signed_in.post("/api/v1/plans/preview/", given, "application/json").json()
    shown = page.context["preview"].invitations
    assert found["invitations"]["past"] == 0
    assert found["invitations"]["in_words"] == shown.in_words
    assert sum(one["is_over"] for one in found["askings"]) >= shown.over
    assert not Plan.objects.exists()


def test_the_api_refuses_what_the_start_would_refuse(signed_in, complaint):
    given = {**body(complaint, "prp", -3), "complaint": str(complaint.pk)}
    answer = signed_in.post("/api/v1/plans/preview/", given, "application/json")
    assert answer.status_code == 400
    assert "started_on" in answer.json()
