"""What the page shows, in whose words, and what it never says."""

import re
from datetime import timedelta

import pytest

from clinic import clock
from clinic.models import AuditEvent, AuditSubject
from outcomes.instruments import library
from outcomes.models import Score
from outcomes.own_page import courses
from outcomes.survey import texts
from patients.models import Appointment
from plans.models import Intervention, Modality
from tests import factories
from tests.outcomes import rows
from tests.outcomes.own_page.conftest import answered, body
from tests.outcomes.survey.conftest import ask

pytestmark = pytest.mark.django_db
# What a machine must not tell a patient.
JUDGING = re.compile(
    r"\b(better|worse than|improved|good|fine|well done|success|reached|mejor"
    r"|peor que|bien hecho|éxito|logr[oó]\b)",
    re.IGNORECASE,
)


def add_score(survey, measure_key, value, days_ago):
    """An earlier answer of the same complaint."""
    given = Score.objects.filter(measure__key=measure_key).latest("measured_on")
    given.pk, given._state.adding, given.response = None, True, None
    given.value = value
    given.measured_on -= timedelta(days=days_ago)
    given.measured_at -= timedelta(days=days_ago)
    given.input_sha256 = f"{days_ago}"
    given.save()


def test_it_says_what_was_said_before_and_now_with_the_same_numbers(phone, survey):
    add_score(survey, "pain_site", 7, days_ago=32)
    page = body(phone.get("/me/"))
    assert "You said 7 before and 4 now." in page
    assert "Pain: left foot" in page and "Shot from your own blood" in page
    chart = page[page.index("<svg") : page.index("</svg>")]
    table = page[page.index("<tbody>") : page.index("</tbody>")]
    drawn = re.findall(r"course__value[^>]*>(\d+)<", chart)
    assert drawn == re.findall(r'<td class="number">(\d+)<', table) == ["7", "4"]


def test_before_a_newer_treatment_is_told_with_its_day(phone, survey):
    add_score(survey, "pain_site", 7, days_ago=32)
    add_score(survey, "pain_site", 9, days_ago=400)
    latest = Score.objects.filter(measure__key="pain_site").latest("measured_on")
    before = texts.day(latest.measured_on - timedelta(days=32), "en")
    now = texts.day(latest.measured_on, "en")
    page = body(phone.get("/me/"))
    assert f"You said 7 on {before} and 4 on {now}." in page
    assert "before and" not in page


def test_it_shows_the_own_goal(phone, survey):
    plan = survey.request.follow_ups.get().episode.plan
    factories.make_goal(plan, words="Walk the dog", due_on=clock.today("UTC"))
    page = body(phone.get("/me/"))
    assert "Your goal: 3 or less by" in page and ">goal 3</text>" in page
    assert "Walk the dog" in page


def test_an_answer_in_words_is_told_in_the_same_words(phone):
    page = body(phone.get("/me/"))
    item = library.instruments()[library.CORE].by_link_id["global_change"]
    label = item.options[1].label["en"]
    assert f"You said {label} on" in page


def test_it_speaks_spanish_and_stays_with_it(phone):
    page = body(phone.get("/me/?language=es"))
    assert 'lang="es"' in page and "Usted dijo 4 el" in page and "pie izquierdo" in page
    assert "Lo que sigue" in body(phone.get("/me/"))


def test_no_word_of_the_page_judges():
    for language in texts.LANGUAGES:
        own = texts.read(texts.DATA / "own_page.toml")
        position = texts.LANGUAGES.index(language)
        for key, pair in own.items():
            assert not JUDGING.search(pair[position]), key


def test_every_shipped_measure_and_treatment_has_patients_words():
    for language in texts.LANGUAGES:
        words = texts.phrases(language)
        assert {f"measure_{key}" for key in library.measures()} <= set(words)
        assert {f"treatment_{each}" for each in Modality.values} <= set(words)


def test_two_complaints_are_told_apart(patient):
    left = factories.make_complaint(patient)
    right = factories.make_complaint(patient, pain_site="knee", side="right")
    phone = answered(ask(left, right), "4", "6", "2", "3", "2", "2")
    page = body(phone.get("/me/"))
    assert "<h2" in page and "Left foot</h2>" in page and "Right knee</h2>" in page


def test_what_is_next_is_told_with_its_day(phone, survey, patient):
    now = clock.now()
    Appointment.objects.create(
        clinic=patient.clinic,
        patient=patient,
        mrn=patient.mrn,
        identifier="A1",
        source="test",
        day=(now + timedelta(days=3)).date(),
        starts_at=now + timedelta(days=3),
    )
    page = body(phone.get("/me/"))
    assert "Visit at the clinic" in page and "We ask how you are" in page
    assert "around" in page


def test_a_planned_procedure_day_is_next(phone, survey, complaint):
    later = factories.make_plan(complaint)
    day = clock.today("UTC") + timedelta(days=20)
    Intervention.objects.filter(plan=later, is_index=True).update(planned_on=day)
    page = body(phone.get("/me/"))
    assert f"<dt>Your procedure</dt><dd>{texts.day(day, 'en')}</dd>" in page


def test_a_patient_with_nothing_to_show_is_told_so(phone):
    Score.objects.all().delete()
    assert "nothing to show yet" in body(phone.get("/me/"))


def test_a_read_is_on_record(phone, patient):
    phone.get("/me/")
    event = AuditEvent.objects.get(action="own_page.read")
    assert event.actor_kind == "patient" and event.facts == {}
    assert AuditSubject.objects.get(event=event).patient_id == patient.pk


def test_a_page_costs_the_same_for_many_complaints(
    patient, django_assert_max_num_queries
):
    asked = [factories.make_complaint(patient)]
    for site in ("knee", "hip"):
        asked.append(factories.make_complaint(patient, pain_site=site, side="right"))
    survey = ask(*asked)
    phone = answered(survey, "4", "6", "5", "2", "3", "2", "2", "2")
    with django_assert_max_num_queries(18):
        phone.get("/me/")


def test_what_was_merged_in_is_shown_too(phone, survey, patient, clinic, admin):
    other = factories.make_patient(clinic, given_name="Martha")
    episode = rows.make_episode(clinic, patient=other)
    measure = rows.make_measure(clinic, name="Old score")
    rows.answer(episode, measure, m3=5)
    type(patient).objects.filter(pk=other.pk).update(merged_into=patient)
    assert "Old score" in body(phone.get("/me/"))


def test_nothing_of_another_patient_is_read(phone, clinic):
    stranger = factories.make_patient(clinic)
    episode = rows.make_episode(clinic, patient=stranger)
    measure = rows.make_measure(clinic, name="Foreign score")
    rows.answer(episode, measure, m3=5)
    assert "Foreign score" not in body(phone.get("/me/"))


def test_the_stories_are_read_in_a_constant_number_of_queries(
    phone, patient, django_assert_num_queries
):
    with django_assert_num_queries(6):
        assert courses.read([patient.pk], "en")


def test_the_emergency_line_calls_in_the_patients_language(phone):
    page = body(phone.get("/me/?language=es"))
    assert '<a href="tel:911" lang="es">¿Emergencia? Llame al 911.</a>' in page
