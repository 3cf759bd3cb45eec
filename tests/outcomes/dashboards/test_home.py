"""The first page by role: one's own patients' news, or the clinic's."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains

from clinic import audit, clock
from clinic.access import Role
from clinic.models import AuditEvent
from outcomes.dashboards import facts
from outcomes.dashboards.home import mine, news
from outcomes.dashboards.home.mine import Whose
from outcomes.models import Alert, FollowUp, Measure
from patients.models import RedFlag
from patients.record import merging
from plans.models import Plan
from tests import factories
from tests.api_client import with_token
from tests.outcomes import rows

pytestmark = pytest.mark.django_db


@pytest.fixture
def at_work(client, physician):
    client.force_login(physician)
    return client


@pytest.fixture
def pain(clinic):
    return Measure.objects.get(clinic=clinic, key="pain_site")


def answered(clinic, pain, *, provider=None, days=2, **values):
    """A course whose newest answer came in so many days ago."""
    episode = rows.make_episode(clinic)
    rows.answer(episode, pain, **(values or {"baseline": 7, "w2": 4}))
    Plan.objects.filter(pk=episode.plan_id).update(provider=provider)
    newest = episode.follow_ups.exclude(answered_at=None).latest("due_on")
    at = clock.now() - timedelta(days=days)
    on = clock.today(clinic.zone) - timedelta(days=days)
    FollowUp.objects.filter(pk=newest.pk).update(
        answered_at=at, opens_on=on, due_on=on, closes_on=on + timedelta(days=9)
    )
    facts.rebuild_many([episode.pk])
    return episode


def read(user, whose=Whose.MINE):
    return news.read(user, whose, clock.now())


def new(user, whose=Whose.MINE):
    return [line.follow_up.episode for line in read(user, whose).answers]


def worse(user, whose=Whose.MINE):
    return [line.follow_up.episode for line in read(user, whose).worse]


def test_a_new_answer_is_told_with_its_change(at_work, clinic, physician, pain):
    episode = answered(clinic, pain, provider=physician)
    page = at_work.get("/")
    assertContains(page, "7 → 4")
    assertContains(page, "improved by the meaningful change or more")
    follow_up = episode.follow_ups.get(timepoint_key="w2")
    assertContains(page, reverse("outcomes:answers", args=[follow_up.pk]))
    event = AuditEvent.objects.get(action="today.read")
    assert episode.patient_id in {one.patient_id for one in event.subjects.all()}


@pytest.mark.parametrize("page", ["answers", "patient"])
def test_it_goes_once_one_has_looked(at_work, clinic, physician, pain, page):
    episode = answered(clinic, pain, provider=physician)
    colleague = factories.make_user(clinic, Role.PROVIDER)
    follow_up = episode.follow_ups.get(timepoint_key="w2")
    about = {"answers": follow_up.pk, "patient": episode.patient_id}[page]
    at_work.get("/")
    assert new(physician) == [episode]
    at_work.get(reverse(f"outcomes:{page}", args=[about]))
    assert new(physician) == []
    # What one has seen, another has not.
    assert new(colleague, Whose.ALL) == [episode]
    later = clock.now() + timedelta(minutes=1)
    FollowUp.objects.filter(pk=follow_up.pk).update(answered_at=later)
    assert new(physician) == [episode]


def test_an_answer_of_long_ago_is_not_new(clinic, physician, pain):
    answered(clinic, pain, provider=physician, days=31)
    assert new(physician) == []


def test_ones_own_are_those_one_treats_or_examined(clinic, physician, pain):
    treated = answered(clinic, pain, provider=physician)
    examined = answered(clinic, pain)
    draft = factories.make_evaluation(examined.complaint)
    type(draft).objects.filter(pk=draft.pk).update(started_by=physician)
    other = answered(clinic, pain)
    assert {*new(physician)} == {treated, examined}
    assert {*new(physician, Whose.ALL)} == {treated, examined, other}


@pytest.mark.parametrize("which", ["plan", "evaluation"])
def test_what_was_entered_in_error_makes_nobody_ones_own(
    clinic, physician, pain, which
):
    episode = answered(clinic, pain)
    error = {"status": "entered_in_error"}
    if which == "plan":
        changes = {"provider": physician, **error}
        Plan.objects.filter(pk=episode.plan_id).update(**changes)
    else:
        draft = factories.make_evaluation(episode.complaint)
        type(draft).objects.filter(pk=draft.pk).update(
            started_by=physician, state="entered_in_error"
        )
    assert new(physician) == []


def test_a_merged_record_stays_ones_own(clinic, physician, pain):
    episode = answered(clinic, pain, provider=physician)
    kept = factories.make_patient(clinic)
    merging.merge(kept, merged=episode.patient, reason="same card", by=audit.SYSTEM)
    (line,) = read(physician).answers
    assert line.patient == kept
    flag = RedFlag.objects.create(
        clinic=clinic, patient=kept, flag="RF01", tier="E1", informant="staff"
    )
    found = mine.of(RedFlag.objects.all(), physician, Whose.MINE)
    assert list(found) == [flag]


def test_who_got_worse_comes_first(clinic, physician, pain):
    as_expected = answered(clinic, pain, provider=physician, baseline=7, w2=4)
    got_worse = answered(clinic, pain, provider=physician, baseline=4, w2=6, days=9)
    assert worse(physician) == [got_worse]
    assert as_expected not in worse(physician)
    (line,) = read(physician).worse
    assert (line.baseline, line.value, line.expected) == ("4", "6", "")


def similar_ones(clinic, pain, values):
    for value in values:
        other = rows.make_episode(clinic)
        rows.answer(other, pain, baseline=7, w2=value)
        facts.rebuild_many([other.pk])


@pytest.mark.parametrize(("value", "is_told"), [(4, False), (7, True)])
def test_beyond_the_middle_half_of_similar_patients(
    clinic, physician, pain, value, is_told
):
    """Of 1 to 5 twice the quartiles are 2 and 4; one's own answer is not among them."""
    similar_ones(clinic, pain, [1, 2, 3, 4, 5] * 2)
    own = answered(clinic, pain, provider=physician, baseline=7, w2=value)
    found = read(physician).worse
    assert [line.follow_up.episode for line in found] == [own] * is_told
    assert [line.expected for line in found] == ["2 to 4"] * is_told
    assert [line.half.n for line in found if line.half] == [10] * is_told


def test_nine_similar_patients_are_too_few(clinic, physician, pain):
    similar_ones(clinic, pain, [1, 2, 3] * 3)
    answered(clinic, pain, provider=physician, baseline=7, w2=7)
    assert worse(physician) == []


def test_the_latest_answer_of_a_course_counts(clinic, physician, pain):
    episode = answered(clinic, pain, provider=physician, baseline=4, w2=6, m3=3)
    early = episode.follow_ups.get(timepoint_key="w2")
    today = clock.today(clinic.zone)
    FollowUp.objects.filter(pk=early.pk).update(
        answered_at=clock.now() - timedelta(days=20), closes_on=today
    )
    assert worse(physician) == []


def flagged(patient, tier="E1"):
    return RedFlag.objects.create(
        clinic=patient.clinic,
        patient=patient,
        flag="RF01",
        tier=tier,
        informant="staff",
    )


def test_flags_of_others_are_counted_and_a_click_away(at_work, clinic, physician, pain):
    own = answered(clinic, pain, provider=physician).patient
    colleague = factories.make_user(clinic, Role.PROVIDER)
    other = answered(clinic, pain, provider=colleague).patient
    flagged(other)
    page = at_work.get("/")
    assert page.context["flags"] == []
    assertContains(page, "1 of others in the clinic")
    flagged(own)
    page = at_work.get("/")
    assert [flag.patient for flag in page.context["flags"]] == [own]
    assertContains(page, "2 in the clinic")
    page = at_work.get("/?whose=all")
    assert {flag.patient for flag in page.context["flags"]} == {own, other}


def test_flags_of_nobodys_patients_are_everybodys(at_work, clinic, complaint):
    flag = flagged(complaint.patient)
    assert at_work.get("/").context["flags"] == [flag]
    draft = factories.make_evaluation(complaint)
    assistant = factories.make_user(clinic, Role.ASSISTANT)
    type(draft).objects.filter(pk=draft.pk).update(started_by=assistant)
    assert at_work.get("/").context["flags"] == [flag]
    Plan.objects.filter(pk=factories.make_plan(complaint).pk).update(
        provider=factories.make_user(clinic, Role.PROVIDER)
    )
    assert at_work.get("/").context["flags"] == []


def test_alerts_of_ones_own_stand_there(at_work, clinic, physician, pain):
    episode = answered(clinic, pain, provider=physician)
    response = episode.follow_ups.get(timepoint_key="w2").responses.get()
    Alert.objects.create(
        clinic=clinic,
        patient=episode.patient,
        complaint=episode.complaint,
        response=response,
        rule="worse",
        rules_version=1,
        severity=Alert.Severity.TODAY,
        reason="Pain rose from 4 to 6",
    )
    assertContains(at_work.get("/"), "Pain rose from 4 to 6")


def test_what_waits_for_nobody_says_what_to_do(at_work):
    page = at_work.get("/")
    assertContains(page, "Yours are patients whose plan you lead")
    assertContains(page, "?whose=all#worse")
    page = at_work.get("/?whose=all")
    assertContains(page, 'href="/follow-ups/"')
    assertNotContains(page, "Yours are patients")


@pytest.mark.parametrize("path", ["/?whose=theirs", "/?whose=MINE"])
def test_another_word_is_a_clear_400(at_work, path):
    reply = at_work.get(path)
    assert reply.status_code == 400
    assertContains(reply, "mine or all", status_code=400)


def test_an_admin_sees_to_the_work_and_is_told_what_waits(client, clinic, admin, pain):
    episode = answered(clinic, pain)
    flagged(episode.patient)
    client.force_login(admin)
    page = client.get("/")
    for words in ("New answers", "Worse than expected", "My patients"):
        assertNotContains(page, words)
    # As a word: a form's token may hold the two letters.
    assert "E1" not in re.findall(r"\w+", page.content.decode())
    for words in ("1 red flag", "Calls to make", "Today’s patients", "engine"):
        assertContains(page, words)


def test_who_is_both_gets_both_the_clinical_first(client, clinic):
    both = factories.make_user(clinic, Role.ADMIN, Role.PROVIDER)
    client.force_login(both)
    html = client.get("/").content.decode()
    assert html.index("New answers") < html.index("Calls to make")


def test_the_desk_and_assistants_see_what_they_saw(client, clerk, assistant, pain):
    answered(pain.clinic, pain)
    for user in (clerk, assistant):
        client.force_login(user)
        page = client.get("/?whose=mine")
        assertNotContains(page, "New answers")
        assertContains(page, "Calls to make")


def test_another_clinics_answers_are_never_shown(clinic, outsider, physician, pain):
    answered(clinic, pain, provider=physician)
    found = read(outsider, Whose.ALL)
    assert (found.answers, found.worse, found.answers_count) == ([], [], 0)


def test_more_answers_cost_no_more_queries(at_work, clinic, physician, pain):
    counts = []
    for _ in range(2):
        for number in range(3):
            episode = answered(clinic, pain, provider=physician, baseline=4, w2=6)
            flagged(episode.patient, tier=("E1", "E2", "E3")[number])
        with CaptureQueriesContext(connection) as queries:
            page = at_work.get("/")
        assert page.context["news"].worse_count == page.context["news"].answers_count
        counts.append(len(queries))
    # Seven more than the lists that everybody sees: answers, their scores, the facts,
    # the courses alike and their values, alerts, and the flags of the whole clinic.
    assert counts[0] == counts[1] <= 40


def test_the_same_parts_are_there_over_the_api(clinic, physician, clerk, pain):
    episode = answered(clinic, pain, provider=physician, baseline=4, w2=6)
    flag = flagged(episode.patient)
    colleague = factories.make_user(clinic, Role.PROVIDER)
    other = flagged(answered(clinic, pain, provider=colleague, days=40).patient)
    api = with_token(physician)
    found = api.get("/api/v1/today/").json()
    (line,) = found["new_answers"]
    follow_up = episode.follow_ups.get(timepoint_key="w2")
    assert line["follow_up"] == str(follow_up.pk)
    assert line["patient"] == str(episode.patient_id)
    assert (line["baseline"], line["latest"]) == ("4", "6")
    assert line["verdict"] == "worse by the meaningful change or more"
    (line,) = found["worse_than_expected"]
    assert (line["baseline"], line["value"], line["got_worse"]) == (4, 6, True)
    assert line["expected_low"] is None
    assert [one["red_flag"] for one in found["red_flags"]] == [str(flag.pk)]
    everybody = api.get("/api/v1/today/", {"whose": "all"}).json()
    flags = {one["red_flag"] for one in everybody["red_flags"]}
    assert flags == {str(flag.pk), str(other.pk)}
    at_desk = with_token(clerk).get("/api/v1/today/").json()
    for part in ("red_flags", "alerts", "new_answers", "worse_than_expected"):
        assert at_desk[part] is None
    assert at_desk["messages_failed"] == 0
    assert api.get("/api/v1/today/", {"whose": "x"}).json().keys() == {"whose"}
