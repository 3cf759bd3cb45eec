"""The patient's own page on a small phone: usable by all, and nothing left behind."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from clinic.models import Clinic
from outcomes.follow_ups.channels import tokens
from tests.factories import make_complaint, make_patient
from tests.journeys.test_survey_pages import check, choose, confirm
from tests.outcomes.survey.conftest import Survey, ask

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SMALL = {"width": 320, "height": 640}
PAGES = ("", "settings/", "phrase/", "stop/", "answers/", "card/")


@pytest.fixture(params=["en", "es"])
def survey(request: pytest.FixtureRequest, clinic: Clinic) -> Survey:
    Clinic.objects.update(phone="(312) 555-0100", sms_sender="+13125550111")
    patient = make_patient(clinic, language=request.param, phone="+1 312 555 0199")
    return ask(make_complaint(patient))


@pytest.fixture(params=["light", "dark"])
def small_phone(
    request: pytest.FixtureRequest, browser: Browser, site: str
) -> Iterator[Page]:
    """Without scripts, which none of these pages needs."""
    with browser.new_context(
        base_url=site,
        viewport=SMALL,
        color_scheme=request.param,
        java_script_enabled=False,
    ) as context:
        yield context.new_page()


def answer(page: Page, survey: Survey) -> None:
    confirm(page, survey.path)
    values = iter(("4", "2", "3", "2"))
    while "thank-you" not in page.url:
        here, is_last = page.url, page.locator("button[value=send]").count()
        choose(page, next(values, "none"), "send" if is_last else "next")
        page.wait_for_url(lambda url, here=here: url != here)


def test_everybody_can_use_the_pages(survey, browser, site):
    for scheme in ("light", "dark"):
        with browser.new_context(
            base_url=site, viewport=SMALL, color_scheme=scheme
        ) as context:
            page = context.new_page()
            answer(page, survey) if scheme == "light" else confirm(page, survey.path)
            page.wait_for_url("**/survey/thank-you/**")
            check(page)
            for place in PAGES:
                page.goto(f"/me/{place}")
                assert page.locator("h1").count() == 1, place
                for fold in page.query_selector_all("details > summary"):
                    fold.click()
                check(page)
                targets = page.query_selector_all("main .button, main label.choice")
                heights = [target.bounding_box()["height"] for target in targets]
                assert min(heights, default=48) >= 48, place


def test_it_works_without_scripts_and_stops_only_when_told_twice(survey, small_phone):
    answer(small_phone, survey)
    small_phone.click("a[href='/me/']")
    small_phone.goto("/me/stop/")
    small_phone.check("input[value=email]", force=True)
    small_phone.click("button")
    small_phone.click("button[name=yes]")
    assert small_phone.url.endswith("/me/settings/?stopped")


def test_after_done_going_back_shows_nothing(survey, phone, complaints):
    answer(phone, survey)
    phone.goto("/me/")
    assert phone.locator("svg.course").count() >= 1
    phone.goto("/me/answers/")
    phone.go_back()
    phone.click(".done button")
    phone.wait_for_url("**/me/close/")
    for _ in range(3):
        phone.go_back()
        phone.wait_for_load_state()
        shown = phone.locator("svg.course, table, input[type=radio]")
        assert shown.count() == 0, phone.url
    # The browser reports the pages that are closed now.
    complaints.clear()


def test_the_way_out_of_an_e_mail_is_usable_and_survives_robots(survey, phone):
    message = survey.request.messages.get()
    phone.set_viewport_size(SMALL)
    phone.goto(f"/stop/{tokens.stop_token_for(message.pk)}")
    check(phone)
    phone.click("button")
    expect(phone.locator("[role=alert]")).to_have_count(1)
    check(phone)
    phone.check("input[name=yes]", force=True)
    phone.click("button")
    expect(phone.locator("h1")).to_have_text("You get no more e-mails")
    check(phone)
