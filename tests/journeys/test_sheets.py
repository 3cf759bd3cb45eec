"""Sheets as people use them: printed on one page, taken along, read between rooms."""

from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse
from playwright.sync_api import Page, expect
from pypdf import PdfReader

from clinic.access import Role
from clinic.models import Clinic, User
from outcomes.models import Episode, Measure
from patients.models import OutsideClinician
from plans.models import Intervention
from tests import factories
from tests.journeys.sessions import open_session
from tests.outcomes import rows
from tests.outcomes.alerts import cases
from tests.outcomes.sheets import alike, pdfs

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PAPERS = ("A4", "Letter")
LONG = {"given_name": "Maximiliana " * 6, "family_name": "Wolfeschlegel" * 6}


@pytest.fixture
def clinic() -> Clinic:
    return factories.make_clinic(is_demo=True, phone="555-0100")


@pytest.fixture
def provider(clinic: Clinic) -> User:
    return factories.make_user(clinic, Role.PROVIDER, name="Dr Okafor")


@pytest.fixture
def episode(clinic: Clinic) -> Episode:
    """With all that a sheet can hold: long names, a flag, answers, something to do."""
    patient = factories.make_patient(clinic, **LONG)
    episode = rows.make_episode(clinic, patient=patient)
    for key in ("pain_site", "pain_back", "activity_limits", "global_change"):
        measure = Measure.objects.get(clinic=clinic, key=key)
        rows.answer(episode, measure, baseline=7, w2=6, m3=3)
    cases.urgent(episode.complaint)
    plan = factories.make_plan(factories.make_complaint(patient), started_days_ago=30)
    factories.make_performed(plan, days=20)
    OutsideClinician.objects.create(
        clinic=clinic, patient=patient, role="referrer", name="Dr Ibáñez"
    )
    return episode


def pages_of(printed: bytes) -> int:
    return len(pdfs.reader(printed).pages)


def faults(page: Page) -> list[str]:
    """What axe finds, and whether anything is wider than the screen."""
    found = [fault["id"] for fault in Axe().run(page).response["violations"]]
    width = page.evaluate("document.documentElement.scrollWidth")
    is_wide = page.viewport_size is not None and width > page.viewport_size["width"]
    return [*found, *(["too wide"] if is_wide else [])]


def test_the_summary_prints_on_one_page_without_the_site_around_it(
    desk: Page, site: str, provider: User, episode: Episode
) -> None:
    open_session(desk.context, site, provider)
    desk.emulate_media(color_scheme="dark")
    desk.goto(reverse("outcomes:summary", args=[episode.patient_id]))
    expect(desk.get_by_role("button", name="Print")).to_be_visible()
    for paper in PAPERS:
        printed = desk.pdf(format=paper)
        assert pages_of(printed) == 1
        words = pdfs.text(printed)
        assert "Last scores" in words
        for around in ("Sign out", "Follow-ups", "Operations", "US letter"):
            assert around not in words


def test_the_summary_of_both_sides_prints_on_one_page(
    desk: Page, site: str, provider: User, clinic: Clinic
) -> None:
    patient = factories.make_patient(clinic)
    for _ in range(2):
        course = rows.make_episode(clinic, patient=patient)
        for key in ("pain_site", "pain_back", "activity_limits", "global_change"):
            measure = Measure.objects.get(clinic=clinic, key=key)
            rows.answer(course, measure, baseline=7, w2=6, m3=3)
    open_session(desk.context, site, provider)
    desk.goto(f"{site}{reverse('outcomes:summary', args=[patient.pk])}")
    for paper in PAPERS:
        assert pages_of(desk.pdf(format=paper)) == 1


def test_the_summary_is_taken_along_as_a_pdf(
    desk: Page, site: str, provider: User, episode: Episode, tmp_path: Path
) -> None:
    open_session(desk.context, site, provider)
    desk.goto(reverse("outcomes:patient", args=[episode.patient_id]))
    desk.get_by_role("link", name="Before the visit").click()
    with desk.expect_download() as download:
        desk.get_by_role("link", name="PDF, A4").click()
    assert download.value.suggested_filename == "summary.pdf"
    download.value.save_as(tmp_path / "summary.pdf")
    held = PdfReader(tmp_path / "summary.pdf")
    assert len(held.pages) == 1
    assert "7 → 3" in held.pages[0].extract_text()


def test_the_glance_needs_no_scrolling_on_a_phone(
    phone: Page, site: str, provider: User, episode: Episode
) -> None:
    open_session(phone.context, site, provider)
    phone.goto(reverse("outcomes:glance", args=[episode.patient_id]))
    height = phone.evaluate("document.documentElement.scrollHeight")
    assert height <= 844
    for words in ("Last done", "Next", "Whole record"):
        expect(phone.get_by_text(words, exact=True)).to_be_in_viewport()
    assert faults(phone) == []


def test_a_letter_takes_ones_own_sentence_along(
    desk: Page, site: str, provider: User, episode: Episode, tmp_path: Path
) -> None:
    open_session(desk.context, site, provider)
    desk.goto(reverse("outcomes:plan", args=[episode.plan_id]))
    desk.get_by_role("link", name="Outcome letter").click()
    assert faults(desk) == []
    desk.get_by_label("Language").select_option("es")
    desk.get_by_label("Your own sentence").fill("Vuelve a caminar. #1")
    desk.get_by_role("button", name="Show it so").click()
    letter = desk.get_by_role("article")
    expect(letter).to_contain_text("Vuelve a caminar. #1")
    expect(letter).to_contain_text("menos es mejor")
    with desk.expect_download() as download:
        desk.get_by_role("button", name="PDF, US letter").click()
    download.value.save_as(tmp_path / "letter.pdf")
    words = pdfs.text((tmp_path / "letter.pdf").read_bytes())
    assert "Vuelve a caminar. #1" in words
    assert "Estimado/a Dr Ibáñez:" in words


@pytest.fixture
def planned(clinic: Clinic) -> Intervention:
    alike.treated(clinic, [5] * 14 + [8] * 9 + [10] * 3 + [None] * 4)
    patient = factories.make_patient(clinic, **LONG)
    plan = factories.make_plan(factories.make_complaint(patient, pain_site="knee"))
    return plan.interventions.get(is_index=True)


@pytest.mark.parametrize("language", ["en", "es"])
def test_the_sheet_before_consent_is_usable_and_prints_on_one_page(
    desk: Page,
    phone: Page,
    site: str,
    provider: User,
    planned: Intervention,
    language: str,
) -> None:
    address = reverse("outcomes:consent_sheet", args=[planned.pk])
    for page in (desk, phone):
        open_session(page.context, site, provider)
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            reply = page.goto(f"{address}?language={language}")
            assert reply is not None and reply.status == 200
            assert faults(page) == []
    for paper in PAPERS:
        assert pages_of(desk.pdf(format=paper)) == 1
