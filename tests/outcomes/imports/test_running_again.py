"""Twice is once, whatever happened in between."""

import pytest
from django.db import connection

from clinic import audit
from clinic.models import AuditEvent
from outcomes.imports import mapping_file, runs
from outcomes.imports.spool import Spool
from outcomes.models import FollowUp, Measure, OutcomeFact, Response, Score
from patients.models import Complaint, Patient, SearchTerm
from plans.models import Plan
from tests import factories
from tests.outcomes.imports.running import MADE_UP, MADE_UP_CSV, changed, import_file

COUNTED = (
    *(Patient, SearchTerm, Complaint, Plan, FollowUp),
    *(Measure, Response, Score, OutcomeFact),
)


def counts():
    return [model.objects.count() for model in COUNTED]


def test_twice_is_once(clinic):
    import_file(clinic)
    before = counts()
    again = import_file(clinic)
    assert again.code == 0
    assert counts() == before
    assert "Persons: 0 new, 6 known already." in again.text
    assert "Scores: 0 new, 18 known already." in again.text


def test_a_dry_run_says_the_same_and_writes_nothing(clinic, tmp_path):
    csv = changed(MADE_UP_CSV, tmp_path, ("P2,Bramblecote,6w", "P2,Bramblecote,9w"))
    before = counts()
    dry = import_file(clinic, csv, MADE_UP, "--dry-run")
    assert counts() == before
    assert not AuditEvent.objects.filter(action__startswith="outcomes.import").exists()
    real = import_file(clinic, csv)
    assert dry.code == real.code == 1
    assert dry.text.replace("would be ", "").replace("Checking", "Importing") == (
        real.text
    )


def test_a_changed_value_is_kept_as_it_was(clinic, tmp_path):
    import_file(clinic)
    csv = changed(MADE_UP_CSV, tmp_path, (",f,52,4,50", ",f,52,9,50"))
    again = import_file(clinic, csv)
    assert again.code == 1
    assert "1 x differs, kept as it was" in again.text
    assert "row 14: study_pain at 6 weeks is 4; 9 was not taken" in again.text
    assert Score.objects.filter(value=9).count() == 0


def test_an_mrn_in_small_letters_is_held_by_the_one_in_capitals(clinic, tmp_path):
    factories.make_patient(clinic, mrn="mu-p4")
    import_file(clinic)
    csv = changed(MADE_UP_CSV, tmp_path, ("P2,Bramblecote,0", "p2,Bramblecote,0"))
    again = import_file(clinic, csv)
    assert "MU-P4 is the MRN of another patient here" in again.text
    assert "MU-p2 is the MRN of another patient here" in again.text
    assert not Patient.objects.filter(mrn="MU-p2").exists()


def test_a_file_that_has_grown_adds_what_is_new(clinic, tmp_path):
    import_file(clinic)
    csv = changed(
        MADE_UP_CSV,
        tmp_path,
        (
            "P4,=1+1,0,",
            "P2,Bramblecote,12m,2024-01-15,A,foot,right,f,53,1,90\nP4,=1+1,0,",
        ),
    )
    again = import_file(clinic, csv)
    assert again.code == 0
    assert "Responses: 1 new. Scores: 2 new, 18 known already." in again.text
    late = FollowUp.objects.get(patient__mrn="MU-P2", timepoint_key="m12")
    assert (late.state, late.completed_at.date()) == ("completed", late.due_on)
    fact = OutcomeFact.objects.get(
        episode=late.episode, measure__key="study_pain", timepoint_key="m12"
    )
    assert (fact.value, fact.change) == (1, -4)


def test_a_measure_new_to_the_mapping_joins_the_responses(clinic, tmp_path):
    without = changed(MADE_UP, tmp_path, ("[measures.study_function]", "[left_out]"))
    text = without.read_text()
    without.write_text(text[: text.index("[left_out]")])
    import_file(clinic, mapping=without)
    again = import_file(clinic)
    assert again.code == 0
    assert "Responses: 0 new. Scores: 5 new, 13 known already." in again.text


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ([("P4,=1+1,0,2024-02-12,A", "P4,=1+1,0,2024-02-12,B")], "treatment"),
        ([("P4,=1+1,0,2024-02-12", "P4,=1+1,0,2024-02-13")], "start"),
        ([("A,hip,right", "A,knee,right")], "pain site"),
        ([("A,hip,right", "A,hip,left")], "side"),
    ],
)
def test_another_course_under_the_same_mrn_is_refused(clinic, tmp_path, changes, what):
    import_file(clinic)
    again = import_file(clinic, changed(MADE_UP_CSV, tmp_path, *changes))
    assert again.code == 1
    assert f"row 9: MU-P4 was imported before with another {what}" in again.text


def test_another_day_of_a_time_point_is_refused(clinic, tmp_path):
    import_file(clinic)
    moved = changed(MADE_UP, tmp_path, ("day = 42", "day = 44"))
    again = import_file(clinic, mapping=moved)
    assert "another day or window of 6 weeks" in again.text
    assert "Rows: 13 read, 0 taken, 13 refused." in again.text


def test_a_patient_registered_here_is_left_alone(clinic):
    factories.make_patient(clinic, mrn="MU-P4")
    result = import_file(clinic)
    assert result.code == 1
    assert "row 9: MU-P4 is the MRN of another patient here" in result.text
    assert Patient.objects.get(mrn="MU-P4").origin == Patient.Origin.CARE


def test_the_same_file_goes_into_two_clinics(clinic, other_clinic):
    assert import_file(clinic).code == import_file(other_clinic).code == 0
    assert Patient.objects.filter(mrn="MU-P1").count() == 2


def refuse_in_the_database(mrn):
    """A rule of the database that nothing in the import knows of."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(
                "CREATE TRIGGER refuse BEFORE INSERT ON patients_patient "
                f"WHEN NEW.mrn = '{mrn}' BEGIN SELECT RAISE(ABORT, 'no'); END"
            )
        else:
            cursor.execute(
                "ALTER TABLE patients_patient ADD CONSTRAINT refuse "
                f"CHECK (mrn <> '{mrn}')"
            )


def test_a_bad_person_rolls_back_alone(clinic):
    refuse_in_the_database("MU-P3")
    result = import_file(clinic)
    assert result.code == 1
    assert "Rows: 13 read, 11 taken, 2 refused." in result.text
    assert "2 x the database refused the person" in result.text
    assert "row 2: the database said: " in result.text
    assert "row 12: the database said: " in result.text
    mrns = Patient.objects.filter(clinic=clinic).values_list("mrn", flat=True)
    assert sorted(mrns) == ["MU-P1", "MU-P2", "MU-P4", "MU-P5", "MU-P6"]
    assert not SearchTerm.objects.filter(term="quillfeather").exists()


class Interrupted:
    """Somebody presses Ctrl-C after the first batch."""

    def stage(self, name, total):
        self.name = name

    def at(self, done):
        if self.name == "Importing":
            raise KeyboardInterrupt


def test_an_import_that_was_stopped_goes_on_when_run_again(clinic, monkeypatch):
    monkeypatch.setattr(runs, "PERSONS_AT_ONCE", 2)
    with Spool() as spool, pytest.raises(KeyboardInterrupt):
        runs.Run(
            MADE_UP_CSV,
            mapping_file.read(MADE_UP),
            clinic=clinic,
            by=audit.SYSTEM,
            spool=spool,
        ).run(Interrupted())
    assert Patient.objects.count() == 2
    stopped = AuditEvent.objects.get(action="outcomes.imported")
    assert (stopped.facts["is_complete"], stopped.facts["persons_new"]) == (False, 2)

    again = import_file(clinic)
    assert "Persons: 4 new, 2 known already." in again.text
    assert Score.objects.count() == 18
