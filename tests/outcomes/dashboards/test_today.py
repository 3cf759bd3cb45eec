from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains

from clinic import audit, clock
from clinic.models import AuditEvent
from outcomes.baselines import capture
from outcomes.dashboards.home import patients
from outcomes.dashboards.home.patients import Sign
from outcomes.follow_ups import staff_tasks
from outcomes.models import (
    FollowUp,
    InboundMessage,
    Score,
    StaffTask,
    SurveyRequest,
)
from patients.record import merging
from patients.triage import studies
from plans.models import Intervention
from tests import factories
from tests.api_client import with_token
from tests.outcomes import rows
from tests.patients.appointments.schedules import make_appointment, schedule, take_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def at_work(client, physician):
    client.force_login(physician)
    return client


@pytest.fixture
def today(clinic):
    return clock.today(clinic.zone)


def day_of(user, day):
    return patients.read(user, day)


def signs(user, day):
    """Of the only one who comes."""
    (line,) = day_of(user, day).lines
    return line.signs


def needle_today(complaint, today):
    """A PRP whose planned day is today; its baseline is open to be taken."""
    return factories.make_plan(complaint, procedure_on=today).interventions.get(
        is_index=True
    )


def result_of(complaint):
    done = {"performed_on": factories.days_ago(complaint.clinic, 9)}
    about = {"kind": "xray", "region": "foot", "results": ["heel_spur"]}
    return studies.take_in(complaint, by=audit.SYSTEM, **about, **done)


def baseline_of(needle):
    return FollowUp.objects.get(episode__plan=needle.plan_id, is_baseline=True)


def answer_baseline(needle, by):
    asked = baseline_of(needle)
    answers = {item.link_id: 5 for item in capture.questions(asked)}
    capture.take(asked, answers=answers, provenance="kiosk", by=by)


def test_who_comes_stands_by_time_with_whom_and_what_for(at_work, clinic, physician):
    late = factories.make_patient(clinic, given_name="Late")
    early = factories.make_patient(clinic, given_name="Early")
    make_appointment(late, "14:00", description="Review", practitioner=physician)
    make_appointment(early, "08:20", practitioner_name="Dr Elsewhere")
    html = at_work.get("/").content.decode()
    assert html.index("08:20") < html.index("14:00")
    assert html.index("Early") < html.index("Late")
    for words in ("Review", physician.name, "Dr Elsewhere", "ready"):
        assert words in html


@pytest.mark.parametrize("status", ["cancelled", "noshow", "entered-in-error"])
def test_who_does_not_come_is_not_shown(physician, patient, today, status):
    make_appointment(patient, status=status)
    assert day_of(physician, today).lines == []


def test_a_needle_without_a_baseline_says_so_and_leads_to_the_three_taps(
    at_work, physician, complaint, today
):
    needle = needle_today(complaint, today)
    make_appointment(complaint.patient, kind="procedure")
    assert Sign.NO_BASELINE in signs(physician, today)
    page = at_work.get("/")
    assertContains(page, reverse("outcomes:baseline", args=[baseline_of(needle).pk]))
    assertContains(page, "0 of 1 procedure today has a baseline")


def test_once_it_is_answered_the_baseline_is_in(physician, complaint, today):
    needle = needle_today(complaint, today)
    make_appointment(complaint.patient, kind="procedure")
    answer_baseline(needle, physician)
    assert signs(physician, today) == [Sign.BASELINE_IN, Sign.ANSWERED]
    assert day_of(physician, today).baselines.percent == 100


def test_the_share_names_its_numbers(at_work, physician, clinic, today):
    for number in range(3):
        complaint = factories.make_complaint(factories.make_patient(clinic))
        needle = needle_today(complaint, today)
        make_appointment(complaint.patient, f"09:{number}0", kind="procedure")
        if number:
            answer_baseline(needle, physician)
    make_appointment(factories.make_patient(clinic), "11:00")
    assertContains(at_work.get("/"), "2 of 3 procedures today have a baseline")
    assertContains(at_work.get("/"), "67 %")


def test_a_procedure_that_no_plan_knows_of_counts_as_well(physician, patient, today):
    make_appointment(patient, kind="procedure")
    found = day_of(physician, today)
    assert (found.baselines.present, found.baselines.procedures) == (0, 1)
    assert found.lines[0].signs == [Sign.NO_BASELINE]
    assert found.lines[0].person.baseline is None


def test_an_answer_of_these_days_is_the_baseline_of_any_procedure(
    physician, complaint, today
):
    needle = needle_today(complaint, today + timedelta(days=3))
    answer_baseline(needle, physician)
    make_appointment(complaint.patient, kind="procedure")
    assert Sign.BASELINE_IN in signs(physician, today)
    Score.objects.update(measured_on=today - timedelta(days=31))
    assert Sign.NO_BASELINE in signs(physician, today)


def test_a_visit_needs_no_baseline(physician, patient, today):
    make_appointment(patient)
    assert signs(physician, today) == []
    assert day_of(physician, today).baselines.percent is None


def test_a_plan_that_begins_today_wants_its_baseline(physician, complaint, today):
    factories.make_plan(complaint, "physical_therapy")
    make_appointment(complaint.patient)
    assert Sign.NO_BASELINE in signs(physician, today)


def test_what_a_plan_has_for_the_day_is_listed_without_a_schedule(
    at_work, complaint, today
):
    needle = needle_today(complaint, today)
    page = at_work.get("/")
    assertContains(page, needle.title)
    assertContains(page, "no time")
    assertContains(page, "From the plans alone")


def test_a_procedure_that_is_done_still_counts(physician, complaint, today):
    needle = needle_today(complaint, today)
    Intervention.objects.filter(pk=needle.pk).update(
        status="performed", performed_on=today
    )
    found = day_of(physician, today)
    assert (found.baselines.procedures, found.baselines.present) == (1, 0)
    assert found.lines[0].person.baseline == baseline_of(needle)


def test_an_open_survey_can_be_answered_here(at_work, physician, clinic, today):
    episode = rows.make_episode(clinic)
    asked = episode.follow_ups.filter(is_baseline=False)[0]
    request = SurveyRequest.objects.create(
        clinic=clinic,
        patient=episode.patient,
        language="en",
        closes_at=clock.now() + timedelta(days=3),
    )
    FollowUp.objects.filter(pk=asked.pk).update(
        state="open",
        request=request,
        opens_on=today,
        due_on=today,
        closes_on=today + timedelta(days=3),
    )
    make_appointment(episode.patient)
    assert Sign.SURVEY_OPEN in signs(physician, today)
    page = at_work.get("/")
    assertContains(page, reverse("outcomes:answer_here", args=[episode.patient_id]))


def test_what_nobody_has_looked_at_is_said(physician, complaint, today):
    result_of(complaint)
    factories.make_evaluation(complaint, foot_drop__left="present")
    make_appointment(complaint.patient)
    assert signs(physician, today)[:1] == [Sign.RED_FLAG]
    assert Sign.NO_REVIEW in signs(physician, today)


def test_a_procedure_whose_day_is_past_waits_to_be_confirmed(
    physician, complaint, today
):
    plan = factories.make_plan(complaint, started_days_ago=20)
    yesterday = today - timedelta(days=1)
    Intervention.objects.filter(plan=plan, is_index=True).update(planned_on=yesterday)
    make_appointment(complaint.patient)
    assert Sign.TO_CONFIRM in signs(physician, today)


def test_a_merged_record_brings_what_waits_on_it(physician, clinic, complaint, today):
    kept = factories.make_patient(clinic)
    needle_today(complaint, today)
    make_appointment(kept, kind="procedure")
    merging.merge(kept, merged=complaint.patient, reason="same card", by=physician)
    (line,) = day_of(physician, today).lines
    assert line.patient == kept
    assert Sign.NO_BASELINE in line.signs and line.person.baseline


def test_two_appointments_of_one_person_are_one_procedure(physician, complaint, today):
    needle_today(complaint, today)
    make_appointment(complaint.patient, "09:00", kind="procedure")
    make_appointment(complaint.patient, "11:00")
    assert day_of(physician, today).baselines.procedures == 1


def test_who_is_not_registered_is_shown_by_number(at_work, clinic):
    take_in(clinic, schedule(clinic, ("A1", "N-7", "09:20")))
    page = at_work.get("/")
    assertContains(page, "MRN N-7")
    assertContains(page, "not registered")


def test_the_desk_sees_who_comes_and_nothing_clinical(client, clerk, complaint, today):
    needle = needle_today(complaint, today)
    result_of(complaint)
    factories.make_evaluation(complaint, foot_drop__left="present")
    make_appointment(complaint.patient, description="As booked")
    client.force_login(clerk)
    page = client.get("/")
    assertContains(page, "As booked")
    for words in ("red flag", "not reviewed", needle.title):
        assertNotContains(page, words)


def test_another_clinics_day_is_never_shown(client, outsider, patient, today):
    make_appointment(patient)
    client.force_login(outsider)
    assertNotContains(client.get("/"), patient.family_name)
    assert day_of(outsider, today).lines == []


def test_another_day_is_a_step_away(at_work, patient, today):
    tomorrow = today + timedelta(days=1)
    make_appointment(patient, day=tomorrow)
    assertNotContains(at_work.get("/"), patient.family_name)
    assertContains(at_work.get("/"), f"?day={tomorrow}#patients")
    page = at_work.get(f"/?day={tomorrow}")
    assertContains(page, patient.family_name)
    assertContains(page, "Patients of tomorrow")


@pytest.mark.parametrize("text", ["soon", "2026-13-01", "1999-01-01"])
def test_what_is_no_day_is_a_clear_400(at_work, text):
    assert at_work.get(f"/?day={text}").status_code == 400


def open_call(clinic, today, days=3, label="", **fields):
    """A call about a time point whose window closes in so many days."""
    episode = rows.make_episode(clinic)
    later = episode.follow_ups.filter(is_baseline=False, is_safety=False)
    row = later.get(timepoint_key=label) if label else later[0]
    opens_on, closes_on = today - timedelta(days=9), today + timedelta(days=days)
    FollowUp.objects.filter(pk=row.pk).update(
        state="open", opens_on=opens_on, due_on=opens_on, closes_on=closes_on
    )
    row.refresh_from_db()
    reason = StaffTask.Reason.SILENT
    staff_tasks.open_one(row, kind=StaffTask.Kind.CALL, reason=reason, due_on=today)
    StaffTask.objects.filter(follow_up=row).update(**fields)
    return episode.patient


def test_calls_stand_as_the_worklist_ranks_them(at_work, clinic, today):
    """Three months weigh three times as much as two weeks, which close earlier."""
    minor = open_call(clinic, today, 4, "w2")
    primary = open_call(clinic, today, 6, "m3")
    last = open_call(clinic, today, 1, "w2")
    open_call(clinic, today, state="done", ended_at=clock.now())
    open_call(clinic, today, due_on=today + timedelta(days=1))
    open_call(clinic, today, kind="examine")
    page = at_work.get("/")
    shown = [line.follow_up.patient for line in page.context["calls"]]
    ranked = at_work.get("/follow-ups/?show=calls").context["lines"]
    assert shown == [line.follow_up.patient for line in ranked]
    assert shown == [last, primary, minor]
    assertContains(page, "closes in 1 day<")
    assertContains(page, "calls to make today")
    assert page.context["calls_count"] == 3


def test_the_share_that_answers_is_the_capture_pages_own(at_work, clinic, today):
    for state, when in (("completed", 40), ("expired", 30), ("expired", 500)):
        of_course = rows.make_episode(clinic).follow_ups
        row = of_course.filter(is_baseline=False)[0]
        of_course.exclude(pk=row.pk).update(state="superseded")
        day = today - timedelta(days=when)
        FollowUp.objects.filter(pk=row.pk).update(
            state=state,
            next_action_at=None,
            answered_at=clock.now() if state == "completed" else None,
            opens_on=day,
            due_on=day,
            closes_on=day,
        )
    page = at_work.get("/")
    report = at_work.get(f"/outcomes/capture/{page.context['captured']}")
    told = report.context["page"].total.counts
    shown = page.context["answered"]
    assert (shown.answered, shown.eligible) == (told.answered, told.eligible) == (1, 2)
    assertContains(page, "50 %")
    assertContains(page, "of 2 follow-ups answered in the last year")


def test_what_waits_on_staff_is_a_step_away(at_work, clinic, patient):
    page = at_work.get("/")
    assertNotContains(page, "unread repl")
    InboundMessage.objects.create(
        clinic=clinic,
        patient=patient,
        channel="sms",
        sender="+13125550188",
        text="Thanks",
        meaning=InboundMessage.Meaning.OTHER,
        provider="twilio",
        provider_ref="in-1",
        received_at=clock.now(),
    )
    page = at_work.get("/")
    assertContains(page, "1 unread reply")
    assertContains(page, 'href="/messages/inbox/"')
    worklist = at_work.get("/follow-ups/")
    for path in ("messages/inbox", "messages/letters", "follow-ups/sent"):
        assertContains(worklist, f'href="/{path}/"')
    assertContains(worklist, 'href="/outcomes/capture/"')
    assertContains(at_work.get("/outcomes/"), 'href="/outcomes/capture/"')


def test_the_page_is_on_record_with_everybody_shown(at_work, patient, clinic, today):
    make_appointment(patient)
    called = open_call(clinic, today)
    at_work.get("/")
    event = AuditEvent.objects.get(action="today.read")
    shown = {subject.patient_id for subject in event.subjects.all()}
    assert shown == {patient.pk, called.pk}


def busy_day(clinic, today, count):
    for _ in range(count):
        patient = factories.make_patient(clinic)
        complaint = factories.make_complaint(patient)
        needle_today(complaint, today)
        factories.make_evaluation(complaint, foot_drop__left="present")
        result_of(complaint)
        make_appointment(patient, kind="procedure")
        open_call(clinic, today)


def test_a_busy_day_costs_no_more_queries(at_work, clinic, today):
    counts = []
    for _ in range(2):
        busy_day(clinic, today, 3)
        with CaptureQueriesContext(connection) as queries:
            assert at_work.get("/").status_code == 200
        counts.append(len(queries))
    # With answers to tell as well; test_home.py says what they cost.
    assert counts[0] == counts[1] <= 40


def test_the_day_is_there_over_the_api(physician, complaint, today):
    needle = needle_today(complaint, today)
    row = make_appointment(complaint.patient, kind="procedure")
    found = with_token(physician).get("/api/v1/today/").json()
    assert (found["procedures"], found["procedures_with_baseline"]) == (1, 0)
    assert (found["baseline_percent"], found["has_schedule"]) == (0, True)
    (coming,) = found["patients"]
    assert coming["appointment"] == str(row.pk)
    assert coming["patient"] == str(complaint.patient_id)
    assert "no baseline" in coming["states"]
    assert coming["baseline_follow_up"] == str(baseline_of(needle).pk)


def test_a_wrong_day_is_named_over_the_api(physician):
    api = with_token(physician)
    for query in ({"day": "soon"}, {"when": "today"}):
        reply = api.get("/api/v1/today/", query)
        assert (reply.status_code, list(reply.json())) == (400, [*query])
