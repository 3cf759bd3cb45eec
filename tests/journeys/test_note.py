"""The note is copied in one click; the letter prints on one page."""

import re

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from clinic.access import Role
from patients.models import Complaint, Evidence, OutsideClinician
from patients.triage import evaluations, ledger
from tests import factories
from tests.journeys.sessions import open_session

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PAGE_OF_PDF = re.compile(rb"/Type\s*/Page\b")


@pytest.fixture
def complaint(desk: Page, site: str) -> Complaint:
    """Evaluated and signed; the desk's browser is its provider's."""
    clinic = factories.make_clinic(phone="555-0100")
    provider = factories.make_user(clinic, Role.PROVIDER, name="Dr Okafor")
    patient = factories.make_patient(clinic)
    made = factories.make_complaint(patient, pain_site="heel")
    held = ledger.name_source(made, by=provider, source="root_s1")
    for number in range(8):
        Evidence.objects.create(
            clinic=clinic,
            hypothesis=held,
            stance="for",
            kind="other",
            label=f"For {number}",
        )
    OutsideClinician.objects.create(
        clinic=clinic, patient=patient, role="referrer", name="Dr Ibáñez"
    )
    evaluation = factories.make_evaluation(made, slump__left="present")
    evaluations.sign(evaluation, by=provider)
    open_session(desk.context, site, provider)
    return made


def test_one_click_copies_the_whole_note(desk: Page, complaint: Complaint) -> None:
    desk.context.grant_permissions(["clipboard-read", "clipboard-write"])
    desk.goto(reverse("patients:note", args=[complaint.pk]))
    desk.get_by_role("button", name="Copy the note").click()
    expect(desk.locator("[data-copied]")).to_have_text(re.compile("^Copied"))
    copied = desk.evaluate("navigator.clipboard.readText()")
    assert copied.startswith("EVALUATION NOTE\n")
    assert "Signed by Dr Okafor" in copied
    assert copied.endswith("is recorded.\n")


def test_it_copies_where_the_browser_gives_no_clipboard(
    desk: Page, complaint: Complaint
) -> None:
    desk.goto(reverse("patients:note", args=[complaint.pk]))
    desk.evaluate("Object.defineProperty(navigator, 'clipboard', {value: undefined})")
    desk.get_by_role("button", name="Copy the note").click()
    expect(desk.locator("[data-copied]")).to_have_text(re.compile("^Copied"))


@pytest.mark.parametrize("paper", ["A4", "Letter"])
def test_the_letter_prints_on_one_page(
    desk: Page, complaint: Complaint, paper: str
) -> None:
    desk.goto(reverse("patients:letter", args=[complaint.pk]))
    expect(desk.get_by_role("button", name="Print")).to_be_visible()
    assert len(PAGE_OF_PDF.findall(desk.pdf(format=paper))) == 1
