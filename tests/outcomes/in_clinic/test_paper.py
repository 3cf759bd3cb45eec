"""Questions on paper: printed with a code, typed in, and read back by nobody."""

import re
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains

from clinic import clock
from clinic.access import Act, Role, acts_of
from clinic.models import AuditEvent
from outcomes.follow_ups import late
from outcomes.in_clinic import codes, entering, paper
from outcomes.in_clinic.entering import Given
from outcomes.instruments.definition import Values
from outcomes.models import (
    Answer,
    ContactAttempt,
    FollowUp,
    PaperForm,
    Provenance,
    Response,
    Score,
)
from outcomes.survey.questions import Question
from tests import answering, factories
from tests.api_client import with_token

PAPER = Provenance.PAPER


@pytest.fixture
def asked(survey) -> FollowUp:
    return survey.request.follow_ups.get()


def answers_of(follow_up: FollowUp, value: int = 4) -> dict[str, Values]:
    asked = entering.questions(follow_up)
    return {one.key: answering.given(one, value) for one in asked}


def sent(question: Question, value: int) -> str:
    is_scale = question.item.is_coded and value in question.item.values
    return str(value) if is_scale else answering.quiet(question)


def typed(follow_up: FollowUp, value: int = 4, **more: object) -> dict[str, object]:
    today = clock.today(follow_up.patient.time_zone)
    how = {"how": "paper", "who": "patient", "language": "en", "answered_on": today}
    asked = entering.questions(follow_up)
    return {**how, **{one.key: sent(one, value) for one in asked}, **more}


def enter(follow_up: FollowUp) -> str:
    return reverse("outcomes:enter_answers", args=[follow_up.pk])


# --- The code -------------------------------------------------------------------


def test_a_code_notices_one_wrong_letter_and_two_swapped():
    for _ in range(20):
        code = codes.paper()
        assert codes.is_paper(code)
        for at, letter in enumerate(code):
            for other in codes.PAPER:
                wrong = code[:at] + other + code[at + 1 :]
                assert codes.is_paper(wrong) == (other == letter)
            if at and code[at - 1] != letter:
                swapped = code[: at - 1] + letter + code[at - 1] + code[at + 1 :]
                assert not codes.is_paper(swapped)
    assert not codes.is_paper("") and not codes.is_paper("O0O0O0O")


# --- The sheet ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "said"),
    [("en", "How strong is the pain"), ("es", "¿Qué tan fuerte es su dolor")],
)
def test_a_sheet_has_the_questions_and_a_code_and_no_name(desk, asked, language, said):
    path = reverse("outcomes:print_paper", args=[asked.pk])
    reply = desk.post(path, {"language": language}, follow=True)
    assertContains(reply, said)
    form = PaperForm.objects.get()
    assertContains(reply, codes.shown(form.code))
    sheet = reply.content.decode().split("<article")[1].split("</article>")[0]
    assert asked.patient.family_name not in sheet
    assert sheet.count("paper__number") >= 33
    assert AuditEvent.objects.filter(action="paper_form.printed").count() == 1


def test_a_sheet_says_where_more_than_one_box_may_be_marked(desk, asked):
    path = reverse("outcomes:print_paper", args=[asked.pk])
    page = desk.post(path, {"language": "en"}, follow=True).content.decode()
    several = page.split("Is any of this new or worse")[1].split("<li>")[0]
    assert "Mark all that fit." in several
    rating = page.split("How strong is the pain")[1].split("</section>")[0]
    assert "Mark all that fit." not in rating


def test_the_clinic_may_choose_to_print_the_name(desk, asked):
    path = reverse("outcomes:print_paper", args=[asked.pk])
    reply = desk.post(path, {"language": "en", "names_patient": "on"}, follow=True)
    sheet = reply.content.decode().split("<article")[1]
    assert asked.patient.family_name in sheet


def test_what_cannot_be_answered_is_not_printed(desk, asked):
    FollowUp.objects.filter(pk=asked.pk).update(
        state="completed", next_action_at=None, answered_at=clock.now()
    )
    path = reverse("outcomes:print_paper", args=[asked.pk])
    assertContains(desk.post(path, {"language": "en"}), "This follow-up is over")
    assert not PaperForm.objects.exists()


def test_the_code_of_a_sheet_finds_the_follow_up_again(desk, clerk, asked):
    form = paper.print_form(asked, by=clerk, language="en")
    path = reverse("outcomes:find_paper")
    loose = codes.shown(form.code).lower().replace("-", " ")
    reply = desk.post(path, {"code": loose})
    assert reply.url == f"{enter(asked)}?how=paper&sheet={form.pk}"
    page = desk.get(reply.url).content.decode()
    ticked = re.findall(r"<input[^>]* checked[^>]*>", page)
    assert any('value="paper"' in each for each in ticked)
    wrong = form.code[:-1] + ("2" if form.code[-1] != "2" else "3")
    assertContains(desk.post(path, {"code": wrong}), "There is a slip in this code")


def test_a_sheet_of_another_clinic_is_not_found(client, outsider, clerk, asked):
    form = paper.print_form(asked, by=clerk, language="en")
    client.force_login(outsider)
    reply = client.post(reverse("outcomes:find_paper"), {"code": form.code})
    assertContains(reply, "No sheet of this clinic has this code")


# --- Typing it in ---------------------------------------------------------------


def test_what_stands_on_paper_counts_for_its_day(desk, clerk, asked):
    form = paper.print_form(asked, by=clerk, language="en")
    on = clock.today(asked.patient.time_zone) - timedelta(days=1)
    FollowUp.objects.filter(pk=asked.pk).update(opens_on=on - timedelta(days=3))
    sent = typed(asked, answered_on=on, sheet=str(form.pk))
    reply = desk.post(enter(asked), sent, follow=True)
    assertContains(reply, "Saved.")
    response = Response.objects.get()
    assert (response.provenance, response.mode) == ("paper", "")
    assert (response.answered_on, response.in_window) == (on, True)
    assert set(Score.objects.values_list("measured_on", flat=True)) == {on}
    asked.refresh_from_db()
    assert asked.state == "completed"
    form.refresh_from_db()
    assert form.entered_at is not None
    # Nobody was called.
    assert not ContactAttempt.objects.exists()


def test_a_caregivers_answer_says_who_and_how(desk, asked):
    desk.post(enter(asked), typed(asked, who="caregiver"))
    response = Response.objects.get()
    assert (response.provenance, response.mode) == ("proxy", "paper")


def test_answers_asked_in_the_clinic_are_marked_so(desk, asked):
    sent = typed(asked, how="kiosk", answered_on="")
    assert desk.post(enter(asked), sent).status_code == 302
    assert Response.objects.get().provenance == "kiosk"
    assert not ContactAttempt.objects.exists()


def test_a_day_that_cannot_be_is_refused_and_named(desk, asked):
    today = clock.today(asked.patient.time_zone)
    for on, said in (
        ("", "Give the day that stands on the sheet"),
        (today + timedelta(days=1), "This day is still to come"),
        (asked.opens_on - timedelta(days=1), "it cannot be earlier"),
        ("31/31/2026", "Give a day such as"),
    ):
        assertContains(desk.post(enter(asked), typed(asked, answered_on=on)), said)
    with pytest.raises(ValidationError, match="Only a sheet is of another day"):
        entering.accept(
            asked,
            answers=answers_of(asked),
            language="en",
            by=factories.make_user(asked.clinic, Role.FRONT_DESK),
            given=Given(on=asked.opens_on),
        )
    assert not Response.objects.filter(state="sealed").exists()


def test_a_sheet_with_other_questions_says_so(desk, clerk, asked):
    form = paper.print_form(asked, by=clerk, language="en")
    PaperForm.objects.update(asked=["old"])
    page = desk.get(f"{enter(asked)}?how=paper&sheet={form.pk}")
    assertContains(page, "The questions changed since this sheet was printed")


def test_own_words_are_an_answer_and_never_stand_in_the_log_of_calls(desk, asked):
    names = re.findall(
        r' name="(note|call_note)"', desk.get(enter(asked)).content.decode()
    )
    assert names == ["note", "call_note"]
    sent = typed(asked, how="phone", answered_on="")
    sent |= {"note": "My foot tingles at night", "call_note": "after five"}
    assert desk.post(enter(asked), sent).status_code == 302
    assert Answer.objects.get(link_id="note").given == "My foot tingles at night"
    assert ContactAttempt.objects.get().note == "after five"


# --- After the window -----------------------------------------------------------


@pytest.fixture
def missed(asked) -> FollowUp:
    asked.request.state = "closed"
    asked.request.save()
    today = clock.today(asked.patient.time_zone)
    FollowUp.objects.filter(pk=asked.pk).update(
        state="expired",
        next_action_at=None,
        opens_on=today - timedelta(days=20),
        due_on=today - timedelta(days=12),
        closes_on=today - timedelta(days=5),
    )
    return FollowUp.objects.get(pk=asked.pk)


@pytest.mark.parametrize(("days", "in_window"), [(0, False), (6, True)])
def test_late_answers_are_kept_and_marked_and_the_state_stays(
    desk, missed, days, in_window
):
    assertContains(desk.get(enter(missed)), "the follow-up stays missed")
    on = clock.today(missed.patient.time_zone) - timedelta(days=days)
    assert desk.post(enter(missed), typed(missed, answered_on=on)).status_code == 302
    response = Response.objects.get()
    assert (response.in_window, response.answered_on) == (in_window, on)
    assert Score.objects.exists()
    row = late.told_apart(FollowUp.objects.filter(pk=missed.pk)).get()
    assert row.state == "expired" and row.answered_at is None
    assert row.label_today == "answered late"
    assertContains(desk.get(enter(missed)), "It was answered already")


def test_late_answers_by_phone_log_no_call(desk, missed):
    sent = typed(missed, how="phone", answered_on="")
    assert desk.post(enter(missed), sent).status_code == 302
    assert Response.objects.get().provenance == "phone"
    assert not ContactAttempt.objects.exists()


def test_late_answers_of_who_left_or_of_a_baseline_are_refused(desk, missed):
    FollowUp.objects.filter(pk=missed.pk).update(is_baseline=True)
    assertContains(desk.get(enter(missed)), "taken on a page of its own")
    FollowUp.objects.filter(pk=missed.pk).update(is_baseline=False)
    patient = missed.patient
    patient.withdrawn_on = clock.today(patient.time_zone)
    patient.save()
    reply = desk.post(enter(missed), typed(missed))
    assertContains(reply, "The patient has left follow-up")
    assert not Response.objects.filter(state="sealed").exists()


# --- The front desk writes and never reads -----------------------------------------


def test_the_front_desk_may_enter_and_not_read(clerk):
    acts = acts_of(clerk)
    assert Act.ENTER_ANSWERS in acts
    assert not acts & {Act.READ_ANSWERS, Act.READ_CLINICAL, Act.READ_PLANS}


def test_after_saving_the_front_desk_sees_saved_and_nothing_else(
    desk, complaint, asked
):
    factories.make_evaluation(complaint, ankle_jerk__left="1")
    reply = desk.post(enter(asked), typed(asked, 7), follow=True)
    text = re.sub(r"<[^>]+>", " ", reply.content.decode())
    assert "Saved." in text
    for path in (
        reverse("outcomes:patient", args=[asked.patient_id]),
        reverse("outcomes:follow_ups"),
        enter(asked),
        reverse("outcomes:answer_here", args=[asked.patient_id]),
    ):
        page = desk.get(path)
        assert page.status_code == 200
        assertNotContains(page, "7 of 10")
        assertNotContains(page, "chart-course")
        assertNotContains(page, "left foot pain")
        assertNotContains(page, "checked")
    hidden = reverse("patients:evaluate", args=[complaint.pk])
    assert desk.get(hidden).status_code in (403, 404)
    assert Answer.objects.filter(value=7).exists()


def test_the_front_desk_reads_no_answer_over_the_api(clerk, desk, asked):
    desk.post(enter(asked), typed(asked, 7))
    api = with_token(clerk)
    response = Response.objects.get()
    assert api.get("/api/v1/responses/").status_code == 403
    assert api.get(f"/api/v1/responses/{response.pk}/").status_code in (403, 404)
    found = api.get(f"/api/v1/follow-ups/{asked.pk}/")
    assert found.status_code == 200 and "scores" not in found.content.decode()


def test_who_may_not_enter_is_told_so(client, researcher, asked):
    client.force_login(researcher)
    assert client.get(enter(asked)).status_code in (403, 404)
