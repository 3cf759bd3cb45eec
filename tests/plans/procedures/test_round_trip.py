"""Each modality as a provider enters it, read back on the page and over the API."""

from datetime import timedelta

import pytest
from django.urls import reverse

from clinic import audit
from patients.triage import diagnoses
from plans.models import Intervention, LotUse
from plans.procedures import catalogue, details
from plans.procedures.conditions import EMPTY
from tests import factories, reasons
from tests.api_client import with_token

LOTS = {
    "lot-0-kind": "kit",
    "lot-0-name": "Concentra 60",
    "lot-0-lot": "AB-12 ",
    "lot-0-expires_on": "2031-05-01",
}
NEEDLE = {
    "performed_at": "09:30",
    "anticoagulant_plan": "none",
    "pain_before": "7",
    "pain_after_30min": "2",
    "image_saved": "yes",
    "needle_gauge": "22",
    "passes": "2",
    "local_anaesthetic": "ropivacaine",
    "local_anaesthetic_percent": "0.5",
    "local_anaesthetic_ml": "3",
    "sedation": "none",
    "complications": ["vasovagal", "nerve_pain"],
    "finish": "completed",
    "payer_code": "X1",
}
ENTERED = {
    "prp": {
        **NEEDLE,
        **LOTS,
        "kind": "joint_injection",
        "site": "foot",
        "side": "left",
        "target": "plantar fascia",
        "guidance": "ultrasound",
        "nsaid_hold_days": "14",
        "blood_draw_ml": "60",
        "drawn_at": "09:05",
        "anticoagulant": "acd_a",
        "prep_method": "closed_kit",
        "spins": "2",
        "spin_g": "1500, 3200.5",
        "spin_minutes": "10 4",
        "prp_volume_ml": "6.5",
        "injected_volume_ml": "5",
        "activation": "none",
        "ph_adjusted": "no",
        "minutes_to_injection": "25",
        "injection_number": "1",
        "targets": ["fascia", "tendon"],
        "count_source": "measured",
        "whole_blood_platelets": "210",
        "prp_platelets": "980",
        "whole_blood_leukocytes": "6.1",
        "leukocytes": "1.2",
        "whole_blood_neutrophils": "3.5",
        "neutrophils": "0.4",
        "red_cells": "0.05",
    },
    "bone_marrow_concentrate": {
        **NEEDLE,
        **LOTS,
        "kind": "bone_marrow_concentrate_injection",
        "site": "low_back",
        "side": "left",
        "levels": ["L4-L5", "L5-S1"],
        "guidance": "fluoroscopy",
        "fluoro_seconds": "48",
        "contrast": "iodinated",
        "contrast_ml": "1.5",
        "contrast_pattern": "intra_articular",
        "target": "L4-L5 disc and L5-S1 facet",
        "nsaid_hold_days": "14",
        "harvest_site": "posterior_iliac_crest",
        "harvest_side": "both",
        "harvest_guidance": "fluoroscopy",
        "needle": "11 G, side holes",
        "aspirations": "10, 10, 8.5",
        "aspirate_total_ml": "60",
        "anticoagulant": "heparin",
        "concentrate_ml": "7",
        "injected_ml_by_target": "L4-L5 disc: 2\nL5-S1 facet: 1.5",
        "added_products": ["prp", "hyaluronic_acid"],
        "culture_done": "no",
        "same_day": "yes",
        "tnc_per_ml": "45.5",
        "cfu_f": "1200",
        "platelets": "800",
        "hematocrit": "12.5",
        "viability": "97.5",
    },
    "image_guided_injection": {
        **NEEDLE,
        **LOTS,
        "lot-1-kind": "drug",
        "lot-1-name": "dexamethasone",
        "lot-1-lot": "D7",
        "kind": "radiofrequency",
        "site": "low_back",
        "side": "left",
        "levels": ["S1"],
        "target": "left S1 root",
        "guidance": "cone_beam_ct",
        "fluoro_seconds": "31",
        "contrast": "gadolinium",
        "contrast_ml": "0.8",
        "contrast_pattern": "along_nerve_root",
        "route": "transforaminal",
        "purpose": "both",
        "test_dose": "yes",
        "steroid": "dexamethasone",
        "steroid_mg": "10",
        "anaesthetic_ml": "1.5",
        "rf_mode": "pulsed",
        "rf_temperature_c": "42",
        "rf_seconds": "240",
        "rf_motor_test": "yes",
        "concordant_pain": "partly",
        "glucose_advice": "no",
    },
    "physical_therapy": {
        "side": "left",
        "target": "plantar fascia",
        "sessions_prescribed": "12",
        "sessions_attended": "8",
        "sessions_missed": "2",
        "focus": ["core_strength", "calf_plantar_loading"],
        "home_days_prescribed": "5",
        "home_days_done": "3",
        "adherence_0_10": "6",
        "load_progress": "Heel raises 3 x 12, 8 kg",
        "barrier": "time",
    },
    "lifestyle": {
        "height_cm": "172.5",
        "weight_target_kg": "80",
        "bmi_target": "26.5",
        "active_minutes_target": "150",
        "sitting_hours_target": "6",
        "smoking_target": "quit",
    },
}
LATER = {
    "bone_marrow_concentrate": {"donor_site_pain_d2": "4", "donor_site_pain_d7": "1"},
    "image_guided_injection": {"systemic_reaction_2w": ["flushing", "insomnia"]},
    "physical_therapy": {"stop_reason": "goal_met"},
}


def planned(complaint, modality):
    """A step of this modality, whatever else its protocol has."""
    plan = factories.make_plan(complaint, modality, started_days_ago=20)
    return plan.interventions.filter(modality=modality).order_by("-is_index")[0]


def enter(client, intervention, **more):
    day = factories.days_ago(intervention.clinic, 1).isoformat()
    form = {"performed_on": day, "detail": "Went well.", **reasons.FORM, **more}
    page = client.post(reverse("plans:perform", args=[intervention.pk]), form)
    assert page.status_code == 302, page.context["form"].errors
    intervention = Intervention.objects.get(pk=intervention.pk)
    assert intervention.status == "performed"
    return intervention


def as_entered(value):
    return value if isinstance(value, list) else str(value)


@pytest.mark.parametrize("modality", ENTERED)
def test_nothing_that_was_entered_is_lost(
    signed_in, complaint, physician, admin, modality
):
    diagnosis = diagnoses.diagnose(complaint, by=audit.SYSTEM, code="M72.2")
    intervention = planned(complaint, modality)
    entered = {**ENTERED[modality], "indication": str(diagnosis.pk)}
    if modality in ("prp", "bone_marrow_concentrate", "image_guided_injection"):
        entered["consent"] = str(complaint.patient.consents.get(scope="treatment").pk)
    done = enter(signed_in, intervention, performed_by=str(physician.pk), **entered)
    if modality in LATER:
        address = reverse("plans:details", args=[done.pk])
        shown = signed_in.get(address).context["form"]
        again = {f.html_name: f.value() for f in shown if f.value() is not None}
        signed_in.post(address, {**again, **LATER[modality]})
        done = Intervention.objects.get(pk=done.pk)
    fields = catalogue.fields_of(modality)
    stored = details.stored(done)
    lost = {n for n in all_entered(modality) & set(stored) if stored[n] in EMPTY}
    assert not lost
    check_page(signed_in, done, fields, stored)
    check_api(with_token(admin), done, fields, stored)


def all_entered(modality):
    return {*ENTERED[modality], *LATER.get(modality, {}), "indication"}


def test_every_stored_field_is_entered_by_one_of_them():
    entered = set().union(*(all_entered(modality) for modality in ENTERED))
    entered |= {"performed_on", "performed_by", "consent"}
    stored = {f.column for f in catalogue.fields() if f.is_stored}
    assert stored - {f.column for f in catalogue.measured()} == entered & stored


def check_page(client, done, fields, stored):
    page = client.get(reverse("plans:intervention", args=[done.pk]))
    text = " ".join(page.content.decode().split())
    for field in fields:
        if field.is_stored and stored[field.column] not in EMPTY:
            assert catalogue.in_words(field, stored[field.column]) in text
    for lot in LotUse.objects.all():
        assert lot.name in text and f"lot {lot.lot}" in text
    assert "Went well." in text
    assert "Not recorded" not in text


def check_api(api, done, fields, stored):
    row = api.get(f"/api/v1/interventions/{done.pk}/").json()
    for field in fields:
        if not field.is_stored or field.column == "performed_by":
            continue
        place = row if field.table == "intervention" else row[field.table]
        assert same(field, place[field.column], stored[field.column])
    assert [lot["lot"] for lot in row["lots"]] == [u.lot for u in done.lots.all()]


def same(field, shown, stored):
    if stored in EMPTY:
        return shown in EMPTY
    if field.type in ("decimal", "integer"):
        return float(shown) == float(stored)
    if field.type == "decimals":
        return [float(n) for n in shown] == [float(n) for n in stored]
    if field.type == "amounts":
        return [(a["target"], float(a["ml"])) for a in shown] == [
            (a["target"], float(a["ml"])) for a in stored
        ]
    if field.type in ("reference", "date"):
        return shown == details.plain(stored)
    if field.type == "time":
        return shown.startswith(f"{stored:%H:%M}")
    return shown == stored


@pytest.mark.parametrize("modality", ENTERED)
def test_what_the_api_shows_it_takes_again(signed_in, complaint, physician, modality):
    first = enter(signed_in, planned(complaint, modality), **ENTERED[modality])
    api = with_token(physician)
    shown = api.get(f"/api/v1/interventions/{first.pk}/").json()
    other = factories.make_complaint(complaint.patient, pain_site="heel")
    second = planned(other, modality)
    tables = catalogue.tables_of(modality)
    names = ["kind", "site", "side", "levels", "target", "guidance"]
    if modality == "lifestyle":
        names = []
    if modality == "physical_therapy":
        names = ["side", "target"]
    body = {name: shown[name] for name in (*names, *tables)}
    body["lots"] = shown["lots"]
    body["performed_on"] = shown["performed_on"]
    asked = body | {"caution_reasons": reasons.ALL}
    reply = api.post(f"/api/v1/interventions/{second.pk}/perform/", asked)
    assert reply.status_code == 200, reply.json()
    again = reply.json()
    assert {n: again[n] for n in body} == body


@pytest.mark.parametrize("modality", ENTERED)
def test_the_next_one_is_pre_filled_with_what_is_usual(signed_in, complaint, modality):
    enter(signed_in, planned(complaint, modality), **ENTERED[modality])
    patient = factories.make_patient(complaint.clinic)
    other = planned(factories.make_complaint(patient, side="right"), modality)
    Intervention.objects.filter(pk=other.pk).update(
        kind=ENTERED[modality].get("kind", "")
    )
    page = signed_in.get(reverse("plans:perform", args=[other.pk]))
    form = page.context["form"]
    usual = {f.column for f in catalogue.fields_of(modality) if f.usual_if is not None}
    named = usual & set(ENTERED[modality])
    counts = {n for n in named if "platelets" in n or "leuko" in n or "neutro" in n}
    counts |= named & {"red_cells"}
    if modality == "bone_marrow_concentrate":
        counts = set()
    assert form.usual_names == named - counts
    assert "your</span>" not in page.content.decode()
    assert "comes from your last one" in " ".join(page.content.decode().split())
    # Of the other patient nothing that was measured, and no lot number.
    assert form["pain_before"].value() is None if "pain_before" in form.fields else True
    assert all(line[2].value() == "" for line in form.lot_lines)


def test_a_form_of_each_modality_asks_few_queries(
    signed_in, complaint, django_assert_max_num_queries
):
    enter(signed_in, planned(complaint, "prp"), **ENTERED["prp"])
    other = planned(factories.make_complaint(complaint.patient), "prp")
    with django_assert_max_num_queries(40):
        signed_in.get(reverse("plans:perform", args=[other.pk]))


def test_what_is_refused_keeps_no_details(signed_in, complaint):
    intervention = planned(complaint, "prp")
    tomorrow = factories.days_ago(complaint.clinic, 0) + timedelta(days=1)
    page = signed_in.post(
        reverse("plans:perform", args=[intervention.pk]),
        {**ENTERED["prp"], "performed_on": tomorrow.isoformat()},
    )
    assert "performed_on" in page.context["form"].errors
    assert not LotUse.objects.exists()
