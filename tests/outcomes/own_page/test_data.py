"""What patients take away: their answers to print or as a file, and the card."""

import csv
import io
from datetime import timedelta

import pytest

from clinic import clock
from clinic.models import AuditEvent, AuditSubject, Clinic
from outcomes.models import Measure, Response
from patients.models import Appointment, Patient
from tests.outcomes import rows
from tests.outcomes.own_page.conftest import answered, body
from tests.outcomes.survey.conftest import enter, fill

pytestmark = pytest.mark.django_db
FORMULA = '=HYPERLINK("http://x.example")'


def lines(phone, query: str = "") -> list[list[str]]:
    text = phone.get(f"/me/answers.csv{query}").content.decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text)))


def test_the_page_has_each_answer_with_its_question_and_day(phone):
    page = body(phone.get("/me/answers/"))
    assert "How strong is the pain in your left foot right now?" in page
    assert "Values from your answers" in page and "Pain: left foot" in page
    event = AuditEvent.objects.get(action="own_data.read")
    assert event.actor_kind == "patient"


def test_the_file_has_the_same_in_the_language_of_the_page(phone, patient):
    header, *given = lines(phone)
    assert header == ["day", "about", "kind", "question", "what you said"]
    assert [line[2] for line in given] == ["answer"] * 15 + ["value"] * 4
    assert given[0][0] == str(clock.today("America/Chicago"))
    assert given[0][4] == "4" and given[15][3:] == ["Pain: left foot", "4"]
    spanish = lines(phone, "?language=es")
    assert spanish[0][0] == "fecha" and spanish[1][1] == "pie izquierdo"
    event = AuditEvent.objects.filter(action="own_data.exported").latest("at")
    assert event.facts == {"rows": 19}
    subjects = AuditSubject.objects.filter(event=event)
    assert [one.patient_id for one in subjects] == [patient.pk]


def test_the_file_is_kept_nowhere_and_named_for_nobody(phone, patient):
    file = phone.get("/me/answers.csv")
    assert file["Cache-Control"] == "no-store"
    assert file["Referrer-Policy"] == "no-referrer"
    assert file["Content-Disposition"] == 'attachment; filename="answers.csv"'
    assert patient.family_name not in file.content.decode()


def test_no_cell_is_a_formula(phone, survey, clinic):
    episode = survey.request.follow_ups.get().episode
    measure = rows.make_measure(clinic, name=FORMULA)
    rows.make_score(episode, measure, 5, clock.today("UTC"))
    (line,) = [line for line in lines(phone) if "HYPERLINK" in line[3]]
    assert line[3].startswith("'=")


def test_who_could_not_tell_is_told_so(survey):
    phone = answered(survey, "4", "cant_tell", "3", "2")
    said = {line[3]: line[4] for line in lines(phone)}
    assert said["How strong is the pain in your low back right now?"] == "I can't tell"
    assert said["I had an operation done"] == "No"
    assert "left empty" in said.values()


def test_what_staff_found_in_the_clinic_is_not_the_patients_answer(survey):
    phone = enter(survey)
    Response.objects.update(provenance="clinic")
    fill(phone, survey)
    assert {line[2] for line in lines(phone)[1:]} == {"value"}


def test_another_patients_answers_are_not_in_it(phone, clinic):
    episode = rows.make_episode(clinic)
    rows.answer(episode, Measure.objects.get(clinic=clinic, key="pain_site"), m3=9)
    assert len(lines(phone)) == 20


def test_it_costs_the_same_for_many_answers(
    phone, survey, clinic, django_assert_max_num_queries
):
    episode = survey.request.follow_ups.get().episode
    measure = rows.make_measure(clinic)
    for days in range(1, 12):
        rows.make_score(episode, measure, 5, clock.today("UTC") - timedelta(days=days))
    with django_assert_max_num_queries(13):
        phone.get("/me/answers/")


def test_the_card_says_what_is_next_and_how_messages_are_known(phone, patient):
    Clinic.objects.update(
        phone="(312) 555-0100", sms_sender="+13125550111", sender_name="Lakeview"
    )
    Patient.objects.update(phrase="blue kite")
    starts_at = clock.now() + timedelta(days=3)
    Appointment.objects.create(
        clinic=patient.clinic,
        patient=patient,
        mrn=patient.mrn,
        identifier="A1",
        source="test",
        day=starts_at.date(),
        starts_at=starts_at,
    )
    page = body(phone.get("/me/card/"))
    for once_a_language in ("blue kite", "+13125550111", "Lakeview</strong>"):
        assert page.count(once_a_language) == 2
    assert page.count("tel:3125550100") == 2
    assert "Visit at the clinic" in page and "Visita en la clínica" in page
    assert "Llame al 911" in page and "Call 911" in page
    assert AuditEvent.objects.get(action="own_card.read").actor_kind == "patient"


def test_a_messaging_service_has_no_number_to_name(phone):
    Clinic.objects.update(sms_sender="MG" + "0a" * 16)
    page = body(phone.get("/me/card/"))
    assert "Text messages come from" not in page and "MG0a" not in page


def test_staff_print_the_same_card_and_pick_the_phrase_with_the_patient(
    signed_in, patient, complaint
):
    address = f"/patients/{patient.pk}/checkout-card/"
    page = body(signed_in.get(address))
    assert "After your visit" in page and "Después de su visita" in page
    card = page[page.index("sheet-card") : page.index("<footer")]
    assert "foot" not in card.lower() and "Marta" not in card
    assert AuditEvent.objects.filter(action="checkout_card.read").exists()
    refused = body(signed_in.post(address, {"phrase": "", "own": "left knee"}))
    assert "Leave out words that say" in refused
    assert signed_in.post(address, {"phrase": "blue kite"}).status_code == 302
    patient.refresh_from_db()
    assert patient.phrase == "blue kite"
    event = AuditEvent.objects.get(action="patient.phrase_chosen")
    assert event.actor_kind == "user"


def test_a_merged_record_leads_to_the_kept_ones_card(signed_in, patient, clinic):
    other = Patient.objects.create(
        clinic=clinic,
        mrn="Z1",
        family_name="Other",
        birth_date="1960-01-01",
        merged_into=patient,
    )
    reply = signed_in.get(f"/patients/{other.pk}/checkout-card/")
    assert reply.url == f"/patients/{patient.pk}/checkout-card/"
