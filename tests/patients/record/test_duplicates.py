import pytest

from patients.record import duplicates
from tests import factories

SHARED = {"is_confirmed": False, "may_share_contacts": False}


@pytest.fixture
def held(clinic):
    return factories.make_patient(
        clinic, phone="(312) 555-0142", email="family@example.org"
    )


def warned(clinic, **fields):
    """Who is named, and why."""
    with pytest.raises(duplicates.LikelyDuplicateError) as caught:
        factories.make_patient(clinic, **SHARED, **fields)
    return {twin.patient: twin.words for twin in caught.value.twins}


def test_the_same_phone_is_warned_of_however_it_is_written(clinic, held):
    assert warned(clinic, phone="+1 312 555 0142") == {held: "same phone"}


def test_one_warning_lists_everybody_with_why(clinic, held):
    other = factories.make_patient(clinic, phone="773 555 0101")
    said = warned(
        clinic,
        family_name=held.family_name,
        email="FAMILY@example.org",
        phone="7735550101",
    )
    assert said == {
        held: "same name and birth date, same e-mail",
        other: "same phone",
    }


def test_somebody_with_other_contacts_is_new(clinic, held):
    factories.make_patient(clinic, **SHARED)


def test_an_import_is_not_stopped_by_a_shared_phone(clinic, held):
    factories.make_patient(clinic, is_confirmed=False, phone="(312) 555-0142")


def test_another_clinics_phone_is_nobodys_business(held, other_clinic):
    factories.make_patient(other_clinic, phone="(312) 555-0142", **SHARED)
