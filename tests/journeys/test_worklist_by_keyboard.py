"""From the list to a logged call without a mouse."""

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from clinic.models import User
from outcomes.models import ContactAttempt, FollowUp, StaffTask
from patients.models import Complaint
from tests import courses, factories
from tests.journeys.test_sign_in import sign_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
FOCUSED = "document.activeElement.innerText"


@pytest.fixture
def asked(complaint: Complaint) -> FollowUp:
    other = factories.make_patient(complaint.clinic, phone="+1 312 555 0142")
    courses.asked(complaint)
    request = courses.asked(factories.make_complaint(other))
    return request.follow_ups.get()


def test_a_call_is_made_and_logged_by_keys(
    desk: Page, physician: User, asked: FollowUp
) -> None:
    sign_in(desk, physician)
    desk.goto(reverse("outcomes:follow_ups"))
    names = desk.locator(".worklist th a:first-child").all_inner_texts()
    desk.keyboard.press("j")
    assert desk.evaluate(FOCUSED) == names[0]
    desk.keyboard.press("ArrowDown")
    assert desk.evaluate(FOCUSED) == names[1]
    desk.keyboard.press("k")
    assert desk.evaluate(FOCUSED) == names[0]

    desk.keyboard.press("x")
    expect(desk.locator("[data-chosen]")).to_have_text("1 chosen")
    desk.keyboard.press("a")
    expect(desk.locator("#to")).to_be_focused()
    # In a field the keys are letters again.
    desk.keyboard.press("x")
    expect(desk.locator("[data-chosen]")).to_have_text("1 chosen")
    desk.locator("#to").select_option(label=physician.name)
    desk.keyboard.press("Tab")
    desk.keyboard.press("Enter")
    expect(desk.get_by_text("1 done.")).to_be_visible()
    assert StaffTask.objects.get(kind="call").assigned_to == physician

    desk.keyboard.press("?")
    expect(desk.get_by_text("next and previous row")).to_be_visible()
    # Where no row has the focus yet, the whole page has it, and its text every name.
    desk.keyboard.press("j")
    while asked.patient.family_name not in desk.evaluate(FOCUSED):
        desk.keyboard.press("j")
    desk.keyboard.press("c")
    expect(desk.get_by_role("link", name="Call +1 312 555 0142")).to_be_visible()
    desk.get_by_role("button", name="No answer").focus()
    desk.keyboard.press("Enter")
    expect(desk.get_by_text("Nobody answered; next call")).to_be_visible()
    assert ContactAttempt.objects.get().follow_up == asked


def test_enter_opens_the_patient(desk: Page, physician: User, asked: FollowUp) -> None:
    sign_in(desk, physician)
    desk.goto(reverse("outcomes:follow_ups"))
    desk.keyboard.press("j")
    name = desk.evaluate(FOCUSED).partition(",")[0]
    desk.keyboard.press("Enter")
    expect(desk.locator("h1")).to_contain_text(name)


def test_the_keys_are_letters_while_a_number_is_typed(
    desk: Page, physician: User, asked: FollowUp
) -> None:
    sign_in(desk, physician)
    desk.goto(reverse("outcomes:follow_ups"))
    desk.locator("#site-search").focus()
    desk.keyboard.type("jackx?")
    expect(desk.locator("#site-search")).to_have_value("jackx?")
    expect(desk.locator("[data-keys]")).not_to_have_attribute("open", "")
