"""Asking before a visit: one link, one message, refused in words, ended in time."""

from datetime import date, datetime, timedelta

import pytest
from django.core.exceptions import ValidationError

from clinic import audit, clock
from clinic.models import AuditEvent, Clinic
from outcomes.follow_ups import outbox
from outcomes.follow_ups.channels import email, tokens
from outcomes.follow_ups.channels.outcome import Outcome, Verdict
from outcomes.follow_ups.engine import due, links
from outcomes.follow_ups.planning import calendar
from outcomes.intake import asking
from outcomes.models import FollowUp, Intake, Link, Message, SurveyRequest
from patients.models import Evaluation, Patient
from patients.record import holds, merging, registration
from patients.triage import cells, evaluations
from tests import factories
from tests.courses import asked as asked_after_a_procedure
from tests.outcomes.follow_ups.recorded import record
from tests.outcomes.intake.conftest import ask, fill, post
from tests.outcomes.survey.conftest import enter

pytestmark = pytest.mark.django_db
State = Intake.State


def advance(clinic, days: float = 0) -> int:
    return due.advance_due(clinic, clock.now() + timedelta(days=days))


def end_of(follow_up: FollowUp, clinic: Clinic) -> datetime:
    return calendar.end_of(follow_up.closes_on, clinic.zone)


def test_asking_starts_an_evaluation_and_writes_once(complaint, physician):
    intake = asking.ask(complaint, by=physician)
    assert intake.evaluation == Evaluation.objects.get()
    assert (intake.state, intake.asked_by) == (State.ASKED, physician)
    message, link = Message.objects.get(), Link.objects.get()
    assert message.idempotency_key == f"{intake.request_id}:intake"
    assert link.expires_at == intake.closes_at
    assert outbox.deliver(message.pk) == Message.State.ACCEPTED


def test_asking_goes_on_with_the_evaluation_that_is_open(complaint, physician):
    draft = evaluations.start(complaint, by=physician)
    assert asking.ask(complaint, by=physician).evaluation == draft


def test_the_link_is_good_for_two_weeks_or_until_the_visit_is_over(clinic, physician):
    days = []
    for visit_on in (None, factories.days_ago(clinic, -3)):
        complaint = factories.make_complaint(factories.make_patient(clinic))
        intake = asking.ask(complaint, by=physician, visit_on=visit_on)
        days.append((intake.closes_at - clock.now()).total_seconds() / 86400)
    assert 14 < days[0] <= 15 and 3 < days[1] <= 4


@pytest.mark.parametrize(("days", "said"), [(-1, "has passed"), (91, "at most 90")])
def test_a_visit_has_a_day_that_can_be(complaint, clinic, physician, days, said):
    visit_on = factories.days_ago(clinic, -days)
    with pytest.raises(ValidationError, match=said):
        asking.ask(complaint, by=physician, visit_on=visit_on)
    assert not Message.objects.exists() and not Evaluation.objects.exists()


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"withdrawn_on": date(2026, 1, 1)}, "withdrew"),
        ({"deceased_on": date(2026, 1, 1)}, "died"),
        ({"birth_date": None, "origin": "import"}, "no birth date"),
    ],
)
def test_who_cannot_be_asked_is_said(complaint, physician, fields, said):
    Patient.objects.update(**fields)
    with pytest.raises(ValidationError, match=said):
        asking.ask(complaint, by=physician)
    assert not Message.objects.exists() and not Intake.objects.exists()


@pytest.mark.parametrize("contact", [{"email": ""}, {"may_contact": False}])
def test_without_an_address_or_consent_staff_are_told(clinic, physician, contact):
    patient = factories.make_patient(clinic, **contact)
    with pytest.raises(ValidationError, match="no address or number with consent"):
        asking.ask(factories.make_complaint(patient), by=physician)


def test_asking_twice_is_refused(complaint, physician):
    asking.ask(complaint, by=physician)
    with pytest.raises(ValidationError, match="being asked already"):
        asking.ask(complaint, by=physician)
    assert Message.objects.count() == 1


def test_a_second_pain_joins_the_same_link(complaint, physician):
    other = factories.make_complaint(complaint.patient, pain_site="knee")
    for one in (complaint, other):
        asking.ask(one, by=physician)
    assert SurveyRequest.objects.count() == 1
    assert Intake.objects.count() == 2
    states = Message.objects.order_by("pk").values_list("rung", "state")
    assert list(states) == [("intake", "cancelled"), ("intake-2", "queued")]


def test_an_intake_joins_the_follow_up_that_is_open(complaint, clinic, physician):
    request = asked_after_a_procedure(complaint)
    outbox.deliver(Message.objects.get().pk)
    intake = asking.ask(complaint, by=physician)
    assert intake.request == request
    request.refresh_from_db()
    follow_up = FollowUp.objects.get(state="open")
    assert request.closes_at == max(intake.closes_at, end_of(follow_up, clinic))
    assert Message.objects.filter(state="queued").get().rung == "intake"


def test_an_invitation_that_waits_makes_way(complaint, physician):
    asked_after_a_procedure(complaint)
    asking.ask(complaint, by=physician)
    states = Message.objects.order_by("pk").values_list("rung", "state", "error")
    assert list(states) == [
        ("invite", "cancelled", asking.JOINED),
        ("intake", "queued", ""),
    ]
    assert Link.objects.filter(revoked_at=None).count() == 2


def test_a_follow_up_joins_the_intake_that_is_open(complaint, clinic, physician):
    intake = asking.ask(complaint, by=physician)
    assert asked_after_a_procedure(complaint) == intake.request
    assert FollowUp.objects.get(state="open").request == intake.request
    assert Message.objects.count() == 1, "the link is out already"


def test_an_unanswered_intake_closes_with_its_link(complaint, clinic, physician):
    asking.ask(complaint, by=physician)
    advance(clinic, days=14)
    assert Intake.objects.get().state == State.ASKED
    advance(clinic, days=15)
    intake = Intake.objects.get()
    assert (intake.state, intake.state_reason) == (State.CLOSED, "no answer")
    assert intake.request.state == SurveyRequest.State.CLOSED
    assert Link.objects.get().revoked_at is not None


def test_what_was_begun_waits_for_staff(survey, phone, clinic, physician):
    post(phone, survey, "pain_now", answer="7")
    advance(clinic, days=15)
    assert Intake.objects.get().state == State.UNFINISHED
    values = evaluations.values(Evaluation.objects.get())
    assert values == {("pain_site_now", "none"): "7"}


def test_an_intake_that_ends_leaves_the_follow_up_open(complaint, clinic, physician):
    visit_on = factories.days_ago(clinic, -1)
    asking.ask(complaint, by=physician, visit_on=visit_on)
    request = asked_after_a_procedure(complaint)
    advance(clinic, days=3)
    request.refresh_from_db()
    assert Intake.objects.get().state == State.CLOSED
    assert request.state == SurveyRequest.State.OPEN
    assert request.closes_at == end_of(FollowUp.objects.get(state="open"), clinic)


def test_a_follow_up_that_ends_leaves_the_intake_open(complaint, clinic, physician):
    request = asked_after_a_procedure(complaint)
    FollowUp.objects.filter(state="open").update(
        closes_on=factories.days_ago(clinic, 0),
        due_on=factories.days_ago(clinic, 2),
        next_action_at=clock.now() + timedelta(days=1),
    )
    intake = asking.ask(complaint, by=physician)
    advance(clinic, days=2)
    request.refresh_from_db()
    assert FollowUp.objects.filter(state="expired", timepoint_key="m1").exists()
    assert request.state == SurveyRequest.State.OPEN
    assert request.closes_at == intake.closes_at


@pytest.mark.parametrize("field", ["withdrawn_on", "deceased_on"])
def test_who_leaves_is_asked_no_more(complaint, physician, patient, field):
    intake = asking.ask(complaint, by=physician)
    today = clock.today(patient.time_zone)
    registration.update(patient, by=physician, **{field: today})
    intake.refresh_from_db()
    assert intake.state == State.CLOSED
    assert SurveyRequest.objects.get().state == SurveyRequest.State.CLOSED
    assert Message.objects.get().state == Message.State.CANCELLED


def test_a_message_looks_once_more_before_it_goes(complaint, physician, patient):
    message = Message.objects.get(request=asking.ask(complaint, by=physician).request)
    Patient.objects.update(withdrawn_on=clock.today(patient.time_zone))
    assert outbox.deliver(message.pk) == Message.State.CANCELLED


def test_an_address_that_fails_is_told_to_staff_and_a_new_link_mends_it(
    complaint, physician
):
    intake = asking.ask(complaint, by=physician)
    lease = outbox.claim(Message.objects.get().pk, clock.now())
    record(lease, Outcome(Verdict.REFUSED, "SMTP 550"))
    intake.refresh_from_db()
    assert intake.state_reason == "e-mail not delivered: SMTP 550"
    renewed = links.send_new_link(intake.request, by=physician, now=clock.now())
    outbox.deliver(renewed.pk)
    intake.refresh_from_db()
    assert (intake.state, intake.state_reason) == (State.ASKED, "")


def test_what_ended_unsent_can_be_asked_again(survey, phone, complaint, physician):
    post(phone, survey, "pain_now", answer="7")
    advance(complaint.clinic, days=15)
    again = ask(complaint, physician)
    assert again.request != survey.request
    intake = Intake.objects.get()
    assert (intake.state, intake.request) == (State.BEGUN, again.request)
    tablet = enter(again)
    assert 'value="7" checked' in tablet.get("/survey/intake/3/").content.decode()


def test_what_was_sent_is_not_asked_again(survey, phone, complaint, physician):
    fill(phone, survey)
    with pytest.raises(ValidationError, match="has answered for this evaluation"):
        asking.ask(complaint, by=physician)


def test_asking_is_audited_without_an_answer(complaint, physician):
    asking.ask(complaint, by=physician)
    event = AuditEvent.objects.get(action="intake.asked")
    assert event.actor == physician
    assert set(event.facts) == {"evaluation", "message", "visit_on"}
    assert event.subjects.get().patient_id == complaint.patient_id


@pytest.mark.parametrize("language", ["en", "es"])
def test_the_words_say_before_your_visit_and_nothing_about_the_patient(
    complaint, physician, language
):
    Patient.objects.update(language=language)
    Clinic.objects.update(phone="+1 312 555 0142", sender_name="Lakeview")
    complaint.refresh_from_db()
    asking.ask(complaint, by=physician)
    message = Message.objects.get()
    letter = email.compose(message, "marta@example.org")
    patient, html = complaint.patient, letter.alternatives[0].content
    for text in (letter.subject, letter.body, html):
        assert ("your visit" if language == "en" else "su visita") in text
        for secret in (patient.given_name, patient.family_name, patient.mrn, "1957"):
            assert secret not in text
        for word in ("foot", "pie ", "pain", "dolor", "intake", "weak"):
            assert word not in text
    for text in (letter.body, html):
        assert tokens.url_for(message) in text and "+1 312 555 0142" in text


def test_a_follow_up_alone_is_no_visit(complaint):
    asked_after_a_procedure(complaint)
    letter = email.compose(Message.objects.get(), "marta@example.org")
    assert "visit" not in letter.subject + letter.body


def test_an_evaluation_that_is_signed_ends_the_asking(complaint, physician):
    intake = asking.ask(complaint, by=physician)
    evaluations.record(
        intake.evaluation,
        by=physician,
        entries={("pain_site_now", "none"): cells.Entry("3")},
    )
    evaluations.sign(intake.evaluation, by=physician)
    intake.refresh_from_db()
    assert intake.state == State.CLOSED
    assert intake.state_reason == "the evaluation was signed"
    assert SurveyRequest.objects.get().state == SurveyRequest.State.CLOSED


def test_one_patient_never_ends_another_patients_intake(complaint, clinic, physician):
    asking.ask(complaint, by=physician)
    other = factories.make_patient(clinic)
    registration.update(
        other, by=audit.SYSTEM, withdrawn_on=factories.days_ago(clinic, 0)
    )
    assert Intake.objects.get().state == State.ASKED


# --- Holds and merged records ---


def on_hold(patient, days: int) -> None:
    until = clock.today(patient.time_zone) + timedelta(days=days)
    holds.hold(patient, by=audit.SYSTEM, hold_until=until, hold_reason="travels")


def test_who_is_on_hold_is_not_asked(complaint, physician, patient):
    on_hold(patient, 5)
    with pytest.raises(ValidationError, match="on hold"):
        asking.ask(complaint, by=physician)
    assert not Message.objects.exists()


def test_whom_a_hold_kept_from_the_message_has_not_stayed_silent(
    complaint, clinic, physician, patient
):
    asking.ask(complaint, by=physician, visit_on=factories.days_ago(clinic, -2))
    on_hold(patient, 10)
    assert outbox.deliver(Message.objects.get().pk) is None
    advance(clinic, days=4)
    assert Intake.objects.get().state_reason == "on hold"


@pytest.fixture
def merged(clinic) -> tuple[Patient, Patient]:
    kept, other = factories.make_patient(clinic), factories.make_patient(clinic)
    merging.merge(kept, merged=other, reason="same card", by=audit.SYSTEM)
    other.refresh_from_db()
    return kept, other


def test_a_merged_record_is_asked_by_the_one_that_is_kept(merged, physician):
    kept, other = merged
    survey = ask(factories.make_complaint(other), physician)
    intake = Intake.objects.get()
    assert (intake.patient, intake.request.patient) == (other, kept)
    phone = enter(survey)
    assert "/survey/thank-you/" in fill(phone, survey)


def test_an_intake_of_a_merged_record_ends_in_time(merged, clinic, physician):
    asking.ask(factories.make_complaint(merged[1]), by=physician)
    advance(clinic, days=15)
    assert Intake.objects.get().state == State.CLOSED


def test_records_that_are_separated_are_asked_anew(merged, physician):
    kept, other = merged
    asking.ask(factories.make_complaint(other), by=physician)
    merging.unmerge(other, by=audit.SYSTEM)
    intake = Intake.objects.get()
    assert (intake.state, intake.state_reason) == (
        State.CLOSED,
        "the records were separated",
    )
    assert SurveyRequest.objects.get().state == SurveyRequest.State.CLOSED
