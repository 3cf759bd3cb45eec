"""From the first finding to a diagnosis without a mouse."""

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from clinic.models import User
from patients.models import Complaint, Study
from patients.triage import cells, evaluations
from tests.journeys import keyboard
from tests.journeys.test_sign_in import sign_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
# In the order in which the Tab key meets them.
FINDINGS = {
    "pain_site_now": "7",
    "pain_back_now": "3",
    "radiating_pain.left": "present",
    "numbness.left": "present",
    "bending_sitting.left": "present",
    "back_pain": "present",
    "cough_worse": "absent",
    "walking_symptoms": "absent",
    "RF01": "absent",
    "RF02": "absent",
    "RF03": "absent",
    "RF08": "absent",
    "RF10": "absent",
    "knee_jerk.left": "2",
    "knee_jerk.right": "2",
    "ankle_jerk.left": "1",
    "ankle_jerk.right": "2",
    "big_toe_extension.left": "5",
    "ankle_inversion.left": "5",
    "hip_abduction.left": "5",
    "ankle_plantar_flexion.left": "5",
    "sensation_l4.left": "normal",
    "sensation_l5.left": "normal",
    "sensation_s1.left": "reduced",
    "root_pattern.left": "present",
    "lumbar_flexion": "45",
    "slr.left": "present",
    "slr_angle.left": "50",
    "slump.left": "present",
    "crossed_slr.left": "absent",
    "foot_reproduced.left": "absent",
    "pulse_dorsalis.left": "normal",
}


def taken_in(page: Page, complaint: Complaint, kind: str, region: str) -> None:
    page.goto(reverse("patients:take_in_study", args=[complaint.pk]))
    keyboard.fill(page, {"kind": kind, "region": region}, press="Next")
    expect(page.locator("textarea[name=report]")).to_be_visible()
    told = {"performed_on": "2026-10-05", "side": "left", "report": "Disc at L5-S1"}
    keyboard.fill(page, told, press="Keep it")
    expect(page.locator(".report")).to_have_text("Disc at L5-S1")


def named(page: Page, complaint: Complaint, source: str, certainty: str) -> None:
    page.goto(reverse("patients:name_source", args=[complaint.pk]))
    said = {"source": source, "certainty": certainty, "words_for": "It fits"}
    keyboard.fill(page, said, press="Add to the ledger")
    expect(page.get_by_text("In the ledger")).to_be_visible()


def test_a_whole_evaluation_needs_no_mouse(
    desk: Page, physician: User, complaint: Complaint
) -> None:
    sign_in(desk, physician)
    desk.goto(reverse("patients:evaluate", args=[complaint.pk]))
    keyboard.fill(desk, {}, press="New evaluation")
    expect(desk.get_by_role("heading", name="Evaluation")).to_be_visible()
    keyboard.fill(desk, FINDINGS, press="Save")
    expect(desk.locator(".saved-line")).to_contain_text("saved")
    draft = complaint.evaluations.get()
    kept = {cells.cell_name(c): v for c, v in evaluations.values(draft).items()}
    assert kept == FINDINGS
    assert len(FINDINGS) >= 30

    taken_in(desk, complaint, "mri", "lumbar_spine")
    taken_in(desk, complaint, "emg_ncs", "leg_nerves")
    assert complaint.studies.filter(state=Study.State.RECEIVED).count() == 2
    named(desk, complaint, "root_s1", "probable")
    named(desk, complaint, "plantar_fascia", "refuted")
    assert complaint.hypotheses.count() == 2

    desk.goto(reverse("patients:diagnose", args=[complaint.pk]) + "?q=M54.17")
    keyboard.fill(desk, {"certainty": "probable"}, press="Record")
    expect(desk.get_by_text("Recorded M54.17")).to_be_visible()

    desk.goto(reverse("patients:evaluation", args=[draft.pk]))
    keyboard.fill(desk, {}, press="Sign the evaluation")
    expect(desk.get_by_text("Signed by")).to_be_visible()
