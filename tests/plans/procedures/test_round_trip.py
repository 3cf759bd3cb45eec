"""Each modality as a provider enters it, read back on the page and over the API."""

from datetime import timedelta

import pytest
from django.urls import reverse

from clinic import audit
from patients.record import consents
from patients.triage import diagnoses
from plans.models import Intervention, LotUse
from plans.procedures import catalogue, details
from plans.procedures.conditions import EMPTY
from tests import factories, reasons
from tests.api_client import with_token
from tests.entered import ENTERED, LATER


def planned(complaint, modality):
    """A step of this modality, whatever else its protocol has."""
    plan = factories.make_plan(complaint, modality, started_days_ago=20)
    return factories.step_of(plan, modality)


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
        agreed = consents.give(complaint.patient, by=audit.SYSTEM, scope="procedure")
        entered["consent"] = str(agreed.pk)
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
    assert form.usual_names | set(form.offered) == named - counts
    # What was decided for the other patient is nobody's default.
    assert not form.usual_names & set(form.offered)
    for name in form.offered:
        assert form[name].value() in (None, [], "")
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
