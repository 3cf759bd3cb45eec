import importlib

import pytest
from django.apps import apps

from clinic import zones
from patients.models import Consent, ContactPoint, SearchTerm
from patients.models.contact import match_key
from patients.models.searching import query_words
from tests import factories


@pytest.mark.parametrize(
    ("written", "zone", "key"),
    [
        ("312 555 0142", "America/Chicago", "+13125550142"),
        ("(312) 555-0142", "America/Chicago", "+13125550142"),
        ("+1 312 555 0142", "Europe/Madrid", "+13125550142"),
        ("020 7946 0958", "Europe/London", "+442079460958"),
        ("612 34 56 78", "Europe/Madrid", "+34612345678"),
        ("(312) 555-0142 x12", "America/Chicago", "+13125550142x12"),
        ("555-0142", "America/Chicago", "5550142"),
        ("12345", "America/Chicago", "12345"),
    ],
)
def test_a_number_has_one_spelling(written, zone, key):
    assert match_key("phone", written, zone) == key


def test_an_address_has_no_capitals():
    assert match_key("email", "Marta@Example.ORG", "UTC") == "marta@example.org"


@pytest.mark.parametrize(
    ("zone", "country"),
    [
        ("America/Chicago", "US"),
        ("America/Toronto", "CA"),
        ("Europe/Madrid", "ES"),
        ("US/Central", "US"),
        ("Etc/UTC", "US"),
    ],
)
def test_a_zone_has_the_country_of_its_place(zone, country):
    assert zones.country_of(zone) == country


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("312 555 0142", ["3125550142"]),
        ("+1 (312) 55", ["131255"]),
        ("garcía 312-555", ["garcia", "312555"]),
        ("Marta@exa", ["marta@exa"]),
        ("marta.fenn", ["marta", "fenn"]),
        ("M100001", ["m100001"]),
        ("12-345", ["12345"]),
    ],
)
def test_a_query_takes_numbers_and_addresses_as_one_word(query, words):
    assert query_words(query) == words


def test_rows_from_before_get_keys_terms_and_consents(clinic):
    patient = factories.make_patient(clinic, phone="(312) 555-0142")
    Consent.objects.all().delete()
    ContactPoint.objects.update(match_key="", may_contact=True)
    SearchTerm.objects.filter(term__contains="312").delete()
    step = importlib.import_module("patients.migrations.0005_contact_keys_and_consents")
    step.fill(apps, None)
    keys = dict(patient.contact_points.values_list("system", "match_key"))
    assert keys["phone"] == "+13125550142"
    assert keys["email"].endswith("@example.org")
    held = patient.consents.values_list("scope", "wording_version")
    assert set(held) == {(scope, "unknown") for scope in ("email", "sms", "treatment")}
    assert SearchTerm.objects.filter(patient=patient, term="3125550142").exists()
    assert clinic.zone == "America/Chicago"
