from decimal import Decimal

import pytest

from clinic import audit, clock
from outcomes.clinician_parts import block_response, catalogue, revisions, sheet
from outcomes.follow_ups import labels
from outcomes.follow_ups.engine import due
from outcomes.follow_ups.planning import calendar
from outcomes.models import FollowUp, Measure, Score, StaffTask
from patients.triage import evaluations
from plans.models import LifestyleMeasurement
from plans.procedures import details
from plans.protocols import measures
from tests import factories
from tests.outcomes.clinician_parts.conftest import examine, row_of
from tests.outcomes.rows import make_score

NEURO = {"ankle_jerk__left": "2"}
SCREENED = NEURO | {"RF05": "absent"}


def sheet_of(row):
    return sheet.of(row, factories.days_ago(row.clinic, 0))


def keys(row):
    return set(sheet_of(row).known)


def signed(complaint, physician, **cells):
    return evaluations.sign(factories.make_evaluation(complaint, **cells), by=physician)


def test_every_measure_of_the_vocabulary_can_be_a_part():
    parts = [catalogue.part_of(key) for key in measures.vocabulary()]
    assert {part.how for part in parts} == set(catalogue.How)


def test_a_patients_own_measures_are_no_part_where_the_patient_is_asked():
    parts = catalogue.parts_of(["pain_site", "exam_neuro"], ["peg"], who="both")
    assert [part.key for part in parts] == ["exam_neuro"]


def test_the_clinic_alone_asks_for_the_patients_measures_too():
    parts = catalogue.parts_of(["pain_site", "exam_neuro"], ["peg"], who="clinician")
    assert [part.key for part in parts] == ["pain_site", "exam_neuro"]


def test_a_time_point_that_names_nothing_of_the_clinics_wants_an_examination():
    assert [part.key for part in catalogue.parts_of(["pain_site"], [], who="both")] == [
        catalogue.LOOKED_AT
    ]


def test_findings_in_the_window_are_an_examination(recheck):
    assert keys(recheck) == set()
    factories.make_evaluation(recheck.episode.complaint, **SCREENED)
    assert keys(recheck) == {"exam_neuro", "red_flag_screen"}


def test_findings_of_another_day_are_none(recheck):
    draft = factories.make_evaluation(recheck.episode.complaint, **NEURO)
    day = factories.days_ago(recheck.clinic, 5)
    evaluations.move(draft, by=audit.SYSTEM, examined_on=day)
    assert keys(recheck) == set()


def test_an_evaluation_in_error_is_none(recheck, physician):
    draft = factories.make_evaluation(recheck.episode.complaint, **NEURO)
    evaluations.enter_in_error(draft, by=physician, reason="wrong patient")
    assert keys(recheck) == set()


def test_what_the_patient_said_at_home_is_no_examination(recheck):
    draft = evaluations.start(recheck.episode.complaint, by=audit.SYSTEM)
    evaluations.record(
        draft,
        by=audit.SYSTEM,
        entries={("RF05", "none"): evaluations.cells.Entry("absent")},
        informant="patient",
    )
    assert keys(recheck) == set()


def test_signing_what_has_it_all_completes_it_by_itself(recheck, physician):
    signed(recheck.episode.complaint, physician, **SCREENED, pain_site_now="4")
    recheck.refresh_from_db()
    assert (recheck.state, recheck.examined_by) == ("completed", None)
    assert recheck.label_today == labels.Label.EXAMINED
    task = StaffTask.objects.get(follow_up=recheck)
    assert (task.state, task.end_reason) == ("done", "it stood in the record")


def test_pain_from_the_evaluation_is_a_score(recheck, physician):
    signed(recheck.episode.complaint, physician, **SCREENED, pain_site_now="4")
    score = Score.objects.get(response__follow_up=recheck)
    assert (score.measure.key, score.value, score.provenance) == (
        "pain_site",
        4,
        "clinic",
    )


def test_who_was_examined_before_the_plan_owes_nothing(complaint, physician):
    signed(complaint, physician, **NEURO)
    plan = factories.make_plan(complaint, "physical_therapy")
    row = row_of(plan, "baseline")
    assert (row.state, row.is_examined) == ("planned", True)
    assert StaffTask.objects.get(follow_up=row).state == "done"


def test_a_draft_counts_when_its_window_closes(recheck):
    factories.make_evaluation(recheck.episode.complaint, **SCREENED, pain_site_now="4")
    end = calendar.end_of(recheck.closes_on, recheck.patient.time_zone)
    due.advance_due(recheck.clinic, end)
    recheck.refresh_from_db()
    assert recheck.state == FollowUp.State.COMPLETED


def test_a_block_recorded_the_day_after_counts(complaint):
    plan = factories.make_plan(complaint, "image_guided_injection", started_days_ago=3)
    procedure = factories.make_performed(plan, days=1)
    details.record(
        procedure,
        values={"pain_before": 7, "pain_after_30min": 2, "complications": ["none"]},
        by=audit.SYSTEM,
        checked=True,
    )
    due.advance_due(complaint.clinic, clock.now())
    row = row_of(plan, "post30min")
    assert (row.state, row.closes_on) == ("completed", procedure.performed_on)
    assert Score.objects.get(response__follow_up=row).value == 2


def test_a_block_recorded_the_day_after_without_a_reading_is_not_examined(complaint):
    plan = factories.make_plan(complaint, "image_guided_injection", started_days_ago=3)
    factories.make_performed(plan, days=1)
    due.advance_due(complaint.clinic, clock.now())
    row = row_of(plan, "post30min")
    assert (row.state, row.state_reason) == ("expired", "not examined")


def test_counts_of_the_product_are_the_clinics_part_of_a_baseline(complaint):
    plan = factories.make_plan(complaint, "prp")
    procedure = factories.make_performed(plan, days=0)
    row = row_of(plan, "baseline")
    assert keys(row) == set()
    details.record(
        procedure, values={"count_source": "not_counted"}, by=audit.SYSTEM, checked=True
    )
    assert keys(row) == {"product_characterization"}


def test_weights_of_the_programme_are_known(complaint):
    plan = factories.make_plan(complaint, "lifestyle")
    LifestyleMeasurement.objects.create(
        clinic=complaint.clinic,
        intervention=plan.interventions.filter(modality="lifestyle")[0],
        measured_on=factories.days_ago(complaint.clinic, 0),
        weight_kg=Decimal("81.5"),
    )
    found = sheet_of(row_of(plan, "baseline"))
    assert found.known["weight_kg"].value == Decimal("81.5")


def test_sessions_are_counted_and_still_asked(both):
    therapy = both.episode.plan.interventions.filter(modality="physical_therapy")[0]
    details.record(
        therapy,
        values={"sessions_prescribed": 12, "sessions_attended": 9},
        by=audit.SYSTEM,
        checked=True,
    )
    found = sheet_of(both)
    assert found.known["sessions_attended"].value == 9
    assert [part.key for part in found.asked] == ["sessions_attended"]
    assert not found.is_in_record


def test_an_event_on_the_ledger_answers_for_the_events(block):
    assert "events_immediate" not in keys(block)
    factories.make_adverse_event(
        block.patient,
        complaint=block.episode.complaint,
        onset_on=block.due_on,
    )
    assert "events_immediate" in keys(block)


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        (7, 2, "Pain 7 before (the last answer), 2 after: 71 % less."),
        (4, 5, "Pain 4 before (the last answer), 5 after: 25 % more."),
        (0, 0, "Pain 0 before (the last answer), 0 after: no percent of no pain."),
    ],
)
def test_the_response_to_a_block_is_said_with_its_numbers(
    block, physician, before, after, words
):
    measure = Measure.objects.get(clinic=block.clinic, key="pain_site")
    make_score(block.episode, measure, before, factories.days_ago(block.clinic, 2))
    examine_block(block, physician, after)
    assert response_of(block).words == words


def examine_block(block, by, after):
    read = {"pain_after_block": after, "events_immediate": 0}
    return examine(block, by, read, read_at=calendar.time(0, 0))


def response_of(row):
    return block_response.of(sheet_of(row), revisions.of(row)[0])


def test_without_pain_before_no_percent_is_said(block, physician):
    examine_block(block, physician, 2)
    assert response_of(block).words == "Pain 2 after it; nobody asked before it."


def test_a_reading_is_kept_with_its_time(block, physician):
    examine_block(block, physician, 2)
    score = Score.objects.get(response__follow_up=block)
    zone = block.patient.time_zone
    assert score.measured_at == calendar.moment(block.due_on, calendar.time(0), zone)
    assert (score.measure.key, score.measured_on) == ("pain_after_block", block.due_on)


def test_queries_do_not_grow_with_the_record(recheck, django_assert_num_queries):
    def read():
        fresh = FollowUp.objects.select_related("episode__plan__protocol")
        sheet.of(fresh.get(pk=recheck.pk), recheck.due_on)

    with django_assert_num_queries(3):
        read()
    for cells in (SCREENED, NEURO | {"ankle_jerk__right": "1", "RF06": "absent"}):
        factories.make_evaluation(recheck.episode.complaint, **cells)
    with django_assert_num_queries(3):
        read()
