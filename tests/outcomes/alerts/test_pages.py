"""The inbox, one alert, its rules and who is on call, as staff use them."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from clinic import access, clock
from clinic.models import AuditEvent
from outcomes.alerts import inbox, listing, telling
from outcomes.models import Alert, AlertNotice, AlertRule, OnCallShift
from outcomes.survey import sending, submissions
from patients.models import ContactPoint, RedFlag
from tests import answering, factories
from tests.api_client import with_token
from tests.outcomes.alerts import cases
from tests.outcomes.survey.conftest import ask, enter, fill

State = Alert.State


@pytest.fixture
def at_work(client, physician):
    client.force_login(physician)
    return client


def page(client, **asked):
    reply = client.get(reverse("outcomes:alerts"), asked)
    assert reply.status_code == 200
    return reply.content.decode()


def press(client, alert, act, **fields):
    address = reverse("outcomes:alert", args=[alert.pk])
    return client.post(address, {"act": act, **fields}, follow=True).content.decode()


def test_the_inbox_says_who_why_and_who_was_told(at_work, complaint, physician):
    cases.urgent(complaint)
    shown = page(at_work)
    assert str(complaint.patient) in shown
    assert "new numbness or altered feeling" in shown
    assert "Dr Okafor, e-mail queued" in shown
    assert "Nobody is on call now" in shown
    event = AuditEvent.objects.get(action="alerts.listed")
    assert event.subjects.get().patient_id == complaint.patient_id


def test_the_most_urgent_stands_first(physician, clinic, complaint):
    soon = cases.own_words(factories.make_complaint(factories.make_patient(clinic)))
    urgent = cases.urgent(complaint)
    assert list(listing.found(physician, listing.Show.OPEN)) == [urgent, soon]


@pytest.mark.parametrize("language", ["en", "es"])
def test_what_the_patient_wrote_is_read_in_its_language(at_work, clinic, language):
    survey = ask(
        factories.make_complaint(factories.make_patient(clinic, language=language))
    )
    phone = enter(survey)
    quiet = [answering.quiet(question) for question in survey.sheet.questions]
    fill(phone, survey, *quiet[:-1], "Bien <b>gracias</b>")
    alert = Alert.objects.get(rule="free_text")
    shown = press(at_work, alert, "acknowledge")
    text = "Bien &lt;b&gt;gracias&lt;/b&gt;"
    assert f'<span class="own-words" lang="{language}">{text}</span>' in shown
    assert (">in Spanish<" in shown) is (language == "es")
    # The question stands beside it as staff read it.
    assert "Is there anything else you want to tell us?" in shown


def test_an_alert_is_looked_at_acted_on_and_closed(at_work, complaint, physician):
    alert = cases.own_words(complaint)
    assert "You look at it" in press(at_work, alert, "acknowledge")
    alert.refresh_from_db()
    assert alert.state == State.ACKNOWLEDGED and alert.acknowledged_by == physician
    said = press(at_work, alert, "act", action="called", note="Is well")
    assert "Called the patient: Is well" in said
    press(at_work, alert, "close", note="Nothing left")
    alert.refresh_from_db()
    assert (alert.state, alert.action) == (State.CLOSED, "called")
    kinds = [event.kind for event in alert.events.all()]
    assert kinds == ["raised", "acknowledged", "acted", "closed"]
    actions = AuditEvent.objects.filter(action__startswith="alert.")
    assert {"alert.acknowledged", "alert.acted", "alert.closed"} <= set(
        actions.values_list("action", flat=True)
    )


def test_an_alert_shows_the_words_and_the_numbers_to_call(at_work, complaint):
    survey = ask(complaint)
    submissions.begin(survey.request, at=clock.now())
    for question in survey.sheet.questions:
        given = dict(answering.given(question, 3))
        if "note" in given:
            given["note"] = "Me duele <mucho> al bajar escaleras."
        submissions.save_answer(
            survey.request, question, given, language="es", at=clock.now()
        )
    sending.accept(survey.request, at=clock.now())
    person = complaint.patient
    ContactPoint.made(person, "phone", "+1 206 555 0142").save()
    person.caregivers.create(
        clinic=person.clinic, name="Ana Ruiz", phone="+1 206 555 0143"
    )
    alert = Alert.objects.get(rule="free_text")
    shown = at_work.get(reverse("outcomes:alert", args=[alert.pk])).content.decode()
    assert '<span class="own-words" lang="es">Me duele &lt;mucho&gt;' in shown
    assert "in Spanish" in shown
    assert 'href="tel:+12065550142"' in shown and "Ana Ruiz" in shown
    assert AuditEvent.objects.filter(action="answers.read").count() == 1


def test_what_was_done_needs_words(at_work, complaint):
    alert = cases.own_words(complaint)
    assert "This field is required" in press(at_work, alert, "act", action="called")
    alert.refresh_from_db()
    assert alert.state == State.OPEN


def test_the_second_person_is_told_who_was_faster(at_work, clinic, complaint):
    alert = cases.own_words(complaint)
    other = factories.make_user(clinic, access.Role.PROVIDER, name="Dr Faster")
    inbox.acknowledge(Alert.objects.get(), by=other)
    assert "Dr Faster is looking at this alert already" in press(
        at_work, alert, "acknowledge"
    )


@pytest.mark.django_db(transaction=True)
def test_of_fifty_who_press_at_once_one_has_it():
    clinic = factories.make_clinic()
    person = factories.make_user(clinic, access.Role.PROVIDER)
    alert = cases.own_words(factories.make_complaint(factories.make_patient(clinic)))

    def press_once(_):
        try:
            inbox.acknowledge(Alert.objects.get(pk=alert.pk), by=person)
        except ValidationError:
            return 0
        finally:
            connection.close()
        return 1

    with ThreadPoolExecutor(10) as pool:
        assert sum(pool.map(press_once, range(50))) == 1
    assert alert.events.filter(kind="acknowledged").count() == 1


def test_acting_on_the_alert_of_a_red_flag_acknowledges_the_flag(
    at_work, complaint, physician
):
    alert = cases.urgent(complaint)
    press(at_work, alert, "close", note="Too early")
    assert RedFlag.objects.get().state == "open"
    press(at_work, alert, "act", action="emergency", note="Ambulance called")
    flag = RedFlag.objects.get()
    assert flag.state == "acknowledged" and flag.acknowledged_by == physician
    assert flag.action == "sent to emergency care: Ambulance called"
    alert.refresh_from_db()
    assert (alert.state, alert.action) == (State.ACTED, "emergency")
    press(at_work, alert, "close", note="Operated")
    assert RedFlag.objects.get().state == "closed"
    alert.refresh_from_db()
    assert alert.state == State.CLOSED


def test_an_urgent_alert_is_put_off_for_an_hour_at_most(at_work, complaint, physician):
    alert = cases.urgent(complaint)
    assert "Select a valid choice" in press(at_work, alert, "snooze", minutes=1440)
    with pytest.raises(ValidationError, match="an hour at most"):
        inbox.snooze(alert, by=physician, minutes=61)


def test_what_was_put_off_comes_back_and_is_told_again(
    at_work, complaint, physician, monkeypatch
):
    alert = cases.urgent(complaint)
    press(at_work, alert, "snooze", minutes=30)
    assert listing.waiting(physician) == (0, 0)
    assert str(complaint.patient) in page(at_work, show="snoozed")
    monkeypatch.setattr("django.conf.settings.CLOCK_OFFSET", timedelta(minutes=31))
    assert listing.waiting(physician) == (1, 1)
    telling.go_on_due(complaint.clinic, clock.now())
    assert AlertNotice.objects.filter(round=2, state="queued").count() == 1


def test_an_assistant_looks_and_does_no_more(client, complaint, assistant):
    client.force_login(assistant)
    alert = cases.urgent(complaint)
    address = reverse("outcomes:alert", args=[alert.pk])
    asked = {"act": "act", "action": "called", "note": "x"}
    assert client.post(address, asked).status_code == 403
    press(client, alert, "acknowledge")
    alert.refresh_from_db()
    assert alert.acknowledged_by == assistant


def test_the_desk_reads_no_reason(client, clerk, complaint):
    alert = cases.urgent(complaint)
    client.force_login(clerk)
    assert client.get(reverse("outcomes:alerts")).status_code == 403
    assert client.get(reverse("outcomes:alert", args=[alert.pk])).status_code == 404
    shown = client.get(reverse("outcomes:today")).content.decode()
    assert "numbness" not in shown and "alert" not in shown


def test_today_counts_them(at_work, complaint):
    assert "No <a" in at_work.get(reverse("outcomes:today")).content.decode()
    cases.urgent(complaint)
    shown = at_work.get(reverse("outcomes:today")).content.decode()
    assert "1 alert</a> that nobody looks at yet, 1 urgent" in shown


def queries(client, name):
    with CaptureQueriesContext(
        connection,
    ) as made:
        assert client.get(reverse(name)).status_code == 200
    return len(made)


def many(clinic, count):
    for _ in range(count):
        complaint = factories.make_complaint(factories.make_patient(clinic))
        cases.urgent(complaint)


def test_many_alerts_cost_no_more_queries(at_work, clinic, physician):
    cases.always_on_call(physician)
    many(clinic, 2)
    few = queries(at_work, "outcomes:alerts")
    many(clinic, 8)
    assert queries(at_work, "outcomes:alerts") == few


def test_many_answers_cost_no_more_queries_to_try_rules_on(at_work, clinic):
    for _ in range(2):
        cases.own_words(factories.make_complaint(factories.make_patient(clinic)))
    few = queries(at_work, "outcomes:alert_rules")
    for _ in range(4):
        cases.own_words(factories.make_complaint(factories.make_patient(clinic)))
    assert queries(at_work, "outcomes:alert_rules") == few


def test_a_rule_is_tried_before_it_is_saved(at_work, clinic):
    address = reverse("outcomes:alert_rule", args=["worse_than_last"])
    tried = at_work.post(address, {"step": "try", "is_on": "on", "number": "2"})
    assert "Not saved yet" in tried.content.decode()
    assert not AlertRule.objects.exists()
    at_work.post(address, {"step": "save", "number": "2"})
    own = AlertRule.objects.get(clinic=clinic)
    assert (own.is_on, own.number) == (False, 2)


@pytest.mark.parametrize("number", ["0", "-1", "many", ""])
def test_a_figure_that_cannot_be_is_named(at_work, number):
    address = reverse("outcomes:alert_rule", args=["worse_than_last"])
    asked = {"step": "save", "is_on": "on", "number": number}
    assert "field--invalid" in at_work.post(address, asked).content.decode()
    assert not AlertRule.objects.exists()


def test_red_flags_cannot_be_switched_off(at_work):
    address = reverse("outcomes:alert_rule", args=["red_flag"])
    at_work.post(address, {"step": "save"})
    assert not AlertRule.objects.filter(is_on=False).exists()


def test_the_rota_is_set_on_its_page(at_work, clinic, physician):
    address = reverse("outcomes:rota")
    shift = {"user": physician.pk, "kind": "weekly", "day": 0, "place": 1}
    times = {"begins_at": "18:00", "ends_at": "08:00"}
    asked = {f"shift-{name}": value for name, value in {**shift, **times}.items()}
    at_work.post(address, {"form": "shift", **asked})
    made = OnCallShift.objects.get()
    assert made.user == physician and made.ends_at.hour == 8
    assert "18:00 to 08:00" in at_work.get(address).content.decode()
    at_work.post(reverse("outcomes:remove_shift", args=[made.pk]))
    assert not OnCallShift.objects.exists()


def test_alerts_over_the_api(complaint, physician):
    alert = cases.own_words(complaint)
    api = with_token(physician)
    (row,) = api.get("/api/v1/alerts/", {"severity": "soon"}).json()["results"]
    assert (row["id"], row["state"]) == (str(alert.pk), "open")
    assert api.get("/api/v1/alerts/", {"severity": "loud"}).status_code == 400
    address = f"/api/v1/alerts/{alert.pk}/"
    assert api.post(f"{address}acknowledge/").json()["state"] == "acknowledged"
    assert api.post(f"{address}acknowledge/").status_code == 400
    done = {"action": "called", "note": "Is well"}
    assert api.post(f"{address}act/", done).json()["state"] == "acted"
    assert api.post(f"{address}close/", {}).status_code == 400
    closed = api.post(f"{address}close/", {"note": "Well"}).json()
    assert closed["state"] == "closed"
    assert [event["kind"] for event in closed["events"]][-1] == "closed"
