from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, connections, transaction

from clinic import audit, clock
from clinic.models import AuditEvent, Clinic
from patients.models import Patient
from patients.record import duplicates, registration
from tests import factories

BORN = date(1957, 3, 14)


def refused(**fields):
    """The fields that an error names when this is registered."""
    clinic = factories.make_clinic()
    given = {"family_name": "Fennimore", "birth_date": BORN, **fields}
    with pytest.raises(ValidationError) as caught:
        registration.register(clinic, by=audit.SYSTEM, **given)
    assert not Patient.objects.filter(clinic=clinic).exists()
    return caught.value.message_dict


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("family_name", "   "),
        ("family_name", "x" * 81),
        ("birth_date", None),
        ("birth_date", date(1899, 12, 31)),
        ("birth_date", date(2999, 1, 1)),
        ("sex", "unsaid"),
        ("language", "fr"),
        ("zone", "Mars/Olympus"),
        ("zone", "../../etc/passwd"),
        ("email", "marta@nowhere"),
        ("phone", "call me"),
        ("mrn", "9" * 41),
    ],
)
def test_a_refusal_names_the_field(db, field, value):
    assert list(refused(**{field: value})) == [field]


def test_a_taken_mrn_is_refused_in_the_clinic_only(patient, other_clinic):
    with pytest.raises(ValidationError) as caught:
        factories.make_patient(patient.clinic, mrn=patient.mrn)
    assert "belongs to another patient" in caught.value.message_dict["mrn"][0]
    assert factories.make_patient(other_clinic, mrn=patient.mrn).mrn == patient.mrn


def test_free_numbers_count_up_and_skip_numbers_of_another_form(clinic):
    for mrn in ("A-17", "M1234567", "M100200x", "M100041"):
        factories.make_patient(clinic, mrn=mrn)
    assert registration.free_mrn(clinic) == "M100042"


def test_used_up_numbers_ask_for_an_mrn(clinic):
    factories.make_patient(clinic, mrn=registration.LAST_MRN)
    with pytest.raises(ValidationError, match="used up"):
        factories.make_patient(clinic)


@pytest.mark.django_db(transaction=True)
def test_registrations_at_once_get_different_numbers():
    clinic = factories.make_clinic()

    def register(number):
        try:
            return factories.make_patient(Clinic.objects.get(pk=clinic.pk)).mrn
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        numbers = list(pool.map(register, range(12)))
    assert len(set(numbers)) == 12


def test_an_update_keeps_before_and_after_in_the_audit(patient, admin):
    registration.update(patient, by=admin, family_name="Quispe", sex="female")
    event = AuditEvent.objects.get(action="patient.updated")
    assert event.facts["changed"] == ["family_name"]
    assert event.facts["after"] == {"family_name": "Quispe"}
    assert event.actor == admin


def test_an_update_leaves_what_another_changed_meanwhile(patient, admin):
    mine, theirs = (Patient.objects.get(pk=patient.pk) for _ in range(2))
    today = clock.today(patient.time_zone)
    registration.update(theirs, by=admin, withdrawn_on=today, family_name="Quispe")
    registration.update(mine, by=admin, phone="+1 312 555 0142", sex="male")
    patient.refresh_from_db()
    assert (patient.withdrawn_on, patient.family_name) == (today, "Quispe")
    assert patient.sex == "male"


@pytest.mark.django_db(transaction=True)
def test_a_contact_saved_by_many_presses_is_stored_once():
    patient = factories.make_patient(factories.make_clinic())

    def press(_):
        try:
            held = Patient.objects.get(pk=patient.pk)
            registration.update(held, by=audit.SYSTEM, email="new@example.org")
        finally:
            connections.close_all()

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(press, range(9)))
    assert patient.contact_points.get().value == "new@example.org"


def test_an_mrn_is_taken_in_capitals_or_not(clinic):
    factories.make_patient(clinic, mrn="Ab-1")
    with pytest.raises(ValidationError, match="aB-1 belongs to another patient"):
        factories.make_patient(clinic, mrn="aB-1")
    other = factories.make_patient(clinic, mrn="m100007")
    with pytest.raises(IntegrityError), transaction.atomic():
        Patient.objects.filter(pk=other.pk).update(mrn="AB-1")
    assert factories.make_patient(clinic).mrn == "M100008"


def test_the_age_of_an_import_is_the_one_at_the_start(patient):
    assert patient.age_in_words == f"{patient.age} y"
    patient.birth_date, patient.age_at_import = None, 21
    assert patient.age_in_words == "21 y at the start"
    patient.age_at_import = None
    assert patient.age_in_words == "age unknown"


def test_a_new_name_is_found_and_the_old_one_is_not(patient, admin):
    registration.update(patient, by=admin, family_name="Quispe")
    visible = Patient.objects.visible_to(admin)
    assert visible.search("quis").exists()
    assert not visible.search("fenni").exists()


def test_consent_to_e_mail_says_nothing_about_the_phone(clinic):
    patient = factories.make_patient(clinic, phone="+1 312 555 0142")
    consents = dict(patient.contact_points.values_list("system", "may_contact"))
    assert consents == {"email": True, "phone": False}


def test_consent_outlives_a_new_address_and_can_be_taken_back(patient, admin):
    registration.update(patient, by=admin, email="new@example.org")
    assert patient.contact_points.get().may_contact
    registration.update(patient, by=admin, may_contact=False)
    assert not patient.contact_points.get().may_contact


def test_an_empty_address_removes_it(patient, admin):
    registration.update(patient, by=admin, email="")
    assert not patient.contact_points.exists()


def test_a_refused_address_changes_nothing(patient, admin):
    held = patient.contact_points.get().value
    with pytest.raises(ValidationError) as caught:
        registration.update(patient, by=admin, family_name="Quispe", email="no")
    assert "email" in caught.value.message_dict
    assert patient.contact_points.get().value == held
    assert not Patient.objects.filter(family_name="Quispe").exists()


def test_death_lies_between_birth_and_today(patient, admin):
    tomorrow = clock.today(patient.time_zone) + timedelta(days=1)
    for day in (tomorrow, BORN - timedelta(days=1)):
        with pytest.raises(ValidationError) as caught:
            registration.update(patient, by=admin, deceased_on=day)
        assert "deceased_on" in caught.value.message_dict


@pytest.mark.parametrize(
    "query",
    ["Garcia", "lop gar", "GARCÍA LÓPEZ", "ana", "M77", "obri", "brien", "o'brien"],
)
def test_search_finds_the_beginning_of_each_word(clinic, admin, query):
    for name in ("García López", "O'Brien"):
        factories.make_patient(clinic, given_name="Ana", family_name=name, mrn="")
    factories.make_patient(clinic, given_name="Jo", family_name="Ng", mrn="M777")
    found = Patient.objects.visible_to(admin).search(query)
    assert found.exists()


@pytest.mark.parametrize("query", ["arcia", "garcia x", "%", "_", "!!!", "\x00"])
def test_search_finds_nothing_else(clinic, admin, query):
    factories.make_patient(clinic, given_name="Ana", family_name="García López")
    assert not Patient.objects.visible_to(admin).search(query).exists()


def test_search_stands_on_the_prefix_index(clinic, admin):
    found = Patient.objects.visible_to(admin).search("garc lop")
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # A handful of rows is otherwise read from end to end.
            cursor.execute("SET LOCAL enable_seqscan = off")
            cursor.execute("SET LOCAL enable_bitmapscan = off")
        plan = found.explain()
    assert "search_by_prefix" in plan


def test_a_name_longer_than_the_index_holds_is_still_found(clinic, admin):
    name = "\ufdfa" * 10  # one sign that folds to eighteen letters
    patient = factories.make_patient(clinic, family_name=name)
    assert Patient.objects.visible_to(admin).search(name).get() == patient


def test_a_duplicate_has_the_same_words_and_birth_date(clinic):
    held = factories.make_patient(
        clinic, given_name="José", family_name="García", birth_date=BORN
    )
    find = duplicates.likely_duplicates
    name = {"given_name": "garcia", "family_name": "JOSE"}
    assert find(clinic, **name, birth_date=BORN) == [held]
    assert not find(clinic, **name, birth_date=date(1957, 3, 15))
    assert not find(
        clinic, given_name="José", family_name="García López", birth_date=BORN
    )


@pytest.mark.django_db(transaction=True)
def test_many_presses_register_one_patient():
    clinic = factories.make_clinic()

    def press(_):
        try:
            return factories.make_patient(
                Clinic.objects.get(pk=clinic.pk),
                family_name="Twin",
                is_confirmed=False,
            )
        except duplicates.LikelyDuplicateError as error:
            return error.patients
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(press, range(4)))
    made = Patient.objects.get(family_name="Twin")
    assert found.count(made) == 1
    assert found.count([made]) == 3


def test_a_patient_of_another_clinic_is_no_duplicate(patient, other_clinic):
    assert not duplicates.likely_duplicates(
        other_clinic,
        given_name=patient.given_name,
        family_name=patient.family_name,
        birth_date=patient.birth_date,
    )
