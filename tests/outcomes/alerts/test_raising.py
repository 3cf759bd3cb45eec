"""Alerts rise as an answer is kept: in its transaction, once, and they stay."""

import html
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal
from itertools import zip_longest

import pytest
from django.db import connection

from clinic import audit, clock
from clinic.models import AuditEvent
from outcomes.alerts import chosen, raising
from outcomes.follow_ups.engine import due
from outcomes.models import Alert, AlertNotice, Measure, Response, Score
from outcomes.survey import sealing, sending, submissions, texts
from patients.models import RedFlag
from patients.triage import flags
from plans.harm import adverse_events
from plans.models import AdverseEvent, TreatmentElsewhere
from tests import answering, factories
from tests.outcomes import rows
from tests.outcomes.alerts.cases import say
from tests.outcomes.survey.conftest import Survey, ask, enter, fill

State, Severity = Alert.State, Alert.Severity


def send(survey: Survey, *values: int | None) -> list[Response]:
    submissions.begin(survey.request, at=clock.now())
    for question, value in zip_longest(survey.sheet.questions, values):
        submissions.save_answer(
            survey.request,
            question,
            answering.given(question, value),
            language="en",
            at=clock.now(),
        )
    return sending.accept(survey.request, at=clock.now())


@pytest.fixture
def before(complaint):
    """Asked a month after PRP; the baseline said 3."""
    survey = ask(complaint)
    episode = survey.request.follow_ups.get().episode
    pain = Measure.objects.get(clinic=complaint.clinic, key="pain_site")
    rows.make_score(episode, pain, 3, episode.anchor_on - timedelta(days=1))
    return survey


def test_worse_than_before_is_raised_with_the_answer(before):
    (response,) = send(before, 7, 2, 3, 2)
    (alert,) = Alert.objects.all()
    assert alert.rule == "worse_than_baseline"
    assert alert.response == response and alert.severity == Severity.TODAY
    assert alert.reason == (
        "Pain at the left foot 7, was 3 before treatment: worse by 4, 2 matters."
    )
    assert alert.events.get().kind == "raised"
    assert AuditEvent.objects.filter(action="alert.raised").count() == 1


def test_an_answer_that_is_fine_costs_one_read(before, django_assert_num_queries):
    (response,) = send(before, 3, 2, 3, 2)
    assert not Alert.objects.exists()
    scores = list(Score.objects.filter(response=response).select_related("measure"))
    response = Response.objects.select_related(
        "follow_up__episode__complaint", "follow_up__episode__anchor_intervention"
    ).get(pk=response.pk)
    with django_assert_num_queries(1):
        assert raising.response_sealed(response, scores, at=clock.now()) == []


def test_what_fails_leaves_neither_answer_nor_alert(before, monkeypatch):
    def fail(*_, **__):
        raise RuntimeError

    monkeypatch.setattr("outcomes.survey.sealing.mark_facts_due", fail)
    with pytest.raises(RuntimeError):
        send(before, 7, 2, 3, 2)
    assert not Alert.objects.exists() and not Score.objects.filter(
        response__isnull=False
    )


def test_judged_again_it_is_there_once(before):
    (response,) = send(before, 7, 2, 3, 2)
    scores = list(Score.objects.filter(response=response).select_related("measure"))
    assert raising.response_sealed(response, scores, at=clock.now()) == []
    assert Alert.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_raised_by_eight_at_once_it_is_there_once():
    clinic = factories.make_clinic()
    survey = ask(factories.make_complaint(factories.make_patient(clinic)))
    (response,) = send(survey, 5, 5, 5, 4)
    assert not Alert.objects.exists()
    scores = list(Score.objects.filter(response=response).select_related("measure"))

    def again(_):
        try:
            return raising.response_sealed(
                response, scores, at=clock.now(), words="It clicks."
            )
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(again, range(8)))
    assert sum(map(len, made)) == 1
    (alert,) = Alert.objects.all()
    assert alert.events.count() == 1


def test_a_rule_that_the_clinic_switched_off_raises_nothing(before, physician):
    chosen.save(
        before.request.clinic, key="worse_than_baseline", is_on=False, by=physician
    )
    send(before, 7, 2, 3, 2)
    assert not Alert.objects.exists()


def test_the_clinics_own_number_counts(before, physician):
    chosen.save(
        before.request.clinic,
        key="worse_than_baseline",
        is_on=True,
        number=Decimal("2.5"),
        by=physician,
    )
    send(before, 7, 2, 3, 2)
    assert not Alert.objects.exists()
    event = AuditEvent.objects.get(action="alert_rule.changed")
    assert event.facts["before"]["number"] == "1"
    assert event.facts["after"]["number"] == "2.5"


def test_what_is_asked_of_each_place_is_told_of_each(complaint):
    knee = factories.make_complaint(complaint.patient, pain_site="knee", side="right")
    survey = ask(complaint, knee, days=90)
    submissions.begin(survey.request, at=clock.now())
    asked = [each.item.link_id for each in survey.sheet.questions]
    send(survey, *(7 if each == "global_change" else None for each in asked))
    told = Alert.objects.filter(rule="feels_much_worse")
    assert {alert.complaint_id for alert in told} == {complaint.pk, knee.pk}


def test_own_words_are_told_of_once_and_other_words_by_themselves(before):
    send(before, 3)
    response, told = Response.objects.get(), set()
    for words, raised in (("It clicks.", 1), ("It clicks.", 0), ("It burns.", 1)):
        Alert.objects.filter(rule="free_text").update(rule="told_before")
        alerts = raising.response_sealed(
            response, [], at=clock.now(), words=words, told=told
        )
        assert len(alerts) == raised


def test_a_corrected_answer_keeps_the_alert_with_a_note(before):
    (first,) = send(before, 7, 2, 3, 2)
    second = Response.objects.create(
        clinic_id=first.clinic_id,
        patient_id=first.patient_id,
        follow_up=first.follow_up,
        request=first.request,
        instrument=first.instrument,
        revision=2,
        provenance="phone",
        language="en",
    )
    sealing.seal(
        second,
        {"pain_site": Decimal(3)},
        clock.now(),
        "America/Chicago",
        by=audit.SYSTEM,
    )
    (alert,) = Alert.objects.all()
    assert alert.state == State.OPEN
    assert [event.kind for event in alert.events.all()] == ["raised", "amended"]


def test_a_red_flag_that_the_patient_said_is_an_urgent_alert(complaint, physician):
    say(complaint, RF01="present")
    alert = Alert.objects.get()
    assert alert.red_flag == RedFlag.objects.get(flag="RF01")
    assert alert.severity == Severity.URGENT
    assert alert.reason.startswith("Said by the patient: new numbness")
    assert AlertNotice.objects.get().to == physician


def test_what_staff_found_themselves_is_no_alert(complaint):
    factories.make_evaluation(complaint, RF01="present")
    assert RedFlag.objects.exists() and not Alert.objects.exists()


def test_a_flag_and_its_alert_are_one_truth(complaint, physician):
    say(complaint, RF01="present")
    flag = RedFlag.objects.get()
    flags.acknowledge(flag, by=physician, action="Sent to the ER")
    alert = Alert.objects.get()
    assert (alert.state, alert.acted_by) == (State.ACTED, physician)
    assert alert.next_action_at is None
    flags.add_note(flag, by=physician, note="MRI tonight")
    flags.close(flag, by=physician, note="Operated")
    alert.refresh_from_db()
    assert (alert.state, alert.closed_by) == (State.CLOSED, physician)
    kinds = [event.kind for event in alert.events.all()]
    assert kinds == ["raised", "acted", "noted", "closed"]


def test_said_again_after_it_was_acted_on_it_is_told_again(complaint, physician):
    say(complaint, RF01="present")
    flags.acknowledge(RedFlag.objects.get(), by=physician, action="Advice given")
    say(complaint, RF01="absent")
    say(complaint, RF01="present")
    alert = Alert.objects.get()
    assert (alert.state, alert.round) == (State.OPEN, 2)
    assert [e.kind for e in alert.events.all()][-1] == "repeated"
    assert AlertNotice.objects.filter(alert=alert, round=2).count() == 1


def test_a_later_no_keeps_the_alert_with_a_note(complaint):
    say(complaint, RF01="present")
    say(complaint, RF01="absent")
    alert = Alert.objects.get()
    assert alert.state == State.OPEN
    assert [e.kind for e in alert.events.all()] == ["raised", "amended"]


def test_an_adverse_event_of_an_answer_is_an_alert_until_it_is_closed(
    complaint, physician
):
    event = factories.make_adverse_event(
        complaint.patient, origin="answer", by=audit.PATIENT, is_serious=True
    )
    alert = Alert.objects.get(adverse_event=event)
    assert alert.severity == Severity.URGENT
    adverse_events.take_back(event, by=physician, reason="Another patient")
    alert.refresh_from_db()
    assert alert.state == State.CLOSED


def test_what_staff_enter_on_the_ledger_is_no_alert(complaint):
    factories.make_adverse_event(complaint.patient)
    assert not Alert.objects.exists()


@pytest.mark.parametrize("language", ["en", "es"])
def test_who_said_what_cannot_wait_is_told_that_nobody_may_read_it(complaint, language):
    survey = ask(complaint)
    client = enter(survey)
    say(complaint, RF01="present")
    leads_to = fill(client, survey, "3", "2", "3", "2")
    assert leads_to.endswith("/en/?first")
    shown = client.get(leads_to.replace("/en/", f"/{language}/")).content.decode()
    assert texts.say("thanks_first", language) in html.unescape(shown)
    assert "911" in shown


def test_who_said_nothing_urgent_is_thanked_as_ever(complaint):
    survey = ask(complaint)
    leads_to = fill(enter(survey), survey, "9", "2", "3", "2")
    assert leads_to.endswith("/en/")


def test_while_an_urgent_flag_is_open_no_reminder_goes(complaint, monkeypatch):
    """End to end: two are asked, one says what is urgent, and is left alone."""
    other = factories.make_complaint(factories.make_patient(complaint.clinic))
    in_danger, well = ask(complaint), ask(other)
    say(complaint, RF01="present")
    for days in (4, 8, 12):
        monkeypatch.setattr("django.conf.settings.CLOCK_OFFSET", timedelta(days=days))
        due.advance_due(complaint.clinic, clock.now())
    assert well.request.messages.count() > 1
    assert in_danger.request.messages.count() == 1


def test_an_operation_elsewhere_is_told_to_staff(complaint):
    survey = ask(complaint)
    submissions.begin(survey.request, at=clock.now())
    for question in survey.sheet.questions:
        given = dict(answering.given(question, 3))
        if "elsewhere_operation" in given:
            given["elsewhere_operation"] = Decimal(1)
        submissions.save_answer(
            survey.request, question, given, language="es", at=clock.now()
        )
    sending.accept(survey.request, at=clock.now())
    alert = Alert.objects.get(rule="treated_elsewhere")
    assert "I had an operation done" in alert.reason
    assert not TreatmentElsewhere.objects.exists()


def test_what_went_wrong_after_a_procedure_is_on_the_ledger_and_told(complaint):
    survey = ask(complaint, days=7)
    submissions.begin(survey.request, at=clock.now())
    for question in survey.sheet.questions:
        given = dict(answering.given(question, 3))
        given |= {key: Decimal(1) for key in ("rf18", "harm_bleeding") if key in given}
        submissions.save_answer(
            survey.request, question, given, language="en", at=clock.now()
        )
    assert RedFlag.objects.get().flag == "RF18"
    assert not AdverseEvent.objects.exists()
    sending.accept(survey.request, at=clock.now())
    events = AdverseEvent.objects.all()
    assert {event.category for event in events} == {"infection", "bleeding"}
    assert {event.origin for event in events} == {"answer"}
    rules = Alert.objects.values_list("rule", flat=True)
    assert sorted(rules).count("adverse_event") == 2 and "red_flag" in rules
