"""What the two small scripts of the protocol pages do."""

import pytest
from django.urls import reverse
from playwright.sync_api import Dialog, Page, expect

from clinic.access import Role
from clinic.models import User
from plans.models import Protocol
from plans.protocols import drafts
from tests import factories
from tests.journeys.sessions import open_session

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def lead(desk: Page, site: str) -> User:
    """The desk's browser is this admin's."""
    lead = factories.make_user(factories.make_clinic(), Role.ADMIN)
    open_session(desk.context, site, lead)
    return lead


@pytest.fixture
def prp(lead: User) -> Protocol:
    return Protocol.objects.get(clinic=lead.membership.clinic, key="prp")


def test_all_plans_are_chosen_at_one_press_and_none_at_the_next(
    desk: Page, lead: User, prp: Protocol
) -> None:
    for _ in range(3):
        patient = factories.make_patient(prp.clinic)
        factories.make_plan(factories.make_complaint(patient))
    new = factories.make_version(prp, by=lead)
    desk.goto(reverse("plans:protocol_move", args=[new.pk]))
    chosen = desk.locator("input[name=plans]:checked")
    desk.get_by_role("button", name="Choose all").click()
    expect(chosen).to_have_count(3)
    desk.get_by_role("button", name="Choose none").click()
    expect(chosen).to_have_count(0)
    desk.locator("input[name=plans]").first.check()
    desk.get_by_role("button", name="Choose all").click()
    expect(chosen).to_have_count(3)
    desk.get_by_role("button", name="Move the chosen plans").click()
    expect(desk.get_by_text("3 plans moved to version 4.")).to_be_visible()


def test_leaving_a_draft_asks_only_where_something_is_unsaved(
    desk: Page, lead: User, prp: Protocol
) -> None:
    draft = drafts.begin(prp, by=lead)
    asked: list[str] = []

    def note(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.accept()

    desk.on("dialog", note)
    address = reverse("plans:draft", args=[draft.pk])
    elsewhere = reverse("plans:protocols")
    desk.goto(address)
    desk.goto(elsewhere)
    assert asked == []
    desk.goto(address)
    desk.get_by_label("Title").first.press_sequentially(" of ours")
    desk.get_by_role("button", name="Save the draft").click()
    expect(desk.get_by_text("The draft is saved.")).to_be_visible()
    desk.goto(elsewhere)
    assert asked == []
    desk.goto(address)
    desk.get_by_label("Title").first.press_sequentially(" again")
    desk.goto(elsewhere)
    assert asked == ["beforeunload"]
