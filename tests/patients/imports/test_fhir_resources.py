"""FHIR resources in our words; no database, and not the library either."""

from datetime import date

import pytest

from patients.record import fhir_resources
from patients.record.fhir_resources import FhirError
from tests.patients.imports.running import fhir_condition, fhir_patient

TODAY = date(2026, 5, 4)


def patient(system="", **more):
    return fhir_resources.patient_from_fhir(
        fhir_patient(**more), today=TODAY, mrn_system=system
    )


def condition(**more):
    return fhir_resources.condition_from_fhir(fhir_condition(**more))


def concept(*codes, **more):
    return {"coding": [{"code": code} for code in codes], **more}


def test_a_patient_gives_what_registration_takes():
    found = patient(
        telecom=[
            {"system": "phone", "value": "312 555 0101", "use": "old"},
            {"system": "phone", "value": "312 555 0102", "rank": 2},
            {"system": "phone", "value": "312 555 0103", "rank": 1},
            {"system": "email", "value": "ida@example.org"},
        ],
        communication=[
            {"language": concept("fr")},
            {"language": concept("es-MX"), "preferred": True},
        ],
        address=[{"city": "Chicago"}],
    )
    assert found == {
        "mrn": "F1",
        "family_name": "Tannen1",
        "given_name": "Ida",
        "birth_date": date(1961, 7, 2),
        "sex": "female",
        "email": "ida@example.org",
        "phone": "312 555 0103",
        "language": "es",
    }


def test_the_mrn_is_of_the_chosen_system_else_marked_so_else_the_first():
    identifiers = [
        {"system": "urn:ssn", "value": "1"},
        {"system": "urn:b", "value": "2", "type": concept("MR")},
        {"system": "urn:c", "value": "3"},
    ]
    assert patient(identifier=identifiers)["mrn"] == "2"
    assert patient("urn:c", identifier=identifiers)["mrn"] == "3"
    assert patient(identifier=identifiers[:1])["mrn"] == "1"
    assert "mrn" not in patient("urn:none", identifier=identifiers)


@pytest.mark.parametrize(
    ("names", "family", "given"),
    [
        ([{"family": "A"}, {"use": "official", "family": "B"}], "B", ""),
        ([{"use": "old", "family": "A"}, {"use": "usual", "family": "B"}], "B", ""),
        ([{"family": "A", "given": ["Ida", None, "May"]}], "A", "Ida May"),
        ([{"text": "García López, Inés"}], "García López", "Inés"),
    ],
)
def test_the_official_name_counts(names, family, given):
    found = patient(name=names)
    assert (found["family_name"], found.get("given_name", "")) == (family, given)


@pytest.mark.parametrize(
    ("said", "day"),
    [
        ({"deceasedDateTime": "2025-03-01T10:00:00Z"}, date(2025, 3, 1)),
        ({"deceasedDateTime": "2025"}, TODAY),
        ({"deceasedBoolean": True}, TODAY),
        ({"deceasedBoolean": False}, None),
        ({}, None),
    ],
)
def test_a_death_has_its_day_or_the_day_we_learn_of_it(said, day):
    assert patient(**said).get("deceased_on") == day


@pytest.mark.parametrize(
    ("said", "path"),
    [
        ({"gender": "femail"}, "gender"),
        ({"birthDate": "1961"}, "birthDate"),
        ({"birthDate": "1961-02-30"}, "birthDate"),
    ],
)
def test_what_the_library_lets_through_is_refused_here(said, path):
    with pytest.raises(FhirError) as told:
        patient(**said)
    assert told.value.path == path


@pytest.mark.parametrize(
    ("code", "certainty"),
    [
        ("unconfirmed", "suspected"),
        ("differential", "suspected"),
        ("provisional", "probable"),
        ("confirmed", "confirmed"),
        ("refuted", "refuted"),
    ],
)
def test_the_verification_status_is_our_certainty(code, certainty):
    assert condition(verificationStatus=concept(code)).certainty == certainty


def test_what_nobody_has_verified_is_suspected():
    assert condition().certainty == "suspected"


@pytest.mark.parametrize(
    ("code", "status"),
    [("active", "active"), ("relapse", "active"), ("remission", "resolved")],
)
def test_the_clinical_status_is_our_status(code, status):
    assert condition(clinicalStatus=concept(code)).status == status


@pytest.mark.parametrize("key", ["verificationStatus", "clinicalStatus"])
def test_a_status_that_r4_does_not_know_is_refused(key):
    with pytest.raises(FhirError, match="'maybe' is none of"):
        condition(**{key: concept("maybe")})


@pytest.mark.parametrize(
    ("sites", "side"),
    [
        ([concept("7771000")], "left"),
        ([concept("24028007", text="Right foot")], "right"),
        ([concept("51440002")], "bilateral"),
        ([{"text": "Left foot"}, {"text": "Right foot"}], "bilateral"),
        ([{"text": "upright posture"}], ""),
        ([], ""),
    ],
)
def test_the_side_is_read_from_codes_and_words(sites, side):
    assert condition(bodySite=sites).side == side


def test_the_onset_is_taken_where_it_is_a_day():
    assert condition(onsetDateTime="2026-01-05").onset_on == date(2026, 1, 5)
    assert condition(onsetDateTime="2026-01").onset_on is None


def test_a_code_of_another_system_is_none_of_ours():
    other = {"system": "http://snomed.info/sct", "code": "23056005"}
    ours = {"system": fhir_resources.ICD_10_CM, "code": "M54.3"}
    assert fhir_resources.icd_10_cm({"code": {"coding": [other]}}) == {}
    assert fhir_resources.icd_10_cm({"code": {"coding": [other, ours]}}) == ours
    assert fhir_resources.icd_10_cm({"code": {"text": "Sciatica"}}) == {}


def called(code):
    data = fhir_condition() | {"code": code}
    return fhir_resources.condition_from_fhir(data).title


def test_a_condition_is_called_by_its_code_or_its_text():
    assert condition().title == ""
    code = {"coding": [{"system": fhir_resources.ICD_10_CM, "code": "I10"}]}
    code["text"] = "High  pressure"
    assert called(code) == "High pressure"
    code["coding"][0]["display"] = "Hypertension"
    assert called(code) == "Hypertension"


@pytest.mark.parametrize(
    ("reference", "kind"),
    [
        ("Practitioner/1", "Practitioner"),
        ("https://x.example/fhir/Group/1", "Group"),
        ("#p1", "contained"),
    ],
)
def test_a_reference_to_anything_but_a_patient_is_refused(reference, kind):
    with pytest.raises(FhirError, match=kind):
        condition(subject=reference)


def test_a_reference_is_taken_without_its_version():
    assert condition(subject="Patient/p1/_history/3").subject == "Patient/p1"
    assert condition(subject="urn:uuid:1").subject == "urn:uuid:1"


def test_the_general_practitioner_and_a_guardian_come_along():
    found = patient(
        generalPractitioner=[{"reference": "Practitioner/1"}, {"display": "Dr Ames"}],
        contact=[
            {"relationship": [concept("C")], "name": {"family": "Neighbour"}},
            {
                "relationship": [concept("MTH")],
                "name": {"family": "Tannen", "given": ["Eva"]},
                "telecom": [{"system": "phone", "value": "312 555 0104"}],
            },
            {"relationship": [concept("MTH")], "organization": {"display": "x"}},
        ],
    )
    assert found["primary_care"] == {"name": "Dr Ames"}
    assert found["caregiver"] == {
        "name": "Eva Tannen",
        "relationship": "parent",
        "phone": "312 555 0104",
    }


def test_a_contact_of_another_kind_is_not_read():
    employer = {"relationship": [concept("E")], "name": {"family": "Works"}}
    assert "caregiver" not in patient(contact=[employer])
