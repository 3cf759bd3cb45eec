"""The body map in a browser, on a page of its own under the product's policy."""

from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import parse_qs

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.contrib.staticfiles import finders
from django.template import engines
from playwright.sync_api import Browser, Locator, Page, Route

from patients.catalogue import regions

pytestmark = pytest.mark.browser
HOME = "http://map.test/"
POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; form-action 'self'"
SHEETS = {"desk": "clinic/base.css", "phone": "outcomes/survey.css"}
PAGE = """<!doctype html><html lang="{{ language }}"><head><title>Map</title>
<meta charset="utf-8"><meta name="viewport" content="width=device-width">
<link rel="stylesheet" href="/clinic/tokens.css">
<link rel="stylesheet" href="/{{ sheet }}">
<link rel="stylesheet" href="/patients/body_map.css">
<script src="/patients/body_map.js" defer></script></head><body>
<main class="page"><h1>Map</h1><form method="post">
<fieldset{% if shut %} disabled{% endif %}>
{% include "patients/_body_map_field.html" %}
</fieldset></form></main></body></html>"""
HEEL, ARCH = "heel_below:left", "arch:left"

Open = Callable[..., Page]


@pytest.fixture
def open_map(browser: Browser, complaints: list[str]) -> Iterator[Open]:
    contexts = []

    def opened(
        chosen=(), worst="", *, language="en", width=1280, script=True, dark=False,
        shut=False,
    ) -> Page:  # fmt: skip
        html = (
            engines["django"]
            .from_string(PAGE)
            .render(
                {
                    "regions": regions.choices(language),
                    "chosen": set(chosen),
                    "worst": worst,
                    "language": language,
                    "sheet": SHEETS["desk" if width > 600 else "phone"],
                    "shut": shut,
                }
            )
        )
        context = browser.new_context(
            viewport={"width": width, "height": 844},
            color_scheme="dark" if dark else "light",
            java_script_enabled=script,
            has_touch=width < 600,
        )
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on(
            "console",
            lambda said: complaints.append(said.text) if said.type == "error" else None,
        )
        page.route(f"{HOME}**", lambda route: answer(route, html))
        page.goto(HOME)
        return page

    yield opened
    for context in contexts:
        context.close()


def answer(route: Route, html: str) -> None:
    name = route.request.url.removeprefix(HOME)
    if not name:
        policy = {"Content-Security-Policy": POLICY}
        route.fulfill(body=html, content_type="text/html", headers=policy)
    elif path := finders.find(name):
        route.fulfill(path=Path(path))
    else:
        route.fulfill(status=204)


def sent(page: Page) -> tuple[list[str], str]:
    """What the form would send: the chosen places and the worst."""
    data = "new URLSearchParams(new FormData(document.forms[0])).toString()"
    fields = parse_qs(page.evaluate(data))
    assert set(fields) <= {"regions", "worst_region"}
    return fields.get("regions", []), fields.get("worst_region", [""])[0]


def place(page: Page, name: str) -> Locator:
    return page.get_by_role("button", name=name, exact=True)


def test_the_policy_is_the_products():
    directives = settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]
    assert [str(v) for v in directives["script-src"]] == ["'self'"]
    assert [str(v) for v in directives["style-src"]] == ["'self'"]


def test_a_click_on_a_place_chooses_it_and_another_takes_it_back(open_map):
    page = open_map()
    place(page, "left heel, from below").click()
    chosen = place(page, "left heel, from below, chosen")
    assert chosen.get_attribute("aria-pressed") == "true"
    assert sent(page) == ([HEEL], HEEL)
    chosen.click()
    assert sent(page) == ([], "")
    assert page.locator(".body-map__mark").count() == 0


def test_a_place_is_chosen_in_all_its_pictures_at_once(open_map):
    page = open_map()
    place(page, "left shoulder").first.click()
    pressed = page.locator("[data-place='shoulder:left'][aria-pressed=true]")
    assert pressed.count() == 2
    assert sent(page)[0] == ["shoulder:left"]


def test_with_a_second_place_nobody_presumes_the_worst(open_map):
    page = open_map()
    place(page, "left heel, from below").click()
    place(page, "arch of the left foot").click()
    assert sent(page) == ([ARCH, HEEL], "")
    page.get_by_role("button", name="Hurts most: left heel, from below").click()
    assert sent(page) == ([ARCH, HEEL], HEEL)
    assert place(page, "left heel, from below, hurts most").count() == 1
    page.get_by_role("button", name="Remove: left heel, from below").click()
    assert sent(page) == ([ARCH], ARCH)


def test_a_worst_that_was_picked_stays_when_a_third_place_is_chosen(open_map):
    page = open_map([HEEL, ARCH], ARCH)
    place(page, "left calf").click()
    assert sent(page) == (["calf:left", ARCH, HEEL], ARCH)


def test_the_whole_field_works_by_keyboard(open_map):
    page = open_map()
    here = "document.activeElement.getAttribute('data-place')"
    for first in ("neck", "neck", "big_toe:right", "big_toe:left"):
        page.keyboard.press("Tab")
        assert page.evaluate(here) == first
    for _ in range(4):
        page.keyboard.press("ArrowDown")
    assert page.evaluate(here) == HEEL
    page.keyboard.press("Space")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    assert page.locator(".body-map__focus[d^=M]").count() == 1
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    chosen, worst = sent(page)
    assert len(chosen) == 2
    assert worst == chosen[0]
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert sent(page) == (chosen[1:], chosen[1])


def test_every_place_can_be_reached_with_the_arrow_keys(open_map):
    page = open_map()
    for picture in page.locator("svg").all():
        reached = picture.evaluate(
            """svg => {
              const all = [...svg.querySelectorAll("[data-place]")];
              const seen = new Set([all[0]]);
              for (const one of seen)
                for (const key of ["Up", "Down", "Left", "Right"]) {
                  one.focus();
                  one.dispatchEvent(new KeyboardEvent("keydown",
                    { key: "Arrow" + key, bubbles: true }));
                  seen.add(document.activeElement);
                }
              return [seen.size, all.length];
            }"""
        )
        assert reached[0] == reached[1]


def test_boxes_and_pictures_keep_in_step(open_map):
    page = open_map()
    page.get_by_text("Choose from a list instead").click()
    page.get_by_role("checkbox", name="left big toe").check()
    page.select_option("select", HEEL)
    assert sent(page) == (["big_toe:left", HEEL], HEEL)
    assert page.locator("[data-place].is-chosen").count() == 2
    assert page.locator("[data-place].is-worst").count() == 1
    page.get_by_role("checkbox", name="left big toe").uncheck()
    assert page.locator("[data-place].is-chosen").count() == 0


def test_without_scripts_the_boxes_send_the_same(open_map):
    page = open_map([HEEL], HEEL, script=False, width=390)
    assert sent_without_script(page) == ([HEEL], HEEL)
    page.get_by_role("checkbox", name="arch of the left foot").check()
    page.select_option("select", ARCH)
    assert sent_without_script(page) == ([ARCH, HEEL], ARCH)
    assert page.locator("details, [role=button]").count() == 0


def sent_without_script(page: Page) -> tuple[list[str], str]:
    boxes = page.locator("input[name=regions]:checked").all()
    return [b.get_attribute("value") for b in boxes], page.input_value("select")


def test_a_shut_form_shows_and_changes_nothing(open_map):
    page = open_map([HEEL, ARCH], HEEL, shut=True)
    place(page, "arch of the left foot, chosen").click()
    assert page.locator("input:checked").count() == 2
    assert page.locator("[data-place].is-worst").count() == 1


def test_a_phone_shows_one_picture_at_a_time_the_worst_first(open_map):
    page = open_map([HEEL, "low_back"], HEEL, width=390)
    assert page.locator("svg:visible").count() == 1
    assert place(page, "left heel, from below, hurts most").is_visible()
    page.get_by_role("button", name="Back (1)").click()
    place(page, "low back, in the middle, chosen").tap()
    assert sent(page) == ([HEEL], HEEL)


def test_a_finger_may_miss_a_small_place_by_a_little(open_map):
    page = open_map(width=390)
    page.get_by_role("button", name="Back", exact=True).click()
    page.locator(".body-map__chosen").scroll_into_view_if_needed()
    box = place(page, "left heel, from behind").bounding_box()
    page.touchscreen.tap(box["x"] + box["width"] / 2, box["y"] + box["height"] + 6)
    assert sent(page)[0] == ["heel_back:left"]


def test_a_part_that_is_no_place_says_so(open_map):
    page = open_map()
    page.locator(".body-map__plain").first.click(position={"x": 60, "y": 150})
    assert page.locator(".body-map__now").text_content() == (
        "This part cannot be chosen here."
    )
    assert sent(page) == ([], "")


def test_every_place_is_large_enough_for_a_finger_on_a_phone(open_map):
    page = open_map(width=390)
    for tab in page.locator(".body-map__tab").all():
        tab.click()
        boxes = [p.bounding_box() for p in page.locator("[data-place]:visible").all()]
        assert min(min(box["width"], box["height"]) for box in boxes) >= 24


def test_places_do_not_overlap_and_marks_lie_inside(open_map):
    strays = open_map().evaluate(
        """() => [...document.querySelectorAll("svg")].flatMap(svg => {
          const all = [...svg.querySelectorAll("[data-place]")];
          return all.filter(place => {
            const box = place.getBBox();
            const at = new DOMPoint(box.x + box.width / 2, box.y + box.height / 2);
            return all.some(one => one.isPointInFill(at) !== (one === place));
          }).map(place => place.dataset.place);
        })"""
    )
    assert strays == []


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize(
    ("width", "language"), [(320, "es"), (390, "en"), (1280, "en")]
)
def test_everybody_can_use_it(open_map, width, language, dark):
    chosen = [HEEL, ARCH, "si_joint:right"]
    page = open_map(chosen, HEEL, width=width, language=language, dark=dark)
    page.locator("summary").click()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    found = Axe().run(page)
    assert not found.violations_count, found.generate_report()
    plain = open_map(chosen, HEEL, width=width, language=language, script=False)
    assert plain.evaluate("document.documentElement.scrollWidth") <= width
