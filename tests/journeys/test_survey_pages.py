from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from clinic.models import Clinic
from outcomes.models import Response
from tests.factories import make_complaint, make_patient
from tests.outcomes.survey.conftest import Survey, ask

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
HEIGHT = {"height": 640}
SMALL = HEIGHT | {"width": 320}
# Zoomed to 200 %, a screen has half the width.
ZOOMED = 2
# What lies beside the screen, or is cut off by what it stands in.
CUT = """() => [...document.querySelectorAll("body *")].filter(node => {
    const box = node.getBoundingClientRect(), style = getComputedStyle(node);
    // Nothing to see: what only a screen reader reads, and the box under its words.
    if (box.width <= 1 || box.height <= 1 || style.opacity === "0") return false;
    const isCut = style.overflowX !== "visible" && node.tagName !== "TEXTAREA" &&
        (node.scrollWidth > node.clientWidth + 1 ||
         node.scrollHeight > node.clientHeight + 1);
    return isCut || box.left < -1 || box.right > innerWidth + 1;
}).map(node => node.outerHTML.slice(0, 120))"""


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


@pytest.fixture(params=["320-light", "320-dark", "390-dark", "1280-light"])
def screen(
    request: pytest.FixtureRequest, browser: Browser, site: str
) -> Iterator[Page]:
    width, scheme = request.param.split("-")
    with browser.new_context(
        base_url=site, viewport=HEIGHT | {"width": int(width)}, color_scheme=scheme
    ) as context:
        yield context.new_page()


@pytest.fixture(params=[320, 390, 1280])
def scriptless(
    request: pytest.FixtureRequest, browser: Browser, site: str
) -> Iterator[Page]:
    with browser.new_context(
        base_url=site,
        viewport=HEIGHT | {"width": request.param},
        java_script_enabled=False,
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
    fits(page)


def fits(page: Page) -> None:
    assert page.evaluate(CUT) == []
    width = page.evaluate("innerWidth")
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def check_enlarged(page: Page) -> None:
    """At 200 %: a desk's screen by zooming, a phone's by the size of its letters."""
    size = page.viewport_size
    if size["width"] > 600:
        page.set_viewport_size(size | {"width": size["width"] // ZOOMED})
        fits(page)
        page.set_viewport_size(size)
    elif size["width"] > SMALL["width"]:
        for letters in ("200%", ""):
            page.evaluate(
                "to => { document.documentElement.style.fontSize = to }", letters
            )
            fits(page)


def sealed_once() -> bool:
    (response,) = Response.objects.all()
    return response.state == Response.State.SEALED


def test_everybody_can_use_the_pages_of_the_way_in(survey, small_phone):
    small_phone.goto(survey.path)
    check(small_phone)
    for miss in range(1, 6):
        confirm(small_phone, survey.path, day="15")
        if miss in (3, 5):
            check(small_phone)
    confirm(small_phone, "/s/unknown")
    check(small_phone)


def test_everybody_can_use_the_questions(survey, screen):
    def look() -> None:
        check(screen)
        check_enlarged(screen)

    screen.goto(survey.path)
    check_enlarged(screen)
    confirm(screen, survey.path)
    look()
    press(screen, "button[value=next]")
    look()
    for answer in ("4", "2", "cant_tell", "2", "none", "none"):
        choose(screen, answer)
        look()
    screen.fill("textarea", "¡Hola! 👋🏽 مرحبا")
    press(screen, "button[value=send]")
    look()
    assert sealed_once()


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
        fits(scriptless)
        choose(scriptless, answer)
    press(scriptless, "button[value=back]")
    assert scriptless.is_checked("input[value='3']")
    press(scriptless, "button[value=next]")
    for answer in ("2", "none", "none"):
        fits(scriptless)
        choose(scriptless, answer)
    fits(scriptless)
    press(scriptless, "button[value=send]")
    assert "/survey/thank-you/" in scriptless.url
    assert sealed_once()


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
