"""What an import leaves in the database."""

from datetime import date
from decimal import Decimal

import pytest
from django.urls import reverse

from clinic.models import AuditEvent
from outcomes.models import (
    Answer,
    Episode,
    FollowUp,
    Measure,
    Message,
    OutcomeFact,
    Response,
    Score,
    SurveyRequest,
)
from patients.models import Patient
from plans.models import Plan
from tests.outcomes.imports.running import MADE_UP, MADE_UP_CSV, changed, import_file


@pytest.fixture
def imported(clinic):
    result = import_file(clinic)
    assert result.code == 0, result.text
    return result


def test_a_person_becomes_a_patient(imported, clinic):
    patient = Patient.objects.get(clinic=clinic, mrn="MU-P1")
    assert (patient.family_name, patient.given_name) == ("Ambergill", "")
    assert (patient.sex, patient.age, patient.birth_date) == ("male", 47, None)
    assert patient.origin == Patient.Origin.IMPORT
    assert list(Patient.objects.search("amberg")) == [patient]
    assert list(Patient.objects.search("mu-p1")) == [patient]


def test_sex_comes_from_whichever_row_says_it(imported):
    assert Patient.objects.get(mrn="MU-P5").sex == "male"
    assert Patient.objects.get(mrn="MU-P4").sex == "male"


def test_age_is_the_one_at_the_first_time(imported):
    assert Patient.objects.get(mrn="MU-P6").age == 39
    assert Patient.objects.get(mrn="MU-P4").age is None


def test_nobody_has_a_name_without_a_column(clinic, tmp_path):
    nameless = changed(MADE_UP, tmp_path, ('family_name = "surname"', ""))
    assert import_file(clinic, mapping=nameless).code == 0
    assert Patient.objects.get(mrn="MU-P1").family_name == "Imported P1"


def test_a_formula_in_a_name_stays_text(imported, signed_in):
    patient = Patient.objects.get(mrn="MU-P4")
    assert patient.family_name == "=1+1"


def test_the_complaint_and_the_plan_come_from_the_mapping(imported):
    plan = Plan.objects.get(complaint__patient__mrn="MU-P2")
    complaint = plan.complaint
    assert (complaint.pain_site, complaint.side) == ("foot", "right")
    assert complaint.opened_on == plan.started_on == date(2024, 1, 15)
    assert (plan.modality, plan.protocol) == ("prp", None)
    assert plan.treatment_key == "prp-one-injection"
    assert plan.title == plan.treatment_label == "PRP, one injection"
    assert plan.status == Plan.Status.COMPLETED


def test_every_person_has_a_follow_up_for_every_time_point(imported):
    for episode in Episode.objects.all():
        keys = list(episode.follow_ups.values_list("timepoint_key", flat=True))
        assert keys == ["start", "w6", "m12"]
        assert episode.anchor == "plan_start"


def test_answered_follow_ups_are_completed_and_the_rest_expired(imported):
    first, second, third = FollowUp.objects.filter(patient__mrn="MU-P2")
    assert first.state == second.state == "completed"
    assert second.due_on == date(2024, 2, 26)
    assert (second.opens_on, second.closes_on) == (date(2024, 2, 12), date(2024, 3, 15))
    assert second.completed_at.date() == second.due_on
    assert (third.state, third.state_reason) == ("expired", "not answered")
    assert third.completed_at is None


def test_answers_are_sealed_scores_without_a_questionnaire(imported):
    response = Response.objects.get(
        patient__mrn="MU-P1", follow_up__timepoint_key="m12"
    )
    assert (response.state, response.provenance) == ("sealed", "import")
    assert response.instrument is None
    assert response.answered_on == date(2025, 1, 7)
    pain = response.scores.get(measure__key="study_pain")
    assert (pain.value, pain.measured_on) == (Decimal(2), date(2025, 1, 7))
    assert (pain.site, pain.side) == ("foot", "left")
    assert (pain.provenance, pain.algorithm_version) == ("import", "import-1")
    assert len(pain.input_sha256) == 64
    assert not Answer.objects.exists()


def test_the_measures_belong_to_the_clinic(imported, clinic, outsider):
    pain = Measure.objects.get(clinic=clinic, key="study_pain")
    assert pain.origin == Measure.Origin.IMPORT
    assert (pain.minimum, pain.maximum, pain.mic_points) == (0, 10, 2)
    assert not Measure.objects.visible_to(outsider).filter(key="study_pain").exists()


def test_nobody_imported_is_ever_asked(imported, clinic, signed_in):
    assert not FollowUp.objects.exclude(next_action_at=None).exists()
    assert not SurveyRequest.objects.exists()
    assert not Message.objects.exists()
    assert b"MU-P" not in signed_in.get(reverse("outcomes:follow_ups")).content


def test_the_facts_are_there_at_once(imported):
    assert OutcomeFact.objects.count() == 6 * 3 + 2 * 3
    assert not Episode.objects.exclude(facts_due_at=None).exists()


def test_a_window_that_is_open_still_is_only_planned(clinic, tmp_path):
    far = changed(
        MADE_UP, tmp_path, ('label = "1 year", day = 365', 'label = "Far", day = 9000')
    )
    kept = [
        line
        for line in MADE_UP_CSV.read_text().splitlines(keepends=True)
        if ",12m," not in line
    ]
    csv = tmp_path / "file.csv"
    csv.write_text("".join(kept))
    assert import_file(clinic, csv, far).code == 0
    last = FollowUp.objects.filter(timepoint_key="m12").first()
    assert (last.state, last.next_action_at) == ("planned", None)
    assert not OutcomeFact.objects.filter(timepoint_key="m12", is_eligible=True)
    assert {plan.status for plan in Plan.objects.all()} == {"active"}


def test_the_import_is_audited_without_names(imported, clinic):
    started, done = AuditEvent.objects.filter(
        clinic=clinic, action__startswith="outcomes.import"
    ).order_by("id")
    assert (started.action, done.action) == (
        "outcomes.import_started",
        "outcomes.imported",
    )
    assert done.about_id == str(clinic.pk)
    assert len(done.facts["file_sha256"]) == 64
    assert (done.facts["persons_new"], done.facts["scores"]) == (6, 18)
    assert done.facts["is_complete"] is True
    assert "Ambergill" not in str(done.facts)


def test_queries_do_not_grow_with_the_rows_of_a_batch(
    clinic, tmp_path, django_assert_max_num_queries
):
    lines = MADE_UP_CSV.read_text().splitlines(keepends=True)
    csv = tmp_path / "file.csv"
    copies = [line.replace("P", f"Q{n}P", 1) for n in range(30) for line in lines[1:]]
    csv.write_text("".join([lines[0], *copies]))
    with django_assert_max_num_queries(60):
        assert import_file(clinic, csv).code == 0
    assert Patient.objects.count() == 180
    assert Score.objects.count() == 540
