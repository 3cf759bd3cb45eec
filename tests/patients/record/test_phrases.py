"""The phrase by which a patient knows our messages."""

import pytest
from django.core.exceptions import ValidationError

from clinic import audit, clinical_words
from clinic.models import AuditEvent
from patients.catalogue import phrases as catalogue
from patients.models import Diagnosis
from patients.record import phrases
from tests import factories

pytestmark = pytest.mark.django_db


def choose(patient, phrase):
    return phrases.choose(patient, phrase, by=audit.PATIENT)


def test_a_phrase_is_kept_tidied_and_on_record_without_its_words(patient):
    choose(patient, "  blue   kite ")
    patient.refresh_from_db()
    assert patient.phrase == "blue kite"
    event = AuditEvent.objects.get(action="patient.phrase_chosen")
    assert event.actor_kind == "patient" and event.facts == {}
    choose(patient, "blue kite")
    assert AuditEvent.objects.filter(action="patient.phrase_chosen").count() == 1


def test_it_can_be_taken_back(patient):
    choose(patient, "blue kite")
    choose(patient, "")
    patient.refresh_from_db()
    assert patient.phrase == ""
    assert AuditEvent.objects.filter(action="patient.phrase_removed").exists()


@pytest.mark.parametrize(
    ("phrase", "objection"),
    [
        ("x", "length"),
        ("x" * 41, "length"),
        ("blue kite!", "signs"),
        ("{link}", "signs"),
        ("evil.example", "signs"),
        ("blue\u202ekite", "signs"),
        ("синий змей", "signs"),
        ("🪁 kite", "signs"),
        ("www lakeview com", "link"),
        ("call 555 0100", "number"),
        ("born 1957", "number"),
        ("MARTA", "name"),
        ("dear Íñigo", "name"),
        ("My left knee", "clinical"),
        ("mi rodilla", "clinical"),
        ("Sciatica", "clinical"),
        ("no pain", "clinical"),
        ("ruptured friend", "clinical"),
    ],
)
def test_what_says_too_much_is_refused_at_the_field(clinic, phrase, objection):
    patient = factories.make_patient(clinic, family_name="Iñigo", mrn="Q7")
    Diagnosis.objects.create(
        clinic=clinic,
        complaint=factories.make_complaint(patient),
        code="X00",
        title="Ruptured something",
        release="test",
        recorded_on=factories.days_ago(clinic, 1),
    )
    with pytest.raises(ValidationError) as caught:
        choose(patient, phrase)
    assert caught.value.error_dict["phrase"][0].code == objection
    patient.refresh_from_db()
    assert patient.phrase == ""


def test_the_mrn_is_no_phrase(clinic):
    patient = factories.make_patient(clinic, mrn="Q7")
    with pytest.raises(ValidationError):
        choose(patient, "kite q7")


def test_a_name_inside_another_word_is_no_name(clinic):
    patient = factories.make_patient(clinic, given_name="Ana", family_name="Lee")
    assert choose(patient, "sweet banana").phrase == "sweet banana"


@pytest.mark.parametrize("language", ["en", "es"])
def test_what_is_offered_says_nothing_of_anybody(patient, language):
    offered = catalogue.offered(language)
    assert len(offered) >= 8
    for phrase in offered:
        assert phrases.object_to(patient, phrase) is None
        assert phrase.isascii() and not clinical_words.find(phrase)
    assert not set(catalogue.offered("en")) & set(catalogue.offered("es"))
