"""Why it was raised: what was answered and when, and what the rule asks for."""

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from outcomes.alerts import chosen, why
from outcomes.models import Alert, Measure
from patients.triage import flags
from tests import factories
from tests.outcomes import rows
from tests.outcomes.alerts import cases

NOTICED = "Back pain 6, was 3 before treatment: worse by 3, 2 matters."


@pytest.fixture
def at_work(client, physician):
    client.force_login(physician)
    return client


def page(client, patient):
    reply = client.get(reverse("outcomes:patient", args=[patient.pk]))
    return " ".join(reply.content.decode().split())


def worse(episode):
    """An alert as the answer of two weeks raised it."""
    pain = Measure.objects.get(clinic=episode.clinic, key="pain_back")
    rows.answer(episode, pain, baseline=3, w2=6)
    response = episode.follow_ups.get(timepoint_key="w2").responses.get()
    return Alert.objects.create(
        clinic=episode.clinic,
        patient=episode.patient,
        complaint=episode.complaint,
        response=response,
        measure=pain,
        rule="worse_than_baseline",
        rules_version=1,
        severity=Alert.Severity.TODAY,
        reason=NOTICED,
    )


def test_an_alert_says_what_was_answered_when_and_by_which_rule(at_work, clinic):
    episode = rows.make_episode(clinic)
    worse(episode)
    shown = page(at_work, episode.patient)
    assert NOTICED in shown
    assert (
        "Worse than before treatment · w2, answered 17 Mar 2025 by the patient" in shown
    )
    assert "by at least what matters to patients on that measure" in shown
    assert "Set here: 1 (times the smallest change that matters)." in shown


def test_the_rule_is_told_as_the_clinic_has_set_it(at_work, clinic, admin):
    episode = rows.make_episode(clinic)
    worse(episode)
    chosen.save(
        clinic, key="worse_than_baseline", is_on=True, number=Decimal(2), by=admin
    )
    assert "Set here: 2 (times the smallest" in page(at_work, episode.patient)


def test_a_flag_says_who_said_it_what_is_enough_and_what_to_do(at_work, complaint):
    cases.urgent(complaint)
    shown = page(at_work, complaint.patient)
    assert "New numbness or altered feeling between the legs" in shown
    assert "Said by the patient," in shown
    assert "Looks for cauda equina syndrome; one of these is enough: new numb" in shown
    assert "To do: emergency department now" in shown


def test_a_flag_and_the_alert_that_tells_of_it_are_one_line(complaint, physician):
    alert = cases.urgent(complaint)
    found = why.of_patient(physician, complaint.patient, [alert.red_flag])
    assert [each.kind for each in found] == ["Red flag"]


def test_what_made_a_flag_more_urgent_is_said(complaint):
    cases.say(complaint, RF10="present", RF07="present")
    flag = complaint.patient.red_flags.get(flag="RF10")
    told = why.of_flag(flag).threshold
    assert "E2 by itself, E0 with one of: " in told


def test_the_most_urgent_stands_first(clinic, physician):
    episode = rows.make_episode(clinic)
    worse(episode)
    cases.urgent(episode.complaint)
    flag = episode.patient.red_flags.get()
    found = why.of_patient(physician, episode.patient, [flag])
    assert [each.kind for each in found] == ["Red flag", "Worse than before treatment"]


def test_acted_on_it_says_by_whom(at_work, complaint, physician):
    cases.urgent(complaint)
    flag = complaint.patient.red_flags.get()
    flags.acknowledge(flag, by=physician, action="Sent to the emergency department")
    shown = page(at_work, complaint.patient)
    assert f"acted on by {physician.name}, not closed" in shown


def test_what_is_closed_is_not_told(at_work, clinic):
    episode = rows.make_episode(clinic)
    alert = worse(episode)
    Alert.objects.filter(pk=alert.pk).update(
        state=Alert.State.CLOSED, closed_at=alert.raised_at
    )
    assert "Flags and alerts" not in page(at_work, episode.patient)


def test_who_may_not_read_alerts_is_told_none(client, clerk, clinic):
    episode = rows.make_episode(clinic)
    worse(episode)
    client.force_login(clerk)
    shown = page(client, episode.patient)
    assert NOTICED not in shown
    assert "Flags and alerts" not in shown


def test_three_queries_however_many_stand(clinic, physician):
    patient = factories.make_patient(clinic)
    for _ in range(3):
        worse(rows.make_episode(clinic, patient=patient))
    with CaptureQueriesContext(connection) as asked:
        assert len(why.of_patient(physician, patient, [])) == 3
    assert len(asked) == 3
