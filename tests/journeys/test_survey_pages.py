from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from clinic.models import Clinic
from outcomes.models import Response
from tests.factories import make_complaint, make_patient
from tests.outcomes.survey.conftest import Survey, ask

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SMALL = {"width": 320, "height": 640}


@pytest.fixture(params=["en", "es"])
def survey(request: pytest.FixtureRequest, clinic: Clinic) -> Survey:
    Clinic.objects.update(phone="(312) 555-0100")
    return ask(make_complaint(make_patient(clinic, language=request.param)))


@pytest.fixture(params=["light", "dark"])
def small_phone(
    request: pytest.FixtureRequest, browser: Browser, site: str
) -> Iterator[Page]:
    with browser.new_context(
        base_url=site, viewport=SMALL, color_scheme=request.param
    ) as context:
        yield context.new_page()


@pytest.fixture
def scriptless(browser: Browser, site: str) -> Iterator[Page]:
    with browser.new_context(
        base_url=site, viewport=SMALL, java_script_enabled=False
    ) as context:
        yield context.new_page()


def confirm(page: Page, path: str, *, day: str = "14") -> None:
    page.goto(path)
    page.select_option("#month", "3")
    page.fill("#day", day)
    page.fill("#year", "1957")
    press(page, "button")


def press(page: Page, button: str) -> None:
    """Until the next page is there: with our script it comes after the answer."""
    with page.expect_navigation():
        page.click(button)


def choose(page: Page, value: str, go: str = "next") -> None:
    """The answer; where a page does not ask for it, there is nothing to tell."""
    wanted = page.locator(f"input[value='{value}']")
    if not page.locator("textarea").count():
        (wanted if wanted.count() else page.locator("input[value=none]")).check(
            force=True
        )
    press(page, f"button[value={go}]")


def check(page: Page) -> None:
    found = Axe().run(page)
    assert not found.violations_count, found.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth") <= SMALL["width"]


def test_everybody_can_use_the_pages_of_the_way_in(survey, small_phone):
    small_phone.goto(survey.path)
    check(small_phone)
    for miss in range(1, 6):
        confirm(small_phone, survey.path, day="15")
        if miss in (3, 5):
            check(small_phone)
    confirm(small_phone, "/s/unknown")
    check(small_phone)


def test_everybody_can_use_the_questions(survey, small_phone):
    confirm(small_phone, survey.path)
    check(small_phone)
    press(small_phone, "button[value=next]")
    check(small_phone)
    for answer in ("4", "2", "cant_tell", "2", "none", "none"):
        choose(small_phone, answer)
        check(small_phone)
    small_phone.fill("textarea", "¡Hola! 👋🏽 مرحبا")
    press(small_phone, "button[value=send]")
    check(small_phone)


def test_every_target_is_large_enough_for_a_thumb(survey, small_phone):
    confirm(small_phone, survey.path)
    boxes = [
        target.bounding_box()
        for target in small_phone.query_selector_all("label, button, .switch")
    ]
    assert len(boxes) == 14
    assert min(min(box["width"], box["height"]) for box in boxes) >= 48


def test_the_survey_works_without_scripts(survey, scriptless):
    confirm(scriptless, survey.path)
    for answer in ("4", "2", "3"):
        choose(scriptless, answer)
    press(scriptless, "button[value=back]")
    assert scriptless.is_checked("input[value='3']")
    press(scriptless, "button[value=next]")
    for answer in ("2", "none", "none"):
        choose(scriptless, answer)
    press(scriptless, "button[value=send]")
    assert "/survey/thank-you/" in scriptless.url
    assert Response.objects.get().state == "sealed"


def test_going_back_after_the_end_shows_no_answers(survey, phone, complaints):
    confirm(phone, survey.path)
    for answer in ("4", "2", "3", "2", "none", "none"):
        choose(phone, answer)
    press(phone, "button[value=send]")
    phone.wait_for_url("**/survey/thank-you/**")
    phone.wait_for_load_state()
    phone.go_back()
    assert phone.locator("input[type=radio]").count() == 0
    # The browser reports the page that is closed now.
    complaints.clear()


def test_the_enter_key_goes_on_and_not_back(survey, phone):
    confirm(phone, survey.path)
    choose(phone, "4")
    phone.check("input[value='2']", force=True)
    phone.keyboard.press("Enter")
    phone.wait_for_url("**/survey/3/")


def test_the_whole_page_fits_a_phone(survey, phone):
    confirm(phone, survey.path)
    height = phone.evaluate("document.documentElement.scrollHeight")
    assert height <= phone.viewport_size["height"]


def test_first_page_is_small(survey, phone):
    sizes: list[int] = []
    phone.on("response", lambda response: sizes.append(len(response.body())))
    phone.goto(survey.path, wait_until="networkidle")
    assert 0 < sum(sizes) < 30_000
