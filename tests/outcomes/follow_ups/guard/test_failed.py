"""What did not arrive: each number on Today and Operations leads to its list."""

from datetime import timedelta

import pytest
from django.urls import reverse

from clinic import clock
from clinic.models import AuditEvent
from outcomes.follow_ups.guard import failed
from outcomes.follow_ups.worklist import tasks
from outcomes.models import FollowUp, Message, SurveyRequest
from tests import factories

pytestmark = pytest.mark.django_db
LIST = reverse("outcomes:failed_messages")


@pytest.fixture
def lost(clinic):
    """A message in each state, of one patient."""
    patient = factories.make_patient(clinic)
    request = SurveyRequest.objects.create(
        clinic=clinic, patient=patient, language="en", closes_at=clock.now()
    )
    made = {}
    for state in (*failed.TOLD, Message.State.ACCEPTED, Message.State.DELIVERED):
        made[state] = Message.objects.create(
            clinic=clinic,
            request=request,
            rung=f"x-{state}",
            channel="email",
            idempotency_key=f"x-{state}",
            state=state,
            error="SMTP 550" if state == Message.State.FAILED else "",
        )
    return made


def test_the_list_says_what_happened_and_what_to_do(client, physician, lost):
    client.force_login(physician)
    page = client.get(LIST)
    shown = {message.pk for message in page.context["page"]}
    assert shown == {lost[state].pk for state in failed.TOLD}
    html = page.content.decode()
    for state in failed.TOLD:
        assert all(words in html for words in failed.TOLD[state])
    assert "SMTP 550" in html


def test_operations_leads_to_as_many_as_it_counts(client, physician, lost):
    client.force_login(physician)
    html = client.get(reverse("outcomes:operations")).content.decode()
    for state in failed.TOLD:
        assert f'href="{LIST}?state={state}&amp;channel=email"' in html
        page = client.get(LIST, {"state": state, "channel": "email"}).context["page"]
        assert [message.pk for message in page] == [lost[state].pk]


def test_today_counts_them_and_says_how_the_engine_is(client, physician, lost):
    client.force_login(physician)
    html = client.get(reverse("outcomes:today")).content.decode()
    assert f"{len(failed.TOLD)} did not arrive" in html
    assert "engine stands still" in html


def test_what_is_older_than_a_month_is_left_alone(client, physician, lost):
    long_ago = clock.now() - failed.RECENT - timedelta(days=1)
    Message.objects.filter(pk=lost[Message.State.DEAD].pk).update(created_at=long_ago)
    assert failed.count(physician, clock.now()) == len(failed.TOLD) - 1


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({}, "No message of the last 30 days came back or failed."),
        ({"state": "nonsense"}, "No message of the last 30 days came back or failed."),
        ({"state": "bounced"}, "None of the last 30 days matches this filter."),
        ({"channel": "sms"}, "None of the last 30 days matches this filter."),
        ({"waiting": "yes"}, "None of the last 30 days matches this filter."),
    ],
)
def test_an_empty_list_says_of_what_there_is_none(client, physician, asked, said):
    client.force_login(physician)
    html = client.get(LIST, asked).content.decode()
    assert said in html
    assert (f'<a href="{LIST}">' in html) == ("matches" in said)


def arrives(request: SurveyRequest) -> None:
    accepted = Message.objects.filter(request=request, state=Message.State.ACCEPTED)
    accepted.update(accepted_at=clock.now())


def is_called(request: SurveyRequest) -> None:
    plan = factories.make_plan(factories.make_complaint(request.patient))
    row = FollowUp.objects.filter(episode__plan=plan)[0]
    FollowUp.objects.filter(pk=row.pk).update(request=request, state="open")
    call = tasks.make_call(row, due_on=clock.today(request.clinic.zone))
    tasks.finish([call], "reached", by=factories.make_user(row.clinic), at=clock.now())


def is_answered(request: SurveyRequest) -> None:
    SurveyRequest.objects.filter(pk=request.pk).update(state="completed")


@pytest.mark.parametrize("settle", [arrives, is_called, is_answered])
def test_what_is_settled_is_counted_no_more_and_stays_in_the_list(
    client, physician, lost, settle
):
    settle(lost[Message.State.DEAD].request)
    client.force_login(physician)
    today = client.get(reverse("outcomes:today"))
    assert "did not arrive" not in today.content.decode()
    assert list(client.get(LIST, {"waiting": "yes"}).context["page"]) == []
    assert len(client.get(LIST).context["page"]) == len(failed.TOLD)


def test_today_leads_to_as_many_as_it_counts(client, physician, lost):
    client.force_login(physician)
    html = client.get(reverse("outcomes:today")).content.decode()
    assert f'href="{LIST}?waiting=yes">{len(failed.TOLD)} did not arrive' in html
    shown = client.get(LIST, {"waiting": "yes"}).context["page"]
    assert len(shown) == len(failed.TOLD)


def test_another_clinic_sees_none_and_reading_is_on_record(client, outsider, lost):
    client.force_login(outsider)
    assert list(client.get(LIST).context["page"]) == []
    assert AuditEvent.objects.filter(
        action="messages.failed_listed", actor=outsider
    ).exists()


def test_the_queries_do_not_grow_with_the_messages(
    client, physician, lost, django_assert_num_queries
):
    client.force_login(physician)
    client.get(LIST)
    with django_assert_num_queries(8):
        client.get(LIST, {"state": "dead"})
    with django_assert_num_queries(8):
        client.get(LIST)


def test_one_that_may_have_arrived_is_not_said_to_be_refused(client, physician, lost):
    Message.objects.update(error="uncertain twice")
    client.force_login(physician)
    html = client.get(LIST, {"state": "failed"}).content.decode()
    assert all(words in html for words in failed.UNCLEAR)
    assert failed.TOLD[Message.State.FAILED].happened not in html


def test_operations_counts_those_of_which_nobody_knows(client, physician, lost):
    client.force_login(physician)
    address = reverse("outcomes:operations")
    said = "ended without an answer from the provider"
    assert said not in client.get(address).content.decode()
    unclear = lost[Message.State.FAILED]
    Message.objects.filter(pk=unclear.pk).update(error="uncertain twice")
    html = client.get(address).content.decode()
    assert f'href="{LIST}?state=unclear">1 {said}' in html
    page = client.get(LIST, {"state": "unclear"}).context["page"]
    assert [message.pk for message in page] == [unclear.pk]
