from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from clinic.access import Role
from clinic.models import Clinic
from outcomes.models import Intake
from patients.models import RedFlag
from patients.triage import evaluations
from tests.factories import make_complaint, make_patient, make_user
from tests.journeys.test_survey_pages import confirm, press
from tests.outcomes.intake.conftest import ask
from tests.outcomes.survey.conftest import Survey

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SCREENS = [
    ({"width": 320, "height": 640}, "light"),
    ({"width": 390, "height": 844}, "dark"),
    ({"width": 1280, "height": 800}, "light"),
]
# What is chosen on each screen, where it is not a number and a unit.
CHOSEN = {
    "pain_now": ["6"],
    "back_now": ["cant_tell"],
    "worse": ["sitting", "walking"],
    "better": ["rest"],
    "tried": ["nothing"],
    "radiating": ["no"],
    "numbness": ["left"],
    "weakness": ["no"],
    "bending": ["cant_tell"],
    "changes": ["RF02", "none"],
    "legs": ["none"],
    "health": ["RF17", "none"],
    "detail": ["no"],
    "injections": ["none"],
}


@pytest.fixture
def made(clinic: Clinic) -> Clinic:
    Clinic.objects.update(phone="(312) 555-0100")
    return clinic


def asked(clinic: Clinic, language: str) -> Survey:
    provider = make_user(clinic, Role.PROVIDER)
    return ask(make_complaint(make_patient(clinic, language=language)), provider)


def opened(browser: Browser, site: str, **how: Any) -> Iterator[Page]:
    with browser.new_context(base_url=site, **how) as context:
        yield context.new_page()


@pytest.fixture(params=SCREENS, ids=lambda screen: f"{screen[0]['width']}")
def screen(
    request: pytest.FixtureRequest, browser: Browser, site: str
) -> Iterator[Page]:
    size, scheme = request.param
    yield from opened(browser, site, viewport=size, color_scheme=scheme)


@pytest.fixture
def scriptless(browser: Browser, site: str) -> Iterator[Page]:
    size = {"width": 320, "height": 640}
    yield from opened(browser, site, viewport=size, java_script_enabled=False)


def check(page: Page) -> None:
    found = Axe().run(page)
    assert not found.violations_count, found.generate_report()
    width = page.viewport_size["width"]
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def key_of(page: Page) -> str:
    """Which screen it is, without the pain it is about."""
    field = page.locator("input[name=question]")
    return field.get_attribute("value").split(".")[0] if field.count() else ""


def answer(page: Page) -> None:
    key = key_of(page)
    if key == "where":
        page.check("label:has(input[name=answer])", force=True)
    if key == "onset":
        page.fill("#number", "3")
        page.check("input[value=weeks]", force=True)
    for value in CHOSEN.get(key, ()):
        page.check(f"input[value='{value}']", force=True)
    press(page, "button.button--filled")


def go_through(page: Page, look: bool) -> list[str]:
    """Answer all and send; the screens in their order, "" for what cannot wait."""
    seen: list[str] = []
    while "/survey/intake/" in page.url:
        assert len(seen) < 30
        seen.append(key_of(page))
        if look:
            check(page)
        if seen[-1]:
            answer(page)
        else:
            press(page, ".actions a")
    return seen


@pytest.mark.parametrize("language", ["en", "es"])
def test_everybody_can_use_every_screen(made, screen, language):
    survey = asked(made, language)
    confirm(screen, survey.path)
    seen = go_through(screen, look=True)
    assert seen.count("") == 2, "the emergency, and the call of the same day"
    check(screen)
    assert f"/{language}/" in screen.url
    assert Intake.objects.get().state == Intake.State.SENT


def test_it_works_without_scripts(made, scriptless):
    survey = asked(made, "en")
    confirm(scriptless, survey.path)
    scriptless.check("input[name=regions][value='heel_below:left']")
    scriptless.select_option("#body-map-worst", "heel_below:left")
    press(scriptless, "button.button--filled")
    go_through(scriptless, look=False)
    found = evaluations.values(Intake.objects.get().evaluation)
    assert found["pain_worst", "none"] == "heel_below:left"
    assert found["numbness", "left"] == "present"
    assert RedFlag.objects.filter(flag="RF02", tier="E0").exists()


def test_every_target_is_large_enough_for_a_thumb(made, phone):
    confirm(phone, asked(made, "en").path)
    while "/survey/intake/" in phone.url:
        targets = phone.query_selector_all("label.choice, .actions .button, .switch")
        boxes = [target.bounding_box() for target in targets]
        assert min(min(box["width"], box["height"]) for box in boxes) >= 48
        if key_of(phone):
            answer(phone)
        else:
            press(phone, ".actions a")


def test_a_place_is_chosen_on_the_map(made, phone):
    confirm(phone, asked(made, "en").path)
    phone.get_by_role("button", name="Soles").click()
    place = phone.locator("[data-place='heel_below:left']").first
    place.dispatch_event("click")
    press(phone, "button.button--filled")
    phone.wait_for_url("**/survey/intake/2/")
    found = evaluations.values(Intake.objects.get().evaluation)
    assert found["pain_regions", "none"] == "heel_below:left"


def test_the_enter_key_goes_on_and_not_back(made, phone):
    confirm(phone, asked(made, "en").path)
    answer(phone)
    phone.fill("#number", "3")
    phone.check("input[value=weeks]", force=True)
    phone.press("#number", "Enter")
    phone.wait_for_url("**/survey/intake/3/")


def test_what_cannot_wait_is_said_as_soon_as_it_is_chosen(made, phone):
    confirm(phone, asked(made, "en").path)
    while key_of(phone) != "changes":
        answer(phone)
    phone.check("input[value='RF02']", force=True)
    phone.wait_for_selector("text=may need care right now")
    assert RedFlag.objects.filter(flag="RF02", tier="E0").exists()
    phone.check("input[value='none']", force=True)
    press(phone, "button.button--filled")
    assert phone.url.endswith("/first/")
