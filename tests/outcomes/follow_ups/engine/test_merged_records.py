"""Two records of one person are asked as one: one survey, one address, one birthday."""

from datetime import date, timedelta

import pytest

from clinic import audit, clock
from outcomes.follow_ups import outbox, worklist
from outcomes.follow_ups.engine import due, requests
from outcomes.models import FollowUp, Message, Response, SurveyRequest
from outcomes.survey import identity, questionnaire, sending, submissions
from patients.models import Patient
from patients.record import consents, holds, leaving, merging, registration
from tests import answering, factories

State = FollowUp.State
BORN, OTHERWISE = date(1957, 3, 14), date(1975, 4, 13)


@pytest.fixture(autouse=True)
def on_disk(mail_folder):
    return mail_folder


@pytest.fixture
def kept(clinic) -> Patient:
    return factories.make_patient(clinic, email="kept@example.org", birth_date=BORN)


@pytest.fixture
def merged(clinic) -> Patient:
    return factories.make_patient(
        clinic, email="merged@example.org", birth_date=OTHERWISE, zone="Asia/Tokyo"
    )


def be_due(patient: Patient, site: str) -> None:
    """PRP done 30 days ago: the one-month follow-up is due today."""
    complaint = factories.make_complaint(patient, pain_site=site)
    plan = factories.make_plan(complaint, started_days_ago=40)
    factories.make_performed(plan, days=30)


def merge(kept: Patient, merged: Patient) -> None:
    merging.merge(kept, merged=merged, reason="same card", by=audit.SYSTEM)


def advance(clinic) -> None:
    due.advance_due(clinic, clock.now())


def sent_to(folder) -> list[str]:
    texts = [file.read_text() for file in folder.rglob("*.eml")]
    return [
        line.removeprefix("To: ")
        for text in texts
        for line in text.splitlines()
        if line.startswith("To: ")
    ]


def answer(request: SurveyRequest) -> None:
    now = clock.now()
    submissions.begin(request, at=now)
    for question in questionnaire.read(request).questions:
        given = answering.given(question, 3)
        submissions.save_answer(request, question, given, language="en", at=now)
    sending.accept(request, at=now)


def test_both_are_asked_in_one_survey_at_the_kept_address(
    kept, merged, clinic, on_disk
):
    be_due(kept, "foot")
    be_due(merged, "knee")
    merge(kept, merged)
    advance(clinic)
    request = SurveyRequest.objects.get()
    assert request.patient == kept
    opened = FollowUp.objects.filter(state=State.OPEN)
    assert {row.patient_id for row in opened} == {kept.pk, merged.pk}
    assert outbox.deliver(Message.objects.get().pk) == "accepted"
    assert sent_to(on_disk) == ["kept@example.org"]


def test_answers_stay_with_the_record_they_are_about(kept, merged, clinic):
    be_due(kept, "foot")
    be_due(merged, "knee")
    merge(kept, merged)
    advance(clinic)
    answer(SurveyRequest.objects.get())
    for response in Response.objects.select_related("follow_up__episode__complaint"):
        assert response.patient_id == response.follow_up.patient_id
        assert response.patient_id == response.follow_up.episode.complaint.patient_id
    assert set(Response.objects.values_list("patient", flat=True)) == {
        kept.pk,
        merged.pk,
    }


def test_a_survey_that_was_open_before_is_not_joined_by_a_second(
    kept, merged, clinic, on_disk
):
    be_due(merged, "knee")
    advance(clinic)
    merge(kept, merged)
    be_due(kept, "foot")
    advance(clinic)
    request = SurveyRequest.objects.get()
    assert request.patient == merged
    assert outbox.deliver(Message.objects.get().pk) == "accepted"
    assert sent_to(on_disk) == ["kept@example.org"]
    assert identity.check(request, OTHERWISE).outcome == identity.Outcome.WRONG
    assert identity.check(request, BORN).outcome == identity.Outcome.CONFIRMED


def test_two_surveys_from_before_both_close_and_no_third_begins(kept, merged, clinic):
    for patient, site in ((kept, "foot"), (merged, "knee")):
        be_due(patient, site)
        advance(clinic)
    merge(kept, merged)
    FollowUp.objects.filter(timepoint_key="m3").update(
        opens_on=factories.days_ago(clinic, 1), next_action_at=clock.now()
    )
    advance(clinic)
    assert SurveyRequest.objects.count() == 2
    leaving.withdraw(kept, by=audit.SYSTEM, reason="asked")
    assert not SurveyRequest.objects.filter(state="open").exists()


def test_the_kept_records_consent_counts(kept, merged, clinic, on_disk):
    be_due(merged, "knee")
    merge(kept, merged)
    consents.withdraw(kept, by=audit.SYSTEM, scope="email")
    advance(clinic)
    row = FollowUp.objects.get(timepoint_key="m1")
    assert (row.state, row.state_reason) == (
        State.UNREACHABLE,
        "no address or number with consent",
    )
    consents.give(kept, by=audit.SYSTEM, scope="email")
    advance(clinic)
    assert Message.objects.count() == 1


@pytest.mark.parametrize(
    "leave",
    [
        lambda p: leaving.withdraw(p, by=audit.SYSTEM, reason="asked"),
        lambda p: leaving.record_death(p, by=audit.SYSTEM),
    ],
)
def test_leaving_ends_both(kept, merged, clinic, leave):
    be_due(merged, "knee")
    merge(kept, merged)
    advance(clinic)
    leave(kept)
    assert not FollowUp.objects.exclude(state__in=FollowUp.FINAL).exists()
    assert Message.objects.get().state == Message.State.CANCELLED


def test_coming_back_brings_both_back(kept, merged):
    be_due(merged, "knee")
    merge(kept, merged)
    leaving.withdraw(kept, by=audit.SYSTEM, reason="asked")
    leaving.take_back_withdrawal(kept, by=audit.SYSTEM, reason="slip")
    assert FollowUp.objects.filter(state=State.PLANNED).count() == 13


def test_a_hold_of_the_kept_record_holds_both(kept, merged, clinic):
    be_due(merged, "knee")
    merge(kept, merged)
    soon = clock.today(clinic.zone) + timedelta(days=3)
    holds.hold(kept, by=audit.SYSTEM, hold_until=soon, hold_reason="travels")
    advance(clinic)
    assert not Message.objects.exists()
    holds.release_hold(kept, by=audit.SYSTEM)
    advance(clinic)
    assert Message.objects.count() == 1


def test_a_new_address_asks_what_neither_could_be_asked(kept, merged, clinic):
    registration.update(kept, by=audit.SYSTEM, email="")
    be_due(merged, "knee")
    merge(kept, merged)
    advance(clinic)
    assert not Message.objects.exists()
    registration.update(kept, by=audit.SYSTEM, email="new@example.org")
    advance(clinic)
    assert Message.objects.count() == 1


def test_separating_asks_each_of_their_own_again(kept, merged, clinic, on_disk):
    be_due(kept, "foot")
    be_due(merged, "knee")
    merge(kept, merged)
    advance(clinic)
    joint = SurveyRequest.objects.get()
    submissions.begin(joint, at=clock.now())
    merging.unmerge(merged, by=audit.SYSTEM)
    assert {row.patient_id for row in joint.follow_ups.filter(state=State.OPEN)} == {
        kept.pk
    }
    asked = {t.item.link_id for t in questionnaire.read(joint).questions}
    assert asked
    assert {r.patient_id for r in questionnaire.open_responses(joint)} == {kept.pk}
    advance(clinic)
    own = SurveyRequest.objects.get(patient=merged)
    assert [row.patient_id for row in own.follow_ups.all()] == [merged.pk]
    for message in Message.objects.all():
        outbox.deliver(message.pk)
    assert sorted(sent_to(on_disk)) == ["kept@example.org", "merged@example.org"]


def waiting(patient: Patient) -> int:
    """How many follow-ups are still to be asked or answered."""
    rows = FollowUp.objects.filter(patient=patient)
    return rows.exclude(state__in=FollowUp.FINAL).count()


def stored(patient: Patient) -> Patient:
    return Patient.objects.get(pk=patient.pk)


@pytest.mark.parametrize(
    "say_no",
    [
        lambda kept: consents.withdraw(kept, by=audit.SYSTEM, scope="email"),
        lambda kept: registration.update(kept, by=audit.SYSTEM, may_contact=False),
    ],
)
def test_a_no_to_e_mail_is_heard_on_both_also_when_separated(
    kept, merged, clinic, on_disk, say_no
):
    be_due(kept, "foot")
    be_due(merged, "knee")
    merge(kept, merged)
    advance(clinic)
    say_no(kept)
    merging.unmerge(merged, by=audit.SYSTEM)
    for patient in (kept, merged):
        assert requests.obstacle(stored(patient)) == outbox.NO_ADDRESS
    advance(clinic)
    assert outbox.deliver(Message.objects.get().pk) == "cancelled"
    assert sent_to(on_disk) == []


def test_a_no_is_heard_where_only_the_merged_record_agreed(kept, merged):
    consents.withdraw(kept, by=audit.SYSTEM, scope="email")
    merge(kept, merged)
    consents.withdraw(kept, by=audit.SYSTEM, scope="email")
    merging.unmerge(merged, by=audit.SYSTEM)
    assert requests.obstacle(stored(merged)) == outbox.NO_ADDRESS


def test_a_yes_said_of_both_brings_nobody_back_who_took_it_back(kept, merged):
    merge(kept, merged)
    consents.withdraw(kept, by=audit.SYSTEM, scope="email")
    consents.give(kept, by=audit.SYSTEM, scope="email")
    merging.unmerge(merged, by=audit.SYSTEM)
    assert requests.obstacle(stored(kept)) == ""
    assert requests.obstacle(stored(merged)) == outbox.NO_ADDRESS


def test_a_withdrawal_said_of_both_keeps_both_from_being_asked(kept, merged, clinic):
    be_due(merged, "knee")
    merge(kept, merged)
    leaving.withdraw(kept, by=audit.SYSTEM, reason="asked")
    merging.unmerge(merged, by=audit.SYSTEM)
    advance(clinic)
    assert waiting(merged) == 0
    leaving.take_back_withdrawal(
        stored(merged), by=audit.SYSTEM, reason="wrong_patient"
    )
    advance(clinic)
    assert Message.objects.get().request.patient == merged


def test_after_a_death_the_other_waits_until_somebody_says_whose_it_was(
    kept, merged, clinic
):
    be_due(merged, "knee")
    before = waiting(merged)
    assert before > 3
    merge(kept, merged)
    leaving.record_death(kept, by=audit.SYSTEM)
    assert waiting(merged) == 0
    merging.unmerge(merged, by=audit.SYSTEM)
    assert waiting(merged) == before
    advance(clinic)
    assert not Message.objects.exists()
    holds.release_hold(stored(merged), by=audit.SYSTEM)
    advance(clinic)
    assert Message.objects.get().request.patient == merged


@pytest.mark.parametrize(
    "leave",
    [
        lambda p: leaving.withdraw(p, by=audit.SYSTEM, reason="asked"),
        lambda p: leaving.record_death(p, by=audit.SYSTEM),
    ],
)
def test_who_was_merged_into_one_who_had_left_is_asked_again(
    kept, merged, clinic, leave
):
    leave(kept)
    be_due(merged, "knee")
    before = waiting(merged)
    assert before > 3
    merge(kept, merged)
    advance(clinic)
    assert waiting(merged) == 0
    merging.unmerge(merged, by=audit.SYSTEM)
    assert waiting(merged) == before
    advance(clinic)
    assert Message.objects.get().request.patient == merged


def test_who_had_left_before_is_not_asked_when_separated(kept, merged, clinic):
    be_due(merged, "knee")
    for patient in (kept, merged):
        leaving.withdraw(patient, by=audit.SYSTEM, reason="asked")
    merge(kept, merged)
    leaving.take_back_withdrawal(kept, by=audit.SYSTEM, reason="changed_mind")
    assert waiting(merged) > 3
    merging.unmerge(merged, by=audit.SYSTEM)
    assert waiting(merged) == 0


def test_the_worklist_names_the_kept_record(kept, merged, clinic, signed_in, admin):
    be_due(merged, "knee")
    merge(kept, merged)
    page = signed_in.get("/follow-ups/", {"show": "due"}).content.decode()
    assert kept.family_name in page
    assert merged.family_name not in page
    assert worklist.rows(admin).count() == 13


def test_the_home_page_names_the_kept_record(kept, merged, clinic, signed_in):
    be_due(merged, "knee")
    factories.make_plan(
        factories.make_complaint(merged, pain_site="hip", side="right"),
        started_days_ago=20,
    )
    merge(kept, merged)
    page = signed_in.get("/").content.decode()
    assert kept.family_name in page
    assert merged.family_name not in page
