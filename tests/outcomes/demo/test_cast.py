from datetime import date
from random import Random

from outcomes.demo import cast

TODAY = date(2026, 3, 12)
PEOPLE = cast.people(Random("test"), 300, TODAY)


def test_nobody_can_be_reached_by_accident() -> None:
    addresses = [person.email for person in PEOPLE if person.email]
    assert all(address.endswith("@patients.example") for address in addresses)
    assert all(address.isascii() for address in addresses)
    assert all(" 555 01" in person.phone for person in PEOPLE)


def test_everybody_is_somebody_else() -> None:
    assert len({person.mrn for person in PEOPLE}) == 300
    assert len({(p.given_name, p.family_name) for p in PEOPLE}) == 300
    addresses = [person.email for person in PEOPLE if person.email]
    assert len(set(addresses)) == len(addresses)


def test_a_seventh_speaks_spanish_with_accents_and_two_family_names() -> None:
    spanish = [person for person in PEOPLE if person.language == "es"]
    assert len(spanish) == 42
    assert all(" " in person.family_name for person in spanish)
    assert any(not person.family_name.isascii() for person in spanish)


def test_a_few_have_no_address() -> None:
    assert 0 < sum(not person.email for person in PEOPLE) < 20


def test_ages_are_those_of_adults() -> None:
    ages = [(TODAY - person.birth_date).days / 365.25 for person in PEOPLE]
    assert min(ages) > 21 and max(ages) < 89


def test_a_large_clinic_has_names_enough_and_no_two_alike() -> None:
    many = cast.people(Random("test"), 5000, TODAY)
    assert len({(one.given_name, one.family_name) for one in many}) == 5000
    assert len({one.phone for one in many}) == 4950
