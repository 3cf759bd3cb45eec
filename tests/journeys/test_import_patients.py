"""An admin brings a list in, in a real browser."""

from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from clinic.access import Role
from patients.models import Patient, PatientImport
from patients.record.imports import work
from tests import factories
from tests.journeys.sessions import open_session
from tests.patients.imports.running import HEADER, ROWS, bundle, fhir_patient

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def admin(desk: Page, site: str) -> Page:
    """Somebody at a desk who has signed in and may import."""
    user = factories.make_user(factories.make_clinic(), Role.ADMIN)
    open_session(desk.context, site, user)
    return desk


def hand_in(page: Page, path: Path, text: str) -> None:
    path.write_text(text)
    page.goto("/patients/imports/")
    page.set_input_files("input[type=file]", path)
    page.get_by_role("button", name="Look at it").click()
    page.wait_for_url("**/patients/imports/*/**")
    # A change made before the page's scripts have loaded would not be heard.
    page.wait_for_load_state()


def assert_accessible(page: Page) -> None:
    assert Axe().run(page).response["violations"] == []


def test_a_list_is_looked_at_put_right_and_goes_in(admin, tmp_path):
    hand_in(admin, tmp_path / "list.csv", HEADER + ROWS)
    expect(admin.get_by_text("2 new, 1 refused")).to_be_visible()
    # What is chosen is shown at once, and the focus stays where it was.
    word = admin.get_by_label("“2”")
    word.select_option("female")
    expect(admin.get_by_text("3 new; nothing is stored yet")).to_be_visible()
    expect(word).to_have_value("female")
    assert not Patient.objects.exists()

    admin.get_by_role("button", name="Import 3 rows").click()
    expect(admin.get_by_role("progressbar")).to_be_visible()
    assert_accessible(admin)
    work.work_off(PatientImport.objects.get().pk)
    expect(admin.get_by_text("Everything went in.")).to_be_visible()
    assert_accessible(admin)
    assert Patient.objects.count() == 3


def test_a_fhir_file_shows_what_it_holds_and_what_was_refused(admin, tmp_path):
    text = bundle(fhir_patient(), fhir_patient(2, gender="x"))
    hand_in(admin, tmp_path / "bundle.json", text)
    assert_accessible(admin)
    admin.get_by_role("button", name="Import 2 patients").click()
    expect(admin.get_by_role("progressbar")).to_be_visible()
    work.work_off(PatientImport.objects.get().pk)
    expect(admin.get_by_text("Patient.gender: 'x' is none of")).to_be_visible()
    assert_accessible(admin)
