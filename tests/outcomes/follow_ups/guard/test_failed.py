"""What did not arrive: each number on Today and Operations leads to its list."""

from datetime import timedelta

import pytest
from django.urls import reverse

from clinic import clock
from clinic.models import AuditEvent
from outcomes.follow_ups.guard import failed
from outcomes.models import Message, SurveyRequest
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
    for state in (*failed.LOST, Message.State.ACCEPTED, Message.State.DELIVERED):
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
    assert shown == {lost[state].pk for state in failed.LOST}
    html = page.content.decode()
    for state in failed.LOST:
        assert failed.WORDS[state] in html and failed.REMEDIES[state] in html
    assert "SMTP 550" in html


def test_operations_leads_to_as_many_as_it_counts(client, physician, lost):
    client.force_login(physician)
    html = client.get(reverse("outcomes:operations")).content.decode()
    for state in failed.LOST:
        assert f'href="{LIST}?state={state}&amp;channel=email"' in html
        page = client.get(LIST, {"state": state, "channel": "email"}).context["page"]
        assert [message.pk for message in page] == [lost[state].pk]


def test_today_counts_them_and_says_how_the_engine_is(client, physician, lost):
    client.force_login(physician)
    html = client.get(reverse("outcomes:today")).content.decode()
    assert f"{len(failed.LOST)} did not arrive" in html
    assert "engine stands still" in html


def test_what_is_older_than_a_month_is_left_alone(client, physician, lost):
    long_ago = clock.now() - failed.RECENT - timedelta(days=1)
    Message.objects.filter(pk=lost[Message.State.DEAD].pk).update(created_at=long_ago)
    assert failed.count(physician, clock.now()) == len(failed.LOST) - 1


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
    with django_assert_num_queries(10):
        client.get(LIST, {"state": "dead"})
    with django_assert_num_queries(10):
        client.get(LIST)


def test_one_that_may_have_arrived_is_not_said_to_be_refused(client, physician, lost):
    Message.objects.update(error="uncertain twice")
    client.force_login(physician)
    html = client.get(LIST, {"state": "failed"}).content.decode()
    assert all(words in html for words in failed.UNCLEAR)
    assert failed.WORDS[Message.State.FAILED] not in html
