"""Patients and conditions from FHIR R4, through the library and the verbs."""

import json
import subprocess
import sys

import pytest

from clinic import audit
from patients.models import Complaint, Diagnosis, ImportedReference, Patient
from patients.record import merging
from patients.record.fhir_resources import ICD_10_CM
from patients.record.imports import conditions
from patients.triage import diagnoses
from tests import factories
from tests.patients.imports.running import (
    bring_in,
    bundle,
    counts,
    fhir_condition,
    fhir_patient,
    lines,
    why,
)

pytestmark = pytest.mark.django_db


def status(code):
    return {"coding": [{"code": code}]}


def held():
    """What is on whose complaint, in words."""
    found = Diagnosis.objects.select_related("complaint__patient").order_by("id")
    return [(d.code, d.complaint.english_site, d.certainty, d.status) for d in found]


def test_a_bundle_goes_in_whatever_stands_first(clinic, admin):
    text = bundle(
        fhir_condition(subject="urn:uuid:1", verificationStatus=status("confirmed")),
        fhir_patient(),
        urls=True,
    )
    run = bring_in(clinic, text, by=admin)
    assert run.counts == {"patients": {"new": 1}, "diagnoses": {"new": 1}}
    assert held() == [("M54.16", "low back", "confirmed", "active")]
    assert Diagnosis.objects.get().recorded_by == admin


def test_the_same_bundle_twice_changes_nothing(clinic):
    text = bundle(fhir_patient(), fhir_condition())
    bring_in(clinic, text)
    run = bring_in(clinic, text)
    assert run.counts == {"patients": {"same": 1}, "diagnoses": {"same": 1}}
    assert Complaint.objects.count() == 1


def test_lines_go_in_and_broken_ones_are_told_by_their_number(clinic):
    text = lines(fhir_patient()) + "{broken\n" + lines(fhir_condition())
    run = bring_in(clinic, text)
    assert counts(run) == {"new": 1, "refused": 1}
    assert counts(run, "diagnoses") == {"new": 1}
    assert why(run) == {2: "This line is not valid JSON."}


def test_files_of_patients_and_of_conditions_may_come_one_after_the_other(clinic):
    bring_in(clinic, lines(fhir_patient(1), fhir_patient(2)))
    run = bring_in(clinic, lines(fhir_condition(subject="Patient/p2")))
    assert counts(run, "diagnoses") == {"new": 1}
    assert Diagnosis.objects.get().complaint.patient.mrn == "F2"


def test_a_name_that_two_systems_use_for_two_patients_leads_to_neither(clinic):
    bring_in(clinic, lines(fhir_patient(1)))
    other = fhir_patient(2, id="p1")
    bring_in(clinic, lines(other))
    run = bring_in(clinic, lines(fhir_condition(subject="Patient/p1")))
    assert "stands for more than one patient" in why(run)[1]
    same_file = bring_in(clinic, lines(other, fhir_condition(subject="Patient/p1")))
    assert counts(same_file, "diagnoses") == {"new": 1}
    assert Diagnosis.objects.get().complaint.patient.mrn == "F2"


def test_a_refused_patients_conditions_go_to_nobody_else(clinic):
    bring_in(clinic, lines(fhir_patient(1)))
    refused = fhir_patient(2, id="p1", gender="femail")
    run = bring_in(clinic, lines(refused, fhir_condition(subject="Patient/p1")))
    assert "Patient/p1 was refused in this file" in why(run)[2]
    assert not Diagnosis.objects.exists()


def test_the_same_file_again_keeps_one_name_of_each(clinic):
    for _ in range(3):
        bring_in(clinic, bundle(fhir_patient(), urls=True))
    names = ImportedReference.objects.values_list("reference", flat=True)
    assert sorted(names) == ["Patient/p1", "urn:uuid:0"]


def test_a_condition_may_name_the_patients_number(clinic):
    condition = fhir_condition()
    condition["subject"] = {"identifier": {"system": "urn:mrn", "value": "f1"}}
    run = bring_in(clinic, lines(fhir_patient(), condition))
    assert counts(run, "diagnoses") == {"new": 1}
    condition["subject"]["identifier"]["value"] = "F9"
    assert (
        "nobody here has the number “F9”" in why(bring_in(clinic, lines(condition)))[1]
    )


def test_another_systems_number_is_nobodys_mrn(clinic):
    condition = fhir_condition()
    condition["subject"] = {"identifier": {"system": "urn:ssn", "value": "F1"}}
    system = "http://lakeview.example/mrn"
    run = bring_in(clinic, lines(fhir_patient(), condition), mrn_system=system)
    assert counts(run, "diagnoses") == {"refused": 1}


def test_another_clinics_patient_is_nobody_here(clinic, other_clinic):
    bring_in(other_clinic, lines(fhir_patient()))
    run = bring_in(clinic, lines(fhir_condition()))
    assert "is no Patient of this file" in why(run)[1]


def test_other_resources_are_counted_named_and_passed_over(clinic):
    run = bring_in(
        clinic,
        bundle(
            fhir_patient(),
            {"resourceType": "Observation", "status": "nonsense"},
            {"resourceType": "Spaceship"},
            {"resourceType": "Spaceship"},
        ),
    )
    assert counts(run) == {"new": 1}
    assert counts(run, "passed_over") == {"Observation": 1, "Spaceship": 2}
    assert why(run) == {}


@pytest.mark.parametrize(
    ("resource", "field", "said"),
    [
        (fhir_patient(animal={}), "animal", "Patient.animal is not known in R4"),
        (fhir_patient(name="Ida"), "name", "Patient.name must be a list"),
        (fhir_patient(birthDate="14/03/1957"), "birthDate", "Patient.birthDate is not"),
        (fhir_patient(birthDate="1957"), "birthDate", "is not a whole date"),
        (fhir_patient(9, birthDate=None), "birthDate", "birthDate is missing"),
        (fhir_patient(identifier=[]), "identifier", "identifier is missing"),
        (fhir_patient(gender="femail"), "gender", "'femail' is none of"),
        (fhir_condition(participant=[]), "participant", "not known in R4"),
        (fhir_condition(subject="Group/1"), "subject", "refers to a Group"),
        (fhir_condition(subject="Patient/none"), "subject", "is no Patient"),
        (fhir_condition("SCIATICA"), "code", "is not written like a code"),
        (fhir_condition("M54.5"), "code", "is only a heading"),
        (
            fhir_condition(clinicalStatus=status("bogus")),
            "clinicalStatus",
            "'bogus' is none of",
        ),
        (fhir_condition("M79.673"), "bodySite", "does not say left or right"),
        (
            fhir_condition("M79.671", bodySite=[{"text": "left foot"}]),
            "bodySite",
            "M79.671 is right, and the body site says left",
        ),
        (fhir_condition(onsetDateTime="2190-01-01"), "onset_on", "in the future"),
        (fhir_condition(onsetDateTime="1950-01-01"), "onset_on", "before"),
    ],
)
def test_a_resource_at_fault_names_its_number_its_path_and_what_is_wrong(
    clinic, resource, field, said
):
    run = bring_in(clinic, bundle(fhir_patient(7), fhir_patient(), resource))
    refused = {row.number: row.problems[0] for row in run.refused_rows.all()}
    assert (refused[3]["field"], said in refused[3]["problem"]) == (field, True)


def test_what_the_library_says_never_repeats_the_resource(clinic):
    bad = fhir_patient(name=[{"family": ["Xenia Oberlin"]}])
    assert "Oberlin" not in str(why(bring_in(clinic, bundle(bad))))


def test_the_same_mrn_twice_in_a_file_is_refused_naming_the_first(clinic):
    run = bring_in(clinic, bundle(fhir_patient(1), fhir_patient(1, id="p2")))
    assert why(run) == {2: "MRN F1 stands in entry 1 already; that one counts."}


def test_a_death_stops_asking_and_waits_to_be_confirmed(clinic):
    bring_in(clinic, lines(fhir_patient()))
    dead = lines(fhir_patient(deceasedDateTime="2026-01-05"))
    assert counts(bring_in(clinic, dead)) == {"changed": 1}
    patient = Patient.objects.get()
    assert str(patient.deceased_on) == "2026-01-05"
    assert patient.death_confirmed_by is None
    assert not patient.is_in_follow_up
    assert counts(bring_in(clinic, dead)) == {"same": 1}
    alive = bring_in(clinic, lines(fhir_patient(deceasedBoolean=False)))
    assert counts(alive) == {"same": 1}
    assert Patient.objects.get().deceased_on


@pytest.fixture
def patient(clinic):
    bring_in(clinic, lines(fhir_patient()))
    return Patient.objects.get()


def test_a_diagnosis_goes_on_the_open_complaint_at_its_place(clinic, patient):
    factories.make_complaint(patient, pain_site="foot", side="right")
    foot = factories.make_complaint(patient, pain_site="heel", side="left")
    bring_in(clinic, lines(fhir_condition("M79.672")))
    made = Diagnosis.objects.get()
    # Whether an older complaint comes from it is for a clinician to say.
    assert (made.complaint, made.role) == (foot, "contributing")


def test_a_code_without_a_side_takes_that_of_the_one_complaint_there(clinic, patient):
    foot = factories.make_complaint(patient, pain_site="foot", side="right")
    bring_in(clinic, lines(fhir_condition("M72.2")))
    assert Diagnosis.objects.get().complaint == foot
    assert counts(bring_in(clinic, lines(fhir_condition("M72.2"))), "diagnoses") == {
        "same": 1
    }


def test_site_is_not_source_a_lumbar_code_opens_low_back_pain(clinic, patient):
    factories.make_complaint(patient, pain_site="foot", side="left")
    bring_in(clinic, lines(fhir_condition("M54.17", onsetDateTime="2026-01-05")))
    made = Diagnosis.objects.get()
    assert (made.complaint.pain_site, made.role) == ("low_back", "source")
    assert str(made.complaint.onset_on) == "2026-01-05"


def test_both_sides_make_two_complaints(clinic, patient):
    run = bring_in(clinic, lines(fhir_condition("M17.0")))
    assert counts(run, "diagnoses") == {"new": 1}
    assert {site for _, site, *_ in held()} == {"left knee", "right knee"}


def test_a_resolved_condition_opens_nothing_and_is_kept_on_what_is_open(
    clinic, patient
):
    resolved = lines(fhir_condition("M17.11", clinicalStatus=status("resolved")))
    run = bring_in(clinic, resolved)
    [(reason, number)] = counts(run, "passed_over").items()
    assert ("resolved" in reason, number) == (True, 1)
    assert not Complaint.objects.exists()
    factories.make_complaint(patient, pain_site="knee", side="right")
    bring_in(clinic, resolved)
    assert held() == [("M17.11", "right knee", "suspected", "resolved")]
    assert "record it came from" in Diagnosis.objects.get().status_reason
    assert counts(bring_in(clinic, resolved), "diagnoses") == {"same": 1}


NO_CODE = {"code": {"text": "Sciatica"}}


@pytest.mark.parametrize(
    ("condition", "said"),
    [
        (fhir_condition("I10"), conditions.UNLISTED),
        (fhir_condition("E66.9"), conditions.NOWHERE),
        (fhir_condition() | NO_CODE, "Condition without an ICD-10-CM code"),
    ],
)
def test_what_no_complaint_can_take_is_passed_over_and_nothing_is_refused(
    clinic, condition, said
):
    run = bring_in(clinic, bundle(fhir_patient(), condition))
    assert run.counts == {"patients": {"new": 1}, "passed_over": {said: 1}}
    assert not Complaint.objects.exists()


def test_a_code_that_is_not_in_our_list_is_kept_unvalidated(clinic, patient):
    factories.make_complaint(patient, pain_site="heel", side="left")
    coding = {"coding": [{"system": ICD_10_CM, "code": "I10", "display": "Pressure"}]}
    text = lines(fhir_condition("I10") | {"code": coding})
    assert counts(bring_in(clinic, text), "diagnoses") == {"new": 1}
    kept = Diagnosis.objects.get()
    assert (kept.code, kept.title, kept.is_listed) == ("I10", "Pressure", False)
    assert (kept.role, kept.side) == (Diagnosis.Role.INCIDENTAL, "none")
    assert counts(bring_in(clinic, text), "diagnoses") == {"same": 1}


def test_it_makes_no_difference_what_stands_first(clinic):
    text = bundle(fhir_condition("I10"), fhir_condition(), fhir_patient())
    run = bring_in(clinic, text)
    assert (counts(run, "diagnoses"), run.percent) == ({"new": 2}, 100)
    assert counts(bring_in(clinic, text), "diagnoses") == {"same": 2}


def test_a_listed_code_without_a_place_goes_on_the_one_complaint(clinic, patient):
    factories.make_complaint(patient, pain_site="heel", side="left")
    bring_in(clinic, lines(fhir_condition("E66.9")))
    kept = Diagnosis.objects.get()
    assert (kept.is_listed, kept.role) == (True, Diagnosis.Role.INCIDENTAL)


def test_of_several_complaints_place_and_side_must_tell_the_one(clinic, patient):
    for side in ("left", "right"):
        factories.make_complaint(patient, pain_site="heel", side=side)
    knee = factories.make_complaint(patient, pain_site="knee", side="left")
    assert bring_in(clinic, lines(fhir_condition("I10"))).counts == {
        "passed_over": {conditions.UNLISTED: 1}
    }
    bring_in(clinic, lines(fhir_condition("M17.99")))
    bring_in(clinic, lines(fhir_condition("M72.29", bodySite=[{"text": "right heel"}])))
    put = {d.code: d.complaint for d in Diagnosis.objects.select_related("complaint")}
    assert put["M17.99"] == knee
    assert (put["M72.29"].pain_site, put["M72.29"].side) == ("heel", "right")


def test_a_merged_persons_file_again_changes_nothing(clinic):
    text = bundle(
        fhir_patient(),
        fhir_condition("M72.2", bodySite=[{"text": "left foot"}]),
        fhir_condition("M54.16"),
    )
    bring_in(clinic, text)
    kept = factories.make_patient(clinic, mrn="K1")
    merged = Patient.objects.get(mrn="F1")
    merging.merge(kept, merged=merged, reason="same card", by=audit.SYSTEM)
    name = str(kept)
    run = bring_in(clinic, text)
    assert run.counts == {"patients": {"same": 1}, "diagnoses": {"same": 2}}
    assert Complaint.objects.count() == 2
    kept.refresh_from_db()
    assert str(kept) == name


def test_a_code_without_a_side_takes_that_of_a_merged_records_complaint(clinic):
    bring_in(clinic, bundle(fhir_patient()))
    merged = Patient.objects.get(mrn="F1")
    heel = factories.make_complaint(merged, pain_site="heel", side="left")
    kept = factories.make_patient(clinic, mrn="K1")
    merging.merge(kept, merged=merged, reason="same card", by=audit.SYSTEM)
    bring_in(clinic, bundle(fhir_patient(), fhir_condition("M72.2")))
    assert Diagnosis.objects.get().complaint == heel


def test_what_was_entered_in_error_is_passed_over_and_said(clinic, patient):
    run = bring_in(
        clinic, lines(fhir_condition(verificationStatus=status("entered-in-error")))
    )
    assert counts(run, "passed_over") == {"Condition entered in error": 1}


def test_a_diagnosis_that_was_found_wrong_here_is_not_brought_back(clinic, patient):
    bring_in(clinic, lines(fhir_condition()))
    Diagnosis.objects.update(status="entered_in_error")
    run = bring_in(clinic, lines(fhir_condition()))
    assert counts(run, "diagnoses") == {"same": 1}


def test_a_diagnosis_that_is_here_is_left_as_it_is(clinic, patient):
    complaint = factories.make_complaint(patient, pain_site="low_back", side="none")
    diagnoses.diagnose(complaint, by=audit.SYSTEM, code="M54.16", certainty="refuted")
    confirmed = fhir_condition(verificationStatus=status("confirmed"))
    run = bring_in(clinic, lines(confirmed))
    assert counts(run, "diagnoses") == {"same": 1}
    assert held()[0][2] == "refuted"


def test_the_web_loads_nothing_of_the_library():
    code = (
        "import config.wsgi, sys; from django.urls import get_resolver;"
        "get_resolver().url_patterns;"
        "print([m for m in sys.modules if m.split('.')[0] in ('fhir', 'pydantic')])"
    )
    said = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code], capture_output=True, text=True
    )
    assert said.stdout.strip() == "[]", said.stderr


def small_entries(number):
    """A Bundle of so many entries, of which every hundredth is read."""
    yield '{"resourceType": "Bundle", "type": "collection", "entry": ['
    for n in range(number):
        resource = {"resourceType": "Observation", "status": "final"}
        if n % 1000 == 0:
            resource = fhir_patient(n)
        elif n % 1000 == 1:
            resource = fhir_condition(subject=f"Patient/p{n - 1}")
        yield ("," if n else "") + json.dumps({"resource": resource}) + "\n"
    yield "]}"


def test_a_bundle_of_50000_entries_goes_in(clinic):
    run = bring_in(clinic, "".join(small_entries(50_000)))
    assert run.counts == {
        "patients": {"new": 50},
        "diagnoses": {"new": 50},
        "passed_over": {"Observation": 49_900},
    }

    assert (run.total, run.done, run.percent) == (50_000, 150_000, 100)
