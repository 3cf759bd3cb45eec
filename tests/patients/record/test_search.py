import pytest

from patients.models import Patient
from patients.record import registration
from tests import factories


@pytest.fixture
def marta(clinic):
    return factories.make_patient(
        clinic,
        given_name="Marta",
        family_name="Fennimore",
        phone="(312) 555-0142",
        email="M.Fenn88@example.org",
    )


def found(admin, query):
    return list(Patient.objects.visible_to(admin).search(query))


@pytest.mark.parametrize(
    "query",
    [
        "312 555 0142",
        "(312) 555",
        "3125550",
        "+1 312 555",
        "1312555",
        "m.fenn88@example.org",
        "M.FENN88@ex",
        "fenn88",
        "marta 312-555",
    ],
)
def test_the_front_desk_finds_by_phone_and_e_mail(admin, marta, query):
    assert found(admin, query) == [marta]


@pytest.mark.parametrize(
    "query", ["555 0142", "0142", "example.org", "@example", "org", "313", "%", "com"]
)
def test_the_end_of_a_number_or_address_finds_nothing(admin, marta, query):
    assert found(admin, query) == []


def test_a_number_is_found_without_its_trunk_zero(admin, clinic):
    clinic.zone = "Europe/London"
    clinic.save()
    patient = factories.make_patient(clinic, phone="020 7946 0958")
    for query in ("020 7946", "20 7946", "+44 20 7946"):
        assert found(admin, query) == [patient]


def test_an_old_number_finds_nothing_any_more(admin, marta):
    registration.update(marta, by=admin, phone="773 555 0101")
    assert found(admin, "312 555") == []
    assert found(admin, "773555") == [marta]


def test_an_mrn_with_spaces_is_found_as_it_is_written(admin, clinic):
    patient = factories.make_patient(clinic, mrn="12 345")
    assert found(admin, "12 345") == found(admin, "12345") == [patient]
