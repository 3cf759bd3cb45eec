"""What somebody types without a space stays inside the page."""

import pytest
from django.urls import reverse
from playwright.sync_api import Browser

from clinic.access import Role
from plans.models import Intervention
from tests import factories
from tests.journeys.sessions import open_session

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
LONG = "plantarfascia" * 9 + "abc"
PAGES = ("plans:passport", "plans:intervention", "outcomes:repeat_injection")


@pytest.mark.parametrize(("width", "height"), [(390, 844), (820, 900), (1280, 800)])
def test_a_target_of_120_letters_breaks(
    browser: Browser, site: str, width: int, height: int
) -> None:
    clinic = factories.make_clinic()
    provider = factories.make_user(clinic, Role.PROVIDER)
    complaint = factories.make_complaint(factories.make_patient(clinic))
    done = factories.make_performed(factories.make_plan(complaint, started_days_ago=50))
    factories.make_lot(done, "L" * 60, name="N" * 80)
    assert len(LONG) == Intervention._meta.get_field("target").max_length
    Intervention.objects.filter(pk=done.pk).update(target=LONG)
    size = {"width": width, "height": height}
    with browser.new_context(base_url=site, viewport=size) as context:
        open_session(context, site, provider)
        page = context.new_page()
        for name in PAGES:
            page.goto(reverse(name, args=[done.pk]))
            assert LONG in page.content(), name
            too_wide = page.evaluate(
                """[...document.querySelectorAll("main *")].filter(
                  each => each.scrollWidth > each.clientWidth + 1
                    && getComputedStyle(each).display !== "inline"
                    && !each.closest(".table-scroll, .visually-hidden"))
                  .map(each => each.outerHTML.slice(0, 80))"""
            )
            assert too_wide == [], name
            assert page.evaluate("document.documentElement.scrollWidth") <= width, name
