from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import connections

from clinic import audit, clock
from clinic.models import AuditEvent
from outcomes.follow_ups import outbox
from outcomes.follow_ups.engine import requests
from outcomes.models import Episode
from patients.models import Patient, PatientMerge, SearchTerm
from patients.record import (
    consents,
    holds,
    leaving,
    merging,
    registration,
    separating,
)
from tests import courses, factories

OURS = {"patients", "plans", "outcomes"}


@pytest.fixture
def kept(clinic):
    return factories.make_patient(clinic, given_name="Marta", mrn="K1")


@pytest.fixture
def other(clinic):
    return factories.make_patient(clinic, given_name="Martha", mrn="O1")


def merge(kept, merged, reason="same card"):
    return merging.merge(kept, merged=merged, reason=reason, by=audit.SYSTEM)


def refused(kept, merged, reason="same card"):
    with pytest.raises(ValidationError) as caught:
        merge(kept, merged, reason)
    return caught.value.message_dict


def export(*patients):
    """Every row of ours about these patients, as it is stored; keys of terms vary."""
    ids = [patient.pk for patient in patients]
    rows = {}
    for model in apps.get_models():
        path = path_to_patient(model)
        if model._meta.app_label not in OURS or path is None or model is PatientMerge:
            continue
        fields = [f.attname for f in model._meta.concrete_fields]
        if model is SearchTerm:
            fields.remove("id")
        if model is Episode:
            # When its facts are counted anew says nothing about the patient.
            fields.remove("facts_due_at")
        found = model._default_manager.filter(**{f"{path}__in": ids})
        rows[model.__name__] = sorted(map(str, found.values_list(*fields)))
    return rows


def path_to_patient(model, depth=3):
    """The way from a model to the patient it is about, such as complaint__patient."""
    if model is Patient:
        return "pk"
    for field in model._meta.concrete_fields:
        if field.name == "patient":
            return "patient"
    for field in model._meta.concrete_fields:
        if depth and field.many_to_one and field.related_model is not model:
            further = path_to_patient(field.related_model, depth - 1)
            if further not in (None, "pk"):
                return f"{field.name}__{further}"
    return None


def test_the_export_looks_at_every_table_about_patients(kept):
    named = export(kept)
    for name in ("Complaint", "Plan", "Intervention", "FollowUp", "Answer", "Score"):
        assert name in named
    for name in ("Consent", "ContactPoint", "Finding", "Message", "OutcomeFact"):
        assert name in named


def test_after_a_merge_and_back_every_row_is_as_before(kept, other):
    """Goal HIP-13."""
    for patient in (kept, other):
        courses.answered(factories.make_complaint(patient))
    before = export(kept, other)
    assert len(before["Answer"]) > 4
    merge(kept, other)
    assert export(kept, other) != before
    merging.unmerge(other, by=audit.SYSTEM)
    assert export(kept, other) == before


def test_a_merge_rewrites_nothing_but_where_it_leads(kept, other):
    courses.answered(factories.make_complaint(other))
    before = export(other)
    merge(kept, other)
    after = export(other)
    assert {name for name in before if before[name] != after[name]} == {"Patient"}
    assert Patient.objects.get(pk=other.pk).merged_into == kept


def test_the_merged_name_and_mrn_find_the_kept_record(kept, other, admin):
    merge(kept, other)
    listed = Patient.objects.visible_to(admin).not_merged()
    for query in ("martha", "o1", other.family_name, "marta o1"):
        assert list(listed.search(query)) == [kept]
    merging.unmerge(other, by=audit.SYSTEM)
    assert list(listed.search("o1")) == [other]
    assert list(listed.search("marta o1")) == []


def test_an_edit_of_the_kept_record_keeps_the_others_name_findable(kept, other, admin):
    merge(kept, other)
    registration.update(kept, by=admin, family_name="Quispe")
    found = Patient.objects.visible_to(admin).not_merged()
    assert list(found.search("quispe martha")) == [kept]


def test_who_merged_and_separated_is_kept(kept, other, admin, physician):
    merging.merge(kept, merged=other, reason=" same card ", by=admin)
    merging.unmerge(other, by=physician)
    made = PatientMerge.objects.get()
    assert (made.merged_by, made.undone_by, made.reason) == (
        admin,
        physician,
        "same card",
    )
    events = AuditEvent.objects.filter(action__contains="merged").order_by("id")
    assert [e.action for e in events] == ["patient.merged", "patient.unmerged"]
    for event in events:
        shown = {s.patient_id for s in event.subjects.all()}
        assert shown == {kept.pk, other.pk}
        assert "card" not in str(event.facts)


def test_a_record_is_not_merged_with_itself(kept):
    assert "same record" in refused(kept, Patient.objects.get(pk=kept.pk))["merged"][0]


def test_another_clinics_record_does_not_exist(kept, other_clinic):
    theirs = factories.make_patient(other_clinic)
    assert "no such patient" in refused(kept, theirs)["merged"][0]


@pytest.mark.parametrize("reason", ["", "  ", "x" * 201])
def test_it_is_said_how_one_knows(kept, other, reason):
    assert list(refused(kept, other, reason)) == ["reason"]


def test_chains_and_circles_are_refused(kept, other, clinic):
    third = factories.make_patient(clinic)
    merge(kept, other)
    assert "already" in refused(kept, other)["merged"][0]
    assert "already" in refused(third, other)["merged"][0]
    assert "already" in refused(other, third)["merged"][0]
    assert "already" in refused(other, kept)["merged"][0]
    assert "Other records" in refused(third, kept)["merged"][0]
    merge(kept, third)
    assert set(kept.record_ids) == {kept.pk, other.pk, third.pk}


def test_what_was_not_merged_is_not_separated(kept):
    with pytest.raises(ValidationError) as caught:
        merging.unmerge(kept, by=audit.SYSTEM)
    assert "not merged" in caught.value.message_dict["merged"][0]


def test_whoever_said_stop_is_heard(kept, other):
    today = clock.today(kept.time_zone)
    soon, later = today + timedelta(days=5), today + timedelta(days=9)
    holds.hold(other, by=audit.SYSTEM, hold_until=later, hold_reason="x")
    assert "stops or pauses" in refused(kept, other)["merged"][0]
    holds.hold(kept, by=audit.SYSTEM, hold_until=soon, hold_reason="x")
    assert "stops or pauses" in refused(kept, other)["merged"][0]
    leaving.withdraw(kept, by=audit.SYSTEM, reason="asked")
    merge(kept, other)


def test_a_consent_taken_back_on_one_does_not_stand_on_the_other(kept, other):
    for scope in ("email", "treatment"):
        consents.withdraw(other, by=audit.SYSTEM, scope=scope)
    said = refused(kept, other)["merged"][0]
    assert "MRN O1 has withdrawn “to be asked by e-mail”, “answers used for" in said
    assert "withdraw it on MRN K1 too" in said
    consents.withdraw(kept, by=audit.SYSTEM, scope="email")
    consents.give(other, by=audit.SYSTEM, scope="treatment")
    merge(kept, other)


def test_the_one_that_took_it_back_can_be_kept(kept, other):
    consents.withdraw(other, by=audit.SYSTEM, scope="email")
    merge(other, kept)
    assert requests.obstacle(other) == outbox.NO_ADDRESS


def stops(patient):
    stored = Patient.objects.get(pk=patient.pk)
    return stored.withdrawn_on, stored.deceased_on, stored.hold_until


def test_a_withdrawal_said_of_both_stays_on_both(kept, other):
    merge(kept, other)
    leaving.withdraw(kept, by=audit.SYSTEM, reason="asked")
    merging.unmerge(other, by=audit.SYSTEM)
    assert stops(other) == (kept.withdrawn_on, None, None)
    event = AuditEvent.objects.get(action="patient.stops_carried")
    assert event.facts["after"] == {"withdrawn_on": str(kept.withdrawn_on)}
    assert event.facts["kept"] == str(kept.pk)
    assert {s.patient_id for s in event.subjects.all()} == {other.pk}


def test_the_longer_hold_stays_on_both(kept, other):
    today = clock.today(kept.time_zone)
    soon, later = today + timedelta(days=5), today + timedelta(days=9)
    for mine, said in ((soon, later), (later, soon)):
        holds.hold(kept, by=audit.SYSTEM, hold_until=mine, hold_reason="away")
        holds.hold(other, by=audit.SYSTEM, hold_until=mine, hold_reason="away")
        merge(kept, other)
        holds.hold(kept, by=audit.SYSTEM, hold_until=said, hold_reason="in Peru")
        merging.unmerge(other, by=audit.SYSTEM)
        assert stops(other) == (None, None, later)
    audited = AuditEvent.objects.filter(action="patient.stops_carried")
    assert "Peru" not in str(audited.get().facts)


def test_what_the_kept_record_said_before_is_its_own(kept, other):
    soon = clock.today(kept.time_zone) + timedelta(days=5)
    holds.hold(kept, by=audit.SYSTEM, hold_until=soon, hold_reason="away")
    leaving.withdraw(kept, by=audit.SYSTEM, reason="asked")
    leaving.record_death(kept, by=audit.SYSTEM)
    merge(kept, other)
    merging.unmerge(other, by=audit.SYSTEM)
    assert stops(other) == (None, None, None)


def test_a_death_is_copied_to_nobody_and_pauses_the_other(kept, other):
    merge(kept, other)
    leaving.record_death(kept, by=audit.SYSTEM)
    merging.unmerge(other, by=audit.SYSTEM)
    paused = clock.today(kept.time_zone) + separating.TO_FIND_OUT
    assert stops(other) == (None, None, paused)
    assert "MRN K1" in Patient.objects.get(pk=other.pk).hold_reason


def test_what_was_taken_back_meanwhile_is_not_carried(kept, other):
    merge(kept, other)
    leaving.withdraw(kept, by=audit.SYSTEM, reason="asked")
    leaving.take_back_withdrawal(kept, by=audit.SYSTEM, reason="slip")
    leaving.record_death(kept, by=audit.SYSTEM)
    leaving.reverse_death(kept, by=audit.SYSTEM, reason="slip")
    merging.unmerge(other, by=audit.SYSTEM)
    assert stops(other) == (None, None, None)


def test_a_merged_record_takes_no_change(kept, other):
    merge(kept, other)
    with pytest.raises(ValidationError, match="was merged into MRN K1"):
        registration.update(other, by=audit.SYSTEM, family_name="Quispe")
    with pytest.raises(ValidationError, match="was merged into MRN K1"):
        leaving.record_death(other, by=audit.SYSTEM)


@pytest.mark.parametrize("is_crosswise", [False, True])
@pytest.mark.django_db(transaction=True)
def test_two_merges_at_once_have_one_effect(is_crosswise):
    clinic = factories.make_clinic()
    one, two = (factories.make_patient(clinic).pk for _ in range(2))

    def press(number):
        kept_id, merged_id = (two, one) if is_crosswise and number % 2 else (one, two)
        try:
            merge(Patient.objects.get(pk=kept_id), Patient.objects.get(pk=merged_id))
            return True
        except ValidationError:
            return False
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(press, range(8)))
    assert done.count(True) == 1
    assert PatientMerge.objects.count() == 1
    assert Patient.objects.exclude(merged_into=None).count() == 1
