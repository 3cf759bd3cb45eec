from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import zip_longest

import pytest
from django.db import connection

from clinic import clock
from clinic.models import AuditEvent
from outcomes.dashboards import facts
from outcomes.models import (
    Answer,
    Episode,
    FollowUp,
    Message,
    MessageEvent,
    Response,
    Score,
    SurveyRequest,
)
from outcomes.survey import sealing, sending, submissions
from patients.models import Patient
from tests import answering
from tests.factories import make_complaint, make_patient
from tests.outcomes.survey.conftest import Survey, ask, enter, fields, fill


def begin(survey: Survey) -> list[Response]:
    return submissions.begin(survey.request, at=clock.now())


def save(survey: Survey, *values: int | None) -> None:
    """The first questions so; the rest by who has nothing to tell."""
    asked = survey.sheet.questions
    for question, value in zip_longest(asked, values):
        submissions.save_answer(
            survey.request,
            question,
            answering.given(question, value),
            language="en",
            at=clock.now(),
        )


def accept(survey: Survey) -> list[Response]:
    return sending.accept(survey.request, at=clock.now())


def scores(survey: Survey) -> dict[str, Decimal]:
    rows = Score.objects.filter(response__request=survey.request)
    return dict(rows.values_list("measure__key", "value"))


def test_beginning_twice_opens_one_response(survey):
    assert [r.pk for r in begin(survey)] == [r.pk for r in begin(survey)]
    assert Response.objects.count() == 1


def test_accepting_seals_scores_and_completes(survey):
    begin(survey)
    save(survey, 4, 2, 3, 2)
    (response,) = accept(survey)
    response.refresh_from_db()
    assert response.state == "sealed" and response.in_window
    assert response.answered_on == clock.today("America/Chicago")
    assert scores(survey) == {
        "pain_site": 4,
        "pain_back": 2,
        "activity_limits": 3,
        "global_change": 2,
    }
    follow_up = FollowUp.objects.get(request=survey.request)
    assert (follow_up.state, follow_up.next_action_at) == ("completed", None)
    assert follow_up.completed_at == survey.reload().completed_at
    assert survey.request.state == SurveyRequest.State.COMPLETED


def test_a_score_names_its_place_in_the_body(survey):
    begin(survey)
    save(survey, 4, 2, 3, 2)
    accept(survey)
    places = Score.objects.values_list("measure__key", "site", "side")
    assert set(places) == {
        ("pain_site", "foot", "left"),
        ("pain_back", "low_back", "none"),
        ("activity_limits", "", "none"),
        ("global_change", "", "none"),
    }
    score = Score.objects.get(measure__key="pain_site")
    assert score.algorithm_version and len(score.input_sha256) == 64
    assert score.provenance == "patient"


def test_what_was_not_answered_or_not_known_is_no_score(survey):
    begin(survey)
    save(survey, 0, None)
    accept(survey)
    assert scores(survey) == {"pain_site": 0}


def test_an_empty_survey_cannot_be_sent(survey):
    begin(survey)
    with pytest.raises(sending.NothingAnsweredError):
        accept(survey)
    assert survey.reload().state == SurveyRequest.State.OPEN
    assert FollowUp.objects.get(request=survey.request).state == FollowUp.State.OPEN


def test_a_survey_in_which_nothing_is_known_can_be_sent(survey):
    begin(survey)
    save(survey, None, None, None, None)
    assert len(accept(survey)) == 1
    assert scores(survey) == {}


def test_accepting_again_changes_nothing(survey):
    begin(survey)
    save(survey, 4, 2, 3, 2)
    first, second = accept(survey), accept(survey)
    assert [r.pk for r in first] == [r.pk for r in second]
    assert Score.objects.count() == 4
    assert AuditEvent.objects.filter(action="response.sealed").count() == 1


def test_a_sealed_survey_takes_no_more_answers(survey):
    begin(survey)
    save(survey, 4, 2, 3, 2)
    questions = survey.sheet.questions
    accept(survey)
    with pytest.raises(sealing.NotOpenError):
        submissions.save_answer(
            survey.request,
            questions[0],
            {"pain_site": Decimal(9)},
            language="en",
            at=clock.now(),
        )
    assert Answer.objects.get(link_id="pain_site").value == 4


def test_what_joined_after_the_answers_were_begun_is_asked_first(survey, patient):
    begin(survey)
    save(survey, 4, 2, 3, 2)
    ask(make_complaint(patient, pain_site="knee", side="right"))
    with pytest.raises(sending.NothingAnsweredError):
        accept(survey)
    assert survey.reload().state == SurveyRequest.State.OPEN
    begin(survey)
    save(survey, 4, 5, 2, 3, 2, 1)
    assert len(accept(survey)) == 2


def test_accepting_cancels_the_messages_that_wait(survey):
    begin(survey)
    save(survey, 4)
    accept(survey)
    message = Message.objects.get(request=survey.request)
    assert (message.state, message.next_attempt_at) == ("cancelled", None)
    assert MessageEvent.objects.filter(message=message, state="cancelled").exists()


def test_links_stay_open_for_the_thank_you(survey):
    begin(survey)
    save(survey, 4)
    accept(survey)
    assert survey.request.links.filter(revoked_at=None).exists()


def test_the_facts_of_the_course_become_due(survey):
    Episode.objects.update(facts_due_at=None)
    begin(survey)
    save(survey, 4)
    accept(survey)
    assert Episode.objects.get().facts_due_at is not None


def test_the_audit_event_holds_no_answer(survey):
    begin(survey)
    save(survey, 4, 2, 3, 2)
    accept(survey)
    event = AuditEvent.objects.get(action="response.sealed")
    assert event.actor_kind == "patient"
    assert event.facts == {
        "timepoint": "m1",
        # Four ratings, seven boxes of safety, three of treatment elsewhere, a note.
        "answers": 15,
        "in_window": True,
        "provenance": "patient",
        "is_recalled": False,
    }


def test_the_day_is_the_patients_own(clinic):
    patient = make_patient(clinic, zone="Pacific/Auckland")
    survey = ask(make_complaint(patient))
    begin(survey)
    save(survey, 4)
    now = clock.now()
    late = datetime(now.year, now.month, now.day, 13, tzinfo=UTC)
    (response,) = sending.accept(survey.request, at=late)
    assert response.answered_on == late.date() + timedelta(days=1)
    assert Score.objects.get().measured_on == response.answered_on


def test_an_answer_after_the_window_says_so(survey):
    begin(survey)
    save(survey, 4)
    yesterday = clock.today("UTC") - timedelta(days=2)
    FollowUp.objects.filter(request=survey.request).update(
        closes_on=yesterday, due_on=yesterday, opens_on=yesterday
    )
    (response,) = accept(survey)
    assert not response.in_window


def test_two_complaints_are_sealed_together(patient, complaint):
    back = make_complaint(patient, pain_site="low_back", side="none")
    survey = ask(complaint, back)
    assert len(begin(survey)) == 2
    assert [question.key for question in survey.sheet.questions] == [
        "pain_site.foot.left",
        "pain_site.low_back.none",
        "activity_limits",
        "global_change.foot.left",
        "global_change.low_back.none",
        "safety",
        "elsewhere",
        "note",
    ]
    save(survey, 6, 8, 5, 2, 4)
    assert len(accept(survey)) == 2
    found = Score.objects.values_list("complaint", "measure__key", "value")
    assert set(found) == {
        (complaint.pk, "pain_site", 6),
        (complaint.pk, "pain_back", 8),
        (complaint.pk, "activity_limits", 5),
        (complaint.pk, "global_change", 2),
        (back.pk, "pain_site", 8),
        (back.pk, "pain_back", 8),
        (back.pk, "activity_limits", 5),
        (back.pk, "global_change", 4),
    }


def test_a_withdrawn_patient_can_send_nothing(survey):
    begin(survey)
    save(survey, 4)
    Patient.objects.update(withdrawn_on=clock.today("UTC"))
    with pytest.raises(sealing.NotOpenError):
        accept(survey)
    assert not Score.objects.exists()


def test_a_follow_up_that_ended_meanwhile_stays_ended(patient, complaint):
    knee = make_complaint(patient, pain_site="knee", side="right")
    survey = ask(complaint, knee)
    begin(survey)
    save(survey, 6, 8, 5, 2, 4, 3)
    FollowUp.objects.filter(request=survey.request, episode__complaint=knee).update(
        state=FollowUp.State.EXPIRED, next_action_at=None
    )
    (response,) = accept(survey)
    assert response.follow_up.episode.complaint == complaint


def test_an_unreachable_patient_who_comes_anyway_is_heard(survey):
    FollowUp.objects.filter(request=survey.request).update(
        state=FollowUp.State.UNREACHABLE, state_reason="mail refused"
    )
    begin(survey)
    save(survey, 4)
    follow_up = FollowUp.objects.get(request=survey.request)
    assert (follow_up.state, follow_up.state_reason) == ("started", "")


@pytest.mark.django_db(transaction=True)
def test_parallel_sends_seal_once(survey):
    phones = [enter(survey) for _ in range(8)]
    for number, answer in enumerate(("4", "2", "3", "2", "none", "none"), 1):
        phones[0].post(f"/survey/{number}/", fields(survey, number, answer))
    form = fields(survey, 7, "", "send")

    def press(phone) -> str:
        try:
            return phone.post("/survey/7/", form).url
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        urls = set(pool.map(press, phones))
    assert len(urls) == 1 and "thank-you" in urls.pop()
    assert Response.objects.filter(state="sealed").count() == 1
    assert Score.objects.count() == 4
    assert AuditEvent.objects.filter(action="response.sealed").count() == 1
    assert Message.objects.filter(state="cancelled").count() == 1


@pytest.mark.django_db(transaction=True)
def test_sending_never_locks_up_with_the_facts(clinic):
    def rebuild(ids: list) -> None:
        try:
            for _ in range(6):
                facts.rebuild_many(ids)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        for _ in range(6):
            patient = make_patient(clinic)
            survey = ask(*(make_complaint(patient, side=s) for s in ("left", "right")))
            begin(survey)
            save(survey, 4, 4, 2, 3, 2, 2)
            ids = list(patient.episodes.values_list("pk", flat=True))
            rebuilt = [pool.submit(rebuild, order) for order in (ids, ids[::-1])]
            assert len(accept(survey)) == 2
            assert [each.result() for each in rebuilt] == [None, None]


def test_the_next_survey_starts_empty(survey):
    fill(enter(survey), survey, "4", "2", "3", "2")
    assert not survey.sheet.questions
