from datetime import timedelta

import pytest

from clinic import audit, clock
from patients.models import Caregiver, Consent, Patient
from patients.record import caregivers, leaving, merging
from tests import factories
from tests.api_client import with_token

PATIENTS, CAREGIVERS = "/api/v1/patients/", "/api/v1/caregivers/"
CONSENTS = "/api/v1/consents/"
QUILL = {"family_name": "Quill", "birth_date": "1960-02-29"}
GUARDIAN = {"name": "Ana", "relationship": "parent", "phone": "312 555 0100"}


@pytest.fixture
def api(admin):
    return with_token(admin)


@pytest.fixture
def today(clinic):
    return clock.today(clinic.zone)


@pytest.fixture
def one(patient):
    return f"{PATIENTS}{patient.pk}/"


def found(api, **asked):
    return [row["mrn"] for row in api.get(PATIENTS, asked).json()["results"]]


def test_the_record_is_registered_and_read_again(api):
    body = {
        **QUILL,
        "preferred_channel": "sms",
        "payer_class": "medicare",
        "injury_on": "2024-05-06",
        "referrer": {"name": "Dr. Ode", "practice": "", "address": "", "phone": ""},
        "caregiver": GUARDIAN,
    }
    made = api.post(PATIENTS, body)
    assert made.status_code == 201, made.json()
    told = made.json()
    assert {k: told[k] for k in body if k != "caregiver"} == {
        k: v for k, v in body.items() if k != "caregiver"
    }
    assert told["primary_care"] is None
    people = api.get(CAREGIVERS, {"patient": told["id"]}).json()["results"]
    assert [person["name"] for person in people] == ["Ana"]


def test_under_18_a_guardian_is_needed(api, today):
    born = (today - timedelta(days=3650)).isoformat()
    reply = api.post(PATIENTS, {**QUILL, "birth_date": born})
    assert (reply.status_code, list(reply.json())) == (400, ["caregiver"])
    body = {**QUILL, "birth_date": born, "caregiver": GUARDIAN}
    assert api.post(PATIENTS, body).status_code == 201
    assert Caregiver.objects.get().is_guardian


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("preferred_channel", "fax"),
        ("payer_class", "gold"),
        ("given_name", "Ida \u202enaiD"),
        ("family_name", "Tan\u2066nen"),
        ("injury_on", "2999-01-01"),
        ("injury_on", "1950-01-01"),
        ("referrer", {"practice": "Footworks"}),
        ("referrer", {"name": "Dr. Ode", "phone": "call me"}),
        ("referrer", {"name": "Dr. Ode", "fax": "1"}),
        ("caregiver", {"name": ""}),
        ("caregiver", {"name": "Ana", "phone": "call me"}),
        ("hold_until", "2999-01-01"),
        ("merged_into", None),
    ],
)
def test_a_wrong_value_is_refused_by_its_field(api, field, value):
    reply = api.post(PATIENTS, {**QUILL, field: value})
    assert (reply.status_code, list(reply.json())) == (400, [field])
    assert not Patient.objects.exists()


def test_a_likely_twin_is_refused_unless_said_to_be_another_person(api, patient):
    body = {**QUILL, "email": patient.contact_points.get().value}
    for unsaid in ({}, {"allow_duplicate": False}):
        reply = api.post(PATIENTS, {**body, **unsaid})
        assert reply.status_code == 400
        assert f"MRN {patient.mrn} (same e-mail)" in reply.json()["allow_duplicate"][0]
    assert Patient.objects.count() == 1
    assert api.post(PATIENTS, {**body, "allow_duplicate": True}).status_code == 201


def test_a_clinician_outside_is_changed_and_taken_away(api, one):
    told = api.patch(one, {"referrer": {"name": "Dr. Ode"}}).json()
    assert told["referrer"]["name"] == "Dr. Ode"
    assert api.patch(one, {"referrer": None}).json()["referrer"] is None


def test_a_hold_is_set_and_ended(api, one, today):
    until = (today + timedelta(days=9)).isoformat()
    body = {"hold_until": until, "hold_reason": "travels"}
    told = api.post(f"{one}hold/", body).json()
    assert (told["hold_until"], told["is_on_hold"]) == (until, True)
    assert api.post(f"{one}release_hold/", {}).json()["hold_until"] is None
    assert list(api.post(f"{one}release_hold/", {}).json()) == ["hold_until"]


@pytest.mark.parametrize(
    ("act", "body", "field"),
    [
        ("hold", {"hold_until": "2001-01-01", "hold_reason": "x"}, "hold_until"),
        ("hold", {"hold_until": "2001-01-01"}, "hold_reason"),
        ("withdraw", {"reason": "why not"}, "reason"),
        ("take_back_withdrawal", {"reason": "slip"}, "withdrawn_on"),
        ("confirm_death", {}, "deceased_on"),
        ("reverse_death", {"reason": "alive"}, "deceased_on"),
        ("confirm_death", {"by": "me"}, "by"),
    ],
)
def test_an_act_that_makes_no_sense_is_refused_by_field(api, one, act, body, field):
    reply = api.post(f"{one}{act}/", body)
    assert (reply.status_code, list(reply.json())) == (400, [field])


def test_a_death_is_recorded_confirmed_and_reversed(api, one, admin, today):
    assert api.patch(one, {"deceased_on": today.isoformat()}).status_code == 200
    assert api.post(f"{one}confirm_death/", {}).json()["death_confirmed_by"] == str(
        admin
    )
    assert list(api.patch(one, {"deceased_on": None}).json()) == ["deceased_on"]
    told = api.post(f"{one}reverse_death/", {"reason": "alive"}).json()
    assert (told["deceased_on"], told["death_confirmed_by"]) == (None, None)


def test_a_withdrawal_is_recorded_and_taken_back(api, one, today):
    told = api.post(f"{one}withdraw/", {"reason": "asked"}).json()
    assert told["withdrawn_on"] == today.isoformat()
    told = api.post(f"{one}take_back_withdrawal/", {"reason": "slip"}).json()
    assert told["withdrawn_on"] is None


def test_records_are_merged_and_separated(api, one, patient, clinic, other_clinic):
    other = factories.make_patient(clinic)
    body = {"merged": str(other.pk), "reason": "same card"}
    assert api.post(f"{one}merge/", body).json()["id"] == str(patient.pk)
    assert api.get(f"{PATIENTS}{other.pk}/").json()["merged_into"] == str(patient.pk)
    assert list(api.post(f"{one}merge/", body).json()) == ["merged"]
    changed = api.patch(f"{PATIENTS}{other.pk}/", {"given_name": "Eve"})
    assert f"merged into MRN {patient.mrn}" in changed.json()["detail"]
    assert api.post(f"{one}unmerge/", {"merged": str(other.pk)}).status_code == 200
    assert list(api.post(f"{one}unmerge/", {"merged": str(other.pk)}).json()) == [
        "merged"
    ]
    itself = {"merged": str(patient.pk), "reason": "x"}
    assert list(api.post(f"{one}merge/", itself).json()) == ["merged"]
    theirs = factories.make_patient(other_clinic)
    unknown = {"merged": str(theirs.pk), "reason": "x"}
    assert (
        "no patient with this id"
        in api.post(f"{one}merge/", unknown).json()["merged"][0]
    )


def test_patients_are_filtered_by_what_the_record_says(api, clinic, today):
    soon = today + timedelta(days=2)
    make = factories.make_patient
    make(clinic, mrn="A", phone="312 555 0142", language="es")
    make(clinic, mrn="B", phone="(312) 555-0142", payer_class="medicare")
    make(clinic, mrn="C", preferred_channel="letter")
    Patient.objects.filter(mrn="C").update(hold_until=soon, hold_reason="x")
    Patient.objects.filter(mrn="A").update(hold_until=today - timedelta(days=1))
    leaving.record_death(Patient.objects.get(mrn="B"), by=audit.SYSTEM)
    order = {"ordering": "created_at"}
    assert found(api, language="es") == ["A"]
    assert found(api, payer_class="medicare") == ["B"]
    assert found(api, preferred_channel="letter") == ["C"]
    assert found(api, is_on_hold="true") == ["C"]
    assert found(api, is_on_hold="false", **order) == ["A", "B"]
    assert found(api, has_died="true") == ["B"]
    assert found(api, has_withdrawn="true") == []
    assert found(api, has_shared_contact="true", **order) == ["A", "B"]
    assert found(api, has_shared_contact="false") == ["C"]
    assert found(api, q="312 555", **order) == ["A", "B"]


def test_a_merged_record_is_listed_only_where_asked_for(api, clinic):
    kept, other = (factories.make_patient(clinic, mrn=mrn) for mrn in ("K1", "O1"))
    merging.merge(kept, merged=other, reason="x", by=audit.SYSTEM)
    assert found(api) == ["K1"]
    assert found(api, is_merged="true") == ["O1"]
    assert found(api, mrn="o1") == ["K1"]
    assert found(api, q="o1") == ["K1"]


def test_a_caregiver_is_added_changed_and_ended(api, patient, today):
    made = api.post(CAREGIVERS, {**GUARDIAN, "patient": str(patient.pk)})
    assert made.status_code == 201
    one = f"{CAREGIVERS}{made.json()['id']}/"
    told = api.patch(one, {"ended_on": today.isoformat(), "name": "Eve"}).json()
    assert (told["name"], told["ended_on"]) == ("Eve", today.isoformat())
    assert list(api.patch(one, {"patient": str(patient.pk)}).json()) == ["patient"]
    assert api.get(CAREGIVERS, {"has_ended": "true"}).json()["count"] == 1


def test_a_consent_is_given_and_withdrawn(api, patient, today, admin):
    body = {"patient": str(patient.pk), "scope": "sms"}
    made = api.post(CONSENTS, body)
    assert made.status_code == 201
    told = made.json()
    assert (told["wording_version"], told["recorded_by"]) == ("1", str(admin))
    assert list(api.post(CONSENTS, body).json()) == ["scope"]
    one = f"{CONSENTS}{told['id']}/"
    early = {"withdrawn_on": (today - timedelta(days=1)).isoformat()}
    assert list(api.post(f"{one}withdraw/", early).json()) == ["withdrawn_on"]
    assert api.post(f"{one}withdraw/", {}).json()["withdrawn_on"] == today.isoformat()
    assert list(api.post(f"{one}withdraw/", {}).json()) == ["withdrawn_on"]
    standing = {"patient": str(patient.pk), "is_in_force": "true"}
    assert api.get(CONSENTS, standing).json()["count"] == 2


def test_a_proxy_gives_a_consent_over_the_api(api, patient, clinic, today):
    proxy = caregivers.add(
        patient, by=audit.SYSTEM, name="Luis", may_answer_since=today
    )
    body = {"patient": str(patient.pk), "scope": "letter", "given_by": str(proxy.pk)}
    assert api.post(CONSENTS, body).json()["given_by"] == str(proxy.pk)
    stranger = factories.make_patient(clinic)
    wrong = {**body, "patient": str(stranger.pk)}
    assert list(api.post(CONSENTS, wrong).json()) == ["given_by"]


def test_may_contact_is_the_e_mails_and_not_the_phones(api, clinic):
    patient = factories.make_patient(clinic, phone="312 555 0142", may_contact=False)
    api.post(CONSENTS, {"patient": str(patient.pk), "scope": "sms"})
    assert api.get(f"{PATIENTS}{patient.pk}/").json()["may_contact"] is False
    api.patch(f"{PATIENTS}{patient.pk}/", {"may_contact": True})
    assert Consent.objects.filter(scope="email", withdrawn_on=None).exists()


@pytest.mark.parametrize("address", [CAREGIVERS, CONSENTS])
def test_a_longer_list_takes_no_more_queries(
    api, clinic, address, django_assert_max_num_queries
):
    for number in range(6):
        patient = factories.make_patient(clinic)
        caregivers.add(patient, by=audit.SYSTEM, name="Ana")
        if number in (0, 5):
            with django_assert_max_num_queries(11):
                assert api.get(address).status_code == 200
