from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import BrowserType, Page, expect

from clinic.models import User
from patients.models import Patient
from tests import factories

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def sign_in(page: Page, user: User) -> None:
    page.goto("/")
    page.get_by_label("Email").fill(user.email)
    page.get_by_label("Password").fill(factories.PASSWORD)
    page.get_by_role("button", name="Sign in").click()


def test_a_member_signs_in_and_out(desk: Page, admin: User) -> None:
    sign_in(desk, admin)
    expect(desk.get_by_role("heading", level=1)).not_to_have_text("Sign in")
    desk.get_by_role("button", name="Sign out").click()
    desk.goto("/")
    expect(desk.get_by_role("heading", level=1)).to_have_text("Sign in")


@pytest.fixture
def remembering(
    browser_type: BrowserType, browser_type_launch_args: dict[str, Any], site: str
) -> Iterator[Page]:
    """A browser that keeps pages for its Back button, as people's do."""
    off = ["--disable-back-forward-cache"]
    browser = browser_type.launch(ignore_default_args=off, **browser_type_launch_args)
    with browser, browser.new_context(base_url=site) as context:
        yield context.new_page()


def test_back_after_a_sign_out_shows_no_patient(
    remembering: Page, admin: User, patient: Patient
) -> None:
    desk = remembering
    sign_in(desk, admin)
    expect(desk.get_by_role("button", name="Sign out")).to_be_visible()
    desk.goto(f"/patients/{patient.pk}/")
    expect(desk.get_by_role("heading", level=1)).to_contain_text(patient.family_name)
    desk.get_by_role("button", name="Sign out").click()
    expect(desk.get_by_role("heading", level=1)).to_have_text("Sign in")
    # A page that was kept does not load again.
    desk.go_back(wait_until="commit")
    expect(desk.get_by_role("heading", level=1)).to_have_text("Sign in")


def test_a_wrong_password_is_said_and_opens_nothing(desk: Page, admin: User) -> None:
    desk.goto("/sign-in/")
    desk.get_by_label("Email").fill(admin.email)
    desk.get_by_label("Password").fill("not the password")
    desk.get_by_role("button", name="Sign in").click()
    expect(desk.get_by_text("are not correct")).to_be_visible()
    expect(desk.get_by_role("button", name="Sign out")).to_have_count(0)
