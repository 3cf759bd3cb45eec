from datetime import datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.urls import reverse
from pytest_django.asserts import assertContains

from clinic import audit, clock
from clinic.models import AuditEvent
from patients.triage.note.plain_text import WIDTH, plain
from plans.models import AdverseEvent, CautionPass, Intervention, LotUse
from plans.procedures import catalogue, lifestyle, recorded
from plans.procedures.catalogue_field import NEEDLES
from plans.procedures.conditions import EMPTY
from plans.procedures.papers import note
from tests import factories
from tests.api_client import with_token
from tests.plans.procedures.papers import treated

INJECTION = {
    "kind": "epidural_injection",
    "site": "low_back",
    "side": "left",
    "levels": ["L4-L5"],
    "target": "left L5 root",
    "guidance": "fluoroscopy",
    "contrast": "iodinated",
    "contrast_ml": Decimal("1.5"),
    "contrast_pattern": "epidural",
    "route": "transforaminal",
    "purpose": "both",
    "steroid": "dexamethasone",
    "steroid_mg": Decimal(10),
    "anaesthetic_ml": Decimal(2),
    "pain_before": 8,
    "pain_after_30min": 2,
    "complications": ["none"],
}
MARROW = {
    "kind": "bone_marrow_concentrate_injection",
    "harvest_site": "posterior_iliac_crest",
    "harvest_side": "left",
    "aspirations": ["10", "10", "8.5"],
    "aspirate_total_ml": Decimal(60),
    "concentrate_ml": Decimal(8),
    "tnc_per_ml": Decimal(100),
    "culture_done": "no",
    "injected_ml_by_target": [{"target": "left knee", "ml": "6"}],
    "donor_site_pain_d2": 3,
}
THERAPY = {
    "sessions_prescribed": 12,
    "sessions_attended": 9,
    "sessions_missed": 1,
    "focus": ["core_strength", "posture_ergonomics"],
    "load_progress": "Bridge 3 x 12\nDead bug 3 x 10",
    "home_days_prescribed": 5,
    "home_days_done": 0,
}
HABITS = {"height_cm": Decimal(178), "weight_target_kg": Decimal(82)}
WORKED = [
    ("prp", treated.PRP),
    ("image_guided_injection", INJECTION),
    ("bone_marrow_concentrate", MARROW),
    ("physical_therapy", THERAPY),
    ("lifestyle", HABITS),
]


def note_page(intervention):
    return reverse("plans:procedure_note", args=[intervention.pk])


def text_of(intervention, user):
    rows = recorded.with_details(Intervention.objects.all())
    return note.write(rows.get(pk=intervention.pk), by=user, form="page").text


def unwrapped(text):
    return " ".join(text.split())


def made(complaint, modality, values):
    needle = modality in NEEDLES
    lots = [treated.KIT] if needle else []
    return treated.recorded(treated.added(complaint, modality), values, lots=lots)


@pytest.mark.parametrize(("modality", "values"), WORKED)
def test_every_recorded_value_stands_in_the_note(complaint, admin, modality, values):
    intervention = made(complaint, modality, values)
    text = unwrapped(text_of(intervention, admin).replace("| ", ""))
    held = recorded.values_of(intervention)
    for field in catalogue.fields_of(modality):
        value = held.get(field.column)
        if field.is_stored and value not in EMPTY:
            words = plain(catalogue.in_words(field, value))
            assert f"{field.label}: {words}" in text, field.column


@pytest.mark.parametrize(("modality", "values"), WORKED)
def test_what_is_missing_is_named_as_not_recorded(complaint, admin, modality, values):
    intervention = made(complaint, modality, values)
    text = text_of(intervention, admin)
    missing = unwrapped(text.partition("NOT RECORDED")[2])
    labels = recorded.completeness_of(intervention).labels
    assert labels
    for label in labels:
        assert label in missing


def test_relief_and_the_steroid_of_a_year_are_computed(complaint, admin):
    text = text_of(made(complaint, "image_guided_injection", INJECTION), admin)
    assert "Relief while the anaesthetic works: 75 %" in text
    assert "Steroid in the 12 months to this day: 10 mg" in text


def test_nucleated_cells_given_are_computed(complaint, admin):
    text = text_of(made(complaint, "bone_marrow_concentrate", MARROW), admin)
    assert "Nucleated cells given: 6 x 10^8" in text


def test_the_classes_of_prp_stand_in_its_note(complaint, admin):
    text = text_of(treated.prp(complaint), admin)
    assert "DEPA: BCA" in text
    assert "Dose, platelets delivered: class B; 5 billion" in text
    assert "(1,000 thousand per µL x 5 mL injected)" in text
    assert "PAW: P3-B?" in text


def test_measurements_of_a_lifestyle_follow_by_day(complaint, admin):
    change = made(complaint, "lifestyle", HABITS)
    for days, weight in ((40, "91"), (5, "88.5")):
        lifestyle.measure(
            change,
            measured_on=factories.days_ago(complaint.clinic, days),
            values={"weight_kg": Decimal(weight)},
            by=audit.SYSTEM,
        )
    text = text_of(change, admin)
    assert text.index("weight 91 kg") < text.index("weight 88.5 kg")


def test_lots_cautions_events_and_remarks_stand_in_it(complaint, admin):
    injection = treated.prp(complaint)
    shared = {"clinic": complaint.clinic, "intervention": injection}
    CautionPass.objects.create(
        **shared, caution="of_this_test", words="Takes warfarin.", reason="INR 1.8"
    )
    event = {"patient": complaint.patient, "onset_on": injection.performed_on}
    AdverseEvent.objects.create(**shared, **event, category="bleeding")
    AdverseEvent.objects.create(
        **shared, **event, category="infection", status="entered_in_error"
    )
    Intervention.objects.filter(pk=injection.pk).update(detail="Tolerated well.")
    text = text_of(injection, admin)
    assert "Kit: Duo Spin, lot B-1042" in text
    assert "Takes warfarin. Went on because: INR 1.8" in text
    assert "bleeding, outcome unknown" in text
    assert "infection" not in text
    assert "| Tolerated well." in text


@pytest.mark.parametrize(
    ("status", "words"),
    [
        ("planned", "NOT DONE"),
        ("cancelled", "CANCELLED: Fever"),
        ("entered_in_error", "ENTERED IN ERROR, COUNTS NOWHERE: Fever"),
    ],
)
def test_what_was_not_done_is_said_first(complaint, admin, status, words):
    intervention = factories.make_plan(complaint).interventions.get(is_index=True)
    reason = "" if status == "planned" else "Fever"
    Intervention.objects.filter(pk=intervention.pk).update(
        status=status, status_reason=reason
    )
    assert words in text_of(intervention, admin)


def test_no_line_is_too_long_for_a_record_system(complaint, admin):
    injection = treated.prp(complaint, target="left knee, " * 10)
    LotUse.objects.create(
        clinic=complaint.clinic, intervention=injection, name="K" * 80, lot="L" * 60
    )
    assert max(map(len, text_of(injection, admin).splitlines())) <= WIDTH


def test_page_file_and_api_say_the_same(signed_in, complaint):
    injection = treated.prp(complaint)
    page = signed_in.get(note_page(injection))
    text = page.context["text"]
    assertContains(page, "Copy the note")
    address = reverse("plans:procedure_note_file", args=[injection.pk])
    file = signed_in.get(address)
    assert file.content.decode() == text.replace("\n", "\r\n")
    api = f"/api/v1/interventions/{injection.pk}/note/"
    assert signed_in.get(api).json()["text"] == text
    assert signed_in.get(api, HTTP_ACCEPT="text/plain").content.decode() == text
    kept = AuditEvent.objects.filter(action="procedure_note.read")
    assert {event.facts["taken_as"] for event in kept} == {"page", "file", "api"}


def test_the_page_takes_few_queries(
    signed_in, complaint, django_assert_max_num_queries
):
    injection = treated.prp(complaint)
    with django_assert_max_num_queries(13):
        signed_in.get(note_page(injection))


def marrow_done_today(complaint):
    """Done on the clinic's day: donor-site pain is known in two and in seven days."""
    plan = factories.make_plan(complaint, "bone_marrow_concentrate")
    values = {**MARROW, "donor_site_pain_d2": None}
    return treated.recorded(factories.make_performed(plan, days=0), values)


def test_what_is_due_later_is_named_with_its_day(signed_in, complaint, admin):
    done = marrow_done_today(complaint)
    text = text_of(done, admin)
    missing, _, later = unwrapped(text).partition("DUE LATER")
    day = done.performed_on + timedelta(days=2)
    words = f"Donor-site pain on day 2, from {clock.in_words(day)}"
    assert words in later and "Donor-site" not in missing
    page = signed_in.get(reverse("plans:intervention", args=[done.pk]))
    assertContains(page, f"Due later: {words}; Donor-site pain on day 7, from")
    found = with_token(admin).get(f"/api/v1/interventions/{done.pk}/note/").json()
    later = found["completeness"]["due_later"]
    assert [each["field"] for each in later] == [
        "donor_site_pain_d2",
        "donor_site_pain_d7",
    ]
    assert later[0]["from_day"] == day.isoformat()


def test_the_day_is_the_clinics(complaint, admin, clinic):
    done = marrow_done_today(complaint)
    day = done.performed_on + timedelta(days=2)
    midnight = datetime.combine(day, time(), ZoneInfo(clinic.zone))
    for minutes, is_missing in ((-1, False), (1, True)):
        with time_machine.travel(midnight + timedelta(minutes=minutes), tick=False):
            done = Intervention.objects.get(pk=done.pk)
            labels = recorded.completeness_of(done).labels
        assert ("Donor-site pain on day 2" in labels) is is_missing


@pytest.mark.parametrize(
    ("status", "attended", "is_asked"),
    [("active", 3, False), ("stopped", 3, True), ("stopped", 12, False)],
)
def test_why_therapy_stopped_is_asked_where_it_was(
    complaint, status, attended, is_asked
):
    values = {**THERAPY, "sessions_attended": attended}
    therapy = made(complaint, "physical_therapy", values)
    therapy.plan.status = status
    labels = recorded.completeness_of(therapy).labels
    assert ("Why it stopped early" in labels) is is_asked
