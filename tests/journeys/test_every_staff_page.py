"""Every page that staff can open, by the access table, is usable by all."""

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse
from playwright.sync_api import Browser, BrowserContext

from clinic.access import Role
from clinic.models import User
from tests import factories
from tests.access_table import TABLE, is_api, make_side
from tests.journeys.sessions import open_session
from tests.test_access import kwargs

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
# The library's page about the API has its own look; the rest are parts or files.
ELSEWHERE = {
    "api:docs",
    "patients:icd10",
    "patients:note_file",
    "patients:refused_rows",
    "patients:study_file",
    "plans:procedure_note_file",
    "plans:reports_file",
    "outcomes:adverse_events_csv",
    "outcomes:export_file",
    "outcomes:instrument_export",
    # Refused where few have answered; tests/journeys/test_sheets.py has enough.
    "outcomes:consent_sheet",
    "outcomes:consent_sheet_pdf",
    "outcomes:outcome_letter_pdf",
    "outcomes:summary_pdf",
}
PAGES = [
    name
    for name, route in TABLE.items()
    if not route.is_public
    and not is_api(name)
    and name not in ELSEWHERE
    and any(call.method == "get" for call in route.calls)
]
SCREENS = [(1280, 800), (390, 844)]
SCHEMES = ["light", "dark"]
# Cards below each other without a gap between them.
TOUCHING = """() => {
  const cards = [...document.querySelectorAll("main .card + .card")]
  return cards.filter(card => {
    const above = card.previousElementSibling.getBoundingClientRect()
    const own = card.getBoundingClientRect()
    const gap = own.top - above.bottom
    return above.height && own.height && gap >= 0 && gap < 8
  }).map(card => card.innerText.slice(0, 40))
}"""


def contexts(browser: Browser, site: str, user: User) -> Iterator[BrowserContext]:
    for width, height in SCREENS:
        for scheme in SCHEMES:
            with browser.new_context(
                base_url=site,
                viewport={"width": width, "height": height},
                color_scheme=scheme,
            ) as context:
                open_session(context, site, user)
                yield context


def faults_of(context: BrowserContext, addresses: dict[str, str]) -> Iterator[str]:
    page = context.new_page()
    said: list[str] = []
    page.on(
        "console",
        lambda line: said.append(line.text) if line.type == "error" else None,
    )
    for name, address in addresses.items():
        reply = page.goto(address)
        assert reply is not None and reply.status == 200, name
        for fault in Axe().run(page).response["violations"]:
            yield f"{name}: {fault['id']}: {fault['nodes'][0]['html']}"
        width = page.evaluate("document.documentElement.scrollWidth")
        if page.viewport_size and width > page.viewport_size["width"]:
            yield f"{name}: {width} px wide on {page.viewport_size['width']}"
        for card in page.evaluate(TOUCHING):
            yield f"{name}: nothing between {card!r} and the card above it"
    yield from said


def test_every_page_is_usable_on_both_screens_light_and_dark(
    browser: Browser, site: str
) -> None:
    side = make_side("Fennimore")
    addresses = {name: reverse(name, kwargs=kwargs(name, side)) for name in PAGES}
    user = factories.make_user(side.clinic, Role.ADMIN, Role.PROVIDER, name="Dr Okafor")
    faults = {
        fault
        for context in contexts(browser, site, user)
        for fault in faults_of(context, addresses)
    }
    assert sorted(faults) == []
