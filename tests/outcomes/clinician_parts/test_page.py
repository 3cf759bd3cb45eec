import pytest
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from clinic.models import AuditEvent
from outcomes.models import FollowUp, Response
from tests import factories
from tests.outcomes.clinician_parts.conftest import examine


def page_of(row):
    return reverse("outcomes:clinician_part", args=[row.pk])


def send(client, row, **fields):
    day = factories.days_ago(row.clinic, 0).isoformat()
    return client.post(page_of(row), {"examined_on": day, **fields})


@pytest.fixture
def helper(client, assistant):
    client.force_login(assistant)
    return client


def test_the_page_says_what_the_record_has_and_asks_the_rest(helper, recheck):
    factories.make_evaluation(recheck.episode.complaint, ankle_jerk__left="2")
    page = helper.get(page_of(recheck))
    assertContains(page, "examined, recorded in the evaluation of")
    assertContains(page, "Red flags since last time")
    assertContains(page, "not there yet")
    assertContains(page, 'name="pain_site"')


def test_reading_the_page_changes_nothing_and_is_audited(helper, recheck):
    before = FollowUp.objects.values().get(pk=recheck.pk)
    helper.get(page_of(recheck))
    assert FollowUp.objects.values().get(pk=recheck.pk) == before
    assert AuditEvent.objects.filter(action="examination.read").exists()


def test_what_is_not_examined_yet_is_named_and_what_was_typed_stays(helper, recheck):
    page = send(helper, recheck, pain_site="4")
    assertContains(page, "Neurological examination: no evaluation of these days")
    assertContains(page, 'id="id_pain_site_4" required checked')
    assert not Response.objects.filter(follow_up=recheck).exists()


def test_a_block_is_read_and_answered_with_its_relief(helper, block):
    fields = {"pain_after_block": "2", "motor_block": "1", "events_immediate": "on"}
    assertRedirects(send(helper, block, **fields, read_at="00:00"), page_of(block))
    block.refresh_from_db()
    assert block.state == FollowUp.State.COMPLETED
    page = helper.get(page_of(block))
    assertContains(page, "Pain 2 after it; nobody asked before it.")
    assertContains(page, "Partial")


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"pain_after_block": "2"}, "Tick it, or put the event on the ledger."),
        ({"events_immediate": "on"}, "Choose an answer."),
        (
            {"pain_after_block": "2", "events_immediate": "on"},
            "Enter the time at which it was asked.",
        ),
        (
            {"pain_after_block": "11", "events_immediate": "on", "read_at": "00:00"},
            "11 is not one of the available choices",
        ),
        ({"read_at": "soon"}, "Enter a time such as 14:05."),
        ({"examined_on": "2099-01-01", "read_at": "00:00"}, "still to come"),
    ],
)
def test_a_fault_is_said_at_its_field_and_nothing_is_kept(helper, block, fields, words):
    whole = {"pain_after_block": "2", "events_immediate": "on"}
    given = fields if "examined_on" not in fields else whole | fields
    assertContains(send(helper, block, **given), words)
    assert not Response.objects.filter(follow_up=block).exists()


def test_who_comes_second_is_told_who_was_first(helper, both, physician):
    examine(both, physician)
    page = send(helper, both, sessions_attended="8")
    assertContains(page, "Say why it is corrected.")
    assertContains(page, "by Dr Okafor")


def test_a_correction_with_its_reason_is_kept(helper, both, physician):
    examine(both, physician)
    send(helper, both, sessions_attended="8", reason="miscounted")
    page = helper.get(page_of(both))
    assertContains(page, "corrected once")
    assertContains(page, "8 sessions")


def test_the_front_desk_examines_nobody(client, clerk, recheck):
    client.force_login(clerk)
    assert client.get(page_of(recheck)).status_code == 403
    assert send(client, recheck, pain_site="4").status_code == 403


def test_another_clinic_finds_nothing(client, outsider, recheck):
    client.force_login(outsider)
    assert client.get(page_of(recheck)).status_code == 404


def test_a_follow_up_of_the_patients_alone_asks_the_clinic_nothing(helper, both):
    own = both.episode.follow_ups.get(timepoint_key="w2")
    page = helper.get(page_of(own))
    assertContains(page, "Only the patient is asked here")
    assertNotContains(page, "not there yet")
    assertNotContains(page, "Day of the visit")


def test_the_page_costs_the_same_with_a_longer_record(
    helper, recheck, django_assert_max_num_queries
):
    factories.make_evaluation(recheck.episode.complaint, ankle_jerk__left="2")
    with django_assert_max_num_queries(20) as first:
        helper.get(page_of(recheck))
    factories.make_evaluation(
        recheck.episode.complaint, ankle_jerk__right="1", RF05="absent"
    )
    with django_assert_max_num_queries(len(first)):
        helper.get(page_of(recheck))
