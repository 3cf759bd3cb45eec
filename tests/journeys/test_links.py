"""LNK-01, 05, 07 and 08 in a real browser: what robots, networks and fingers do."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route

from clinic.models import AuditEvent, Clinic
from outcomes.models import Answer, FollowUp, Response, SurveyRequest
from tests.factories import make_complaint, make_patient
from tests.journeys.test_survey_pages import choose, confirm
from tests.outcomes.survey.conftest import Survey, ask

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PHONE = {"width": 390, "height": 844}
SAVED, TRYING = "Saved", "Not saved yet. Trying again."
SCANNERS = 5


@pytest.fixture
def survey(clinic: Clinic) -> Survey:
    return ask(make_complaint(make_patient(clinic)))


@pytest.fixture
def context(browser: Browser, site: str) -> Iterator[BrowserContext]:
    with browser.new_context(base_url=site, viewport=PHONE) as found:
        yield found


@pytest.fixture
def page(context: BrowserContext) -> Page:
    return context.new_page()


def stored() -> dict[str, int]:
    rows = Answer.objects.values_list("link_id", "value").order_by("pk")
    return {link: int(value) for link, value in rows if value is not None}


def said(page: Page, text: str) -> None:
    page.wait_for_function(
        "text => document.getElementById('saved').textContent === text", arg=text
    )


def begin(page: Page, survey: Survey) -> None:
    confirm(page, survey.path)
    page.wait_for_url("**/survey/1/")


def onward(page: Page, answer: str, go: str = "next") -> None:
    """As soon as the next page is there."""
    before = page.url
    choose(page, answer, go)
    page.wait_for_function("before => location.href !== before", arg=before)
    page.wait_for_load_state()


def tap(page: Page, value: str) -> None:
    page.check(f"input[value='{value}']", force=True)


def finish(page: Page, survey: Survey, answer: str = "2") -> None:
    """From wherever the page stands to the thank-you."""
    while "/thank-you/" not in page.url:
        is_last = page.locator("button[value=send]").count()
        onward(page, answer, "send" if is_last else "next")


# --- LNK-01: robots -------------------------------------------------------------


def scan(page: Page, path: str) -> None:
    """As a mail filter does: every form sent, every button and link pressed."""
    for _ in range(20):
        page.request.get(path)
    page.request.head(path)
    page.goto(path)
    for number in range(page.locator("button, summary, [role=button]").count()):
        page.goto(path)
        with page.expect_navigation():
            page.locator("button, summary, [role=button]").nth(number).click()
    for send in ("submit", "requestSubmit"):
        page.goto(path)
        with page.expect_navigation():
            page.evaluate(f"document.forms[0].{send}()")
    page.goto(path)
    for link in page.locator("a[href^='/'], a[href^='http']").all():
        page.request.get(link.get_attribute("href") or path)


def test_lnk_01_a_mail_scanner_with_scripts_leaves_no_trace(survey, browser, site):
    audited = AuditEvent.objects.count()
    for _ in range(SCANNERS):
        with browser.new_context(base_url=site) as context:
            scan(context.new_page(), survey.path)
            assert context.cookies() == []
    assert survey.reload().birth_date_tries == 0
    assert AuditEvent.objects.count() == audited
    assert not Response.objects.exists()
    follow_ups = FollowUp.objects.filter(request=survey.request)
    assert set(follow_ups.values_list("state", flat=True)) == {FollowUp.State.OPEN}
    with browser.new_context(base_url=site) as context:
        patient = context.new_page()
        begin(patient, survey)


# --- LNK-05: what travels along --------------------------------------------------


def test_lnk_05_no_address_travels_along_with_what_a_page_loads(survey, page):
    sent: list[str] = []
    page.on("request", lambda r: sent.append(f"{r.url} {r.headers.get('referer')}"))
    begin(page, survey)
    finish(page, survey)
    own = [line for line in sent if f"/s/{survey.token} " in line]
    # Opened and sent; nothing else names it, and no page names another.
    assert len(own) == 2
    assert {line.rpartition(" ")[2] for line in sent} <= {"None", ""}
    assert not [line for line in sent if "1957" in line]


# --- LNK-07: fingers and networks ---------------------------------------------------


def test_lnk_07_a_tap_is_saved_at_once_and_goes_nowhere(survey, page):
    begin(page, survey)
    tap(page, "4")
    said(page, SAVED)
    assert stored() == {"pain_site": 4}
    tap(page, "7")
    said(page, "")
    said(page, SAVED)
    assert stored() == {"pain_site": 7}
    assert page.url.endswith("/survey/1/")
    # A screen reader is not told of each answer.
    assert page.inner_text("#told") == ""


def test_lnk_07_aeroplane_mode_is_said_and_nothing_is_lost(survey, page, context):
    begin(page, survey)
    context.set_offline(True)
    tap(page, "4")
    said(page, TRYING)
    assert page.text_content("#told") == TRYING
    page.click("button[value=next]")
    page.click("button[value=next]")
    assert page.url.endswith("/survey/1/") and stored() == {}
    context.set_offline(False)
    page.wait_for_url("**/survey/2/")
    assert stored() == {"pain_site": 4}
    finish(page, survey)
    assert Response.objects.get().state == Response.State.SEALED


def test_lnk_07_aeroplane_mode_while_sending_seals_once(survey, page, context):
    begin(page, survey)
    while not page.locator("button[value=send]").count():
        onward(page, "3")

    def lose_the_reply(route: Route) -> None:
        if "go=send" not in (route.request.post_data or ""):
            route.continue_()
            return
        # It arrives, and the phone never hears of it.
        route.fetch(max_redirects=0)
        route.abort("internetdisconnected")

    page.route("**/survey/*/", lose_the_reply, times=2)
    choose(page, "2", "send")
    page.wait_for_url("**/thank-you/**")
    (response,) = Response.objects.all()
    assert response.state == Response.State.SEALED
    assert set(stored().values()) == {3, 0}


def test_lnk_07_a_server_that_fails_is_tried_again(survey, page):
    failures = []

    def fail_twice(route: Route) -> None:
        if route.request.method == "POST" and len(failures) < 2:
            failures.append(route.request.post_data)
            route.fulfill(status=500, body="broken")
            return
        route.continue_()

    begin(page, survey)
    page.route("**/survey/1/", fail_twice)
    tap(page, "4")
    said(page, TRYING)
    said(page, SAVED)
    assert len(failures) == 2 and stored() == {"pain_site": 4}
    assert page.text_content("#told") == SAVED


def test_lnk_07_a_double_tap_is_one_press(survey, page):
    posts: list[str] = []
    page.on(
        "request",
        lambda r: posts.append(r.post_data or "") if r.method == "POST" else None,
    )
    begin(page, survey)
    tap(page, "4")
    said(page, SAVED)
    page.dblclick("button[value=next]")
    page.wait_for_url("**/survey/2/")
    assert len([post for post in posts if "go=next" in post]) == 1


def test_lnk_07_two_tabs_end_in_what_was_seen_last(survey, page, context):
    begin(page, survey)
    tap(page, "4")
    said(page, SAVED)
    other = context.new_page()
    other.goto("/survey/1/")
    assert other.is_checked("input[value='4']")
    tap(other, "6")
    said(other, SAVED)
    page.reload()
    assert page.is_checked("input[value='6']")
    choose(page, "6")
    page.wait_for_url("**/survey/2/")
    finish(page, survey)
    assert stored()["pain_site"] == 6 and Response.objects.count() == 1


def test_lnk_07_what_was_held_up_gives_way_to_another_phone(
    survey, page, context, browser, site
):
    begin(page, survey)
    context.set_offline(True)
    tap(page, "4")
    said(page, TRYING)
    with browser.new_context(base_url=site) as elsewhere:
        other = elsewhere.new_page()
        begin(other, survey)
        tap(other, "6")
        said(other, SAVED)
    context.set_offline(False)
    # The page shows what stands, so that nobody sends what they do not see.
    page.wait_for_selector("input[value='6']:checked", state="attached")
    assert stored() == {"pain_site": 6}


def test_lnk_07_a_closed_session_says_what_to_do_and_loses_nothing(
    survey, page, context
):
    begin(page, survey)
    context.clear_cookies()
    tap(page, "4")
    page.wait_for_selector("text=this page has closed")
    other = context.new_page()
    begin(other, survey)
    other.close()
    page.evaluate("window.dispatchEvent(new Event('focus'))")
    said(page, SAVED)
    assert stored() == {"pain_site": 4}


def test_lnk_07_leaving_with_something_unsaved_asks_first(survey, page, context):
    begin(page, survey)
    context.set_offline(True)
    tap(page, "4")
    said(page, TRYING)
    asked: list[str] = []

    def stay(dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    page.on("dialog", stay)
    page.close(run_before_unload=True)
    page.wait_for_timeout(300)
    assert asked == ["beforeunload"] and not page.is_closed()


# --- LNK-08: after the end ------------------------------------------------------------


def test_lnk_08_no_answer_is_seen_by_going_back_after_the_end(survey, page):
    begin(page, survey)
    finish(page, survey)
    page.wait_for_load_state()
    for _ in range(6):
        page.go_back()
        assert page.locator("input[type=radio], input:checked").count() == 0
        assert not re.search("Saved|worst pain", page.inner_text("body"))
    assert SurveyRequest.objects.get().state == SurveyRequest.State.COMPLETED
