"""Red flags: raised as it is saved, never played down, acted on and closed."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError

from clinic import audit, clock
from patients.models import RedFlag, RedFlagBaseline, RedFlagEvent
from patients.models.red_flag import MERGED
from patients.record import merging
from patients.triage import evaluations, flag_baselines, flags
from patients.triage.cells import Entry, cell_of
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft(complaint, physician):
    return evaluations.start(complaint, by=physician)


def say(draft, by, **cells):
    entries = {
        cell_of(name.replace("__", ".")): value and Entry(value)
        for name, value in cells.items()
    }
    informant = "patient" if by is audit.PATIENT else "staff"
    return evaluations.record(draft, by=by, entries=entries, informant=informant).raised


def standing():
    return {f.flag: f.tier for f in RedFlag.objects.exclude(state="closed")}


def test_an_answer_raises_its_flag_as_it_is_saved(draft):
    (flag,) = say(draft, audit.PATIENT, RF01="present")
    assert (flag.flag, flag.tier, flag.informant) == ("RF01", "E0", "patient")


def test_a_no_raises_nothing(draft, physician):
    assert say(draft, physician, RF01="absent") == []
    assert standing() == {}


def test_a_second_answer_raises_the_tier_of_the_first(draft, physician):
    say(draft, physician, RF09="present")
    assert standing() == {"RF09": "E2"}
    say(draft, physician, RF08="present")
    assert standing() == {"RF08": "E1", "RF09": "E1"}


def test_a_detail_raises_the_tier(draft, physician):
    say(draft, physician, RF12="present")
    say(draft, physician, RF12_major_trauma="present")
    assert standing() == {"RF12": "E1"}


def test_a_later_no_keeps_the_flag_with_a_note(draft, physician):
    say(draft, audit.PATIENT, RF01="present")
    say(draft, physician, RF01="absent")
    assert standing() == {"RF01": "E0"}
    kinds = list(RedFlagEvent.objects.values_list("kind", flat=True))
    assert kinds == ["raised", "denied"]


def test_other_saves_leave_a_flag_alone(draft, physician):
    say(draft, physician, RF01="present")
    say(draft, physician, ankle_jerk__left="2")
    assert RedFlagEvent.objects.count() == 1


def test_a_closed_flag_comes_back_only_with_a_new_answer(draft, physician):
    (flag,) = say(draft, physician, RF08="present")
    flags.acknowledge(flag, by=physician, action="Bloods taken")
    flags.close(flag, by=physician, note="CRP normal")
    say(draft, physician, ankle_jerk__left="2")
    assert standing() == {}
    say(draft, physician, RF08=None)
    say(draft, physician, RF08="present")
    assert standing() == {"RF08": "E1"}


@pytest.mark.parametrize(
    ("cells", "flag", "reason"),
    [
        ({"big_toe_extension__left": "3"}, "RF06", "3"),
        ({"foot_drop__left": "present"}, "RF06", "foot drop, left"),
        ({"weakness__left": "present"}, "RF06", "weakness"),
        ({"clonus__right": "present"}, "RF07", "clonus"),
        ({"ankle_jerk__left": "3"}, "RF07", "3 brisk"),
        ({"medial_hamstring_jerk__left": "4"}, "RF07", "4 clonus"),
        ({"biceps_jerk__left": "4"}, "RF07", "4 clonus"),
        ({"triceps_jerk__right": "3"}, "RF07", "3 brisk"),
        ({"brachioradialis_jerk__right": "3"}, "RF07", "3 brisk"),
        ({"residual_volume": "200"}, "RF02", "200 ml left after voiding"),
    ],
)
def test_an_examination_raises_what_it_shows(draft, physician, cells, flag, reason):
    say(draft, physician, **cells)
    event = RedFlagEvent.objects.get(red_flag__flag=flag)
    assert reason in event.note


def test_pain_into_both_legs_is_an_emergency(draft, physician):
    say(draft, physician, radiating_pain__left="present")
    assert standing() == {}
    say(draft, physician, radiating_pain__right="present")
    assert standing() == {"RF05": "E0"}


def test_a_residual_volume_below_the_threshold_raises_nothing(draft, physician):
    assert say(draft, physician, residual_volume="199") == []


@pytest.mark.parametrize(
    ("site", "side", "tiers"),
    [
        ("neck", "none", {"RF07": "E0"}),
        ("mid_back", "none", {"RF07": "E0"}),
        ("low_back", "none", {}),
        ("foot", "left", {}),
    ],
)
def test_an_unsteady_gait_is_of_the_cord_where_no_stenosis_explains_it(
    patient, physician, site, side, tiers
):
    complaint = factories.make_complaint(patient, pain_site=site, side=side)
    say(evaluations.start(complaint, by=physician), physician, wide_gait="present")
    assert standing() == tiers


@pytest.fixture
def right_draft(patient, physician):
    right = factories.make_complaint(patient, pain_site="foot", side="right")
    return evaluations.start(right, by=physician)


def test_pain_into_one_leg_on_each_of_two_sheets_is_an_emergency(
    draft, right_draft, physician
):
    """Each sheet denies the other side: it is about its own pain."""
    say(
        draft, physician, radiating_pain__left="present", radiating_pain__right="absent"
    )
    assert standing() == {}
    sides = {"radiating_pain__right": "present", "radiating_pain__left": "absent"}
    (flag,) = say(right_draft, physician, **sides)
    assert (flag.flag, flag.tier) == ("RF05", "E0")
    assert "both legs" in flag.events.get().note
    # Known by now: another cell of either sheet says nothing new.
    assert say(draft, physician, ankle_jerk__left="2") == []


def test_a_leg_that_has_no_sheet_or_a_blank_one_is_not_counted(
    draft, right_draft, physician
):
    say(draft, physician, radiating_pain__left="present")
    say(right_draft, physician, ankle_jerk__right="2")
    assert standing() == {}


@pytest.mark.parametrize("ended", ["in error", "closed", "denied since"])
def test_the_other_leg_counts_while_its_pain_is_open_and_said_to_radiate(
    draft, right_draft, physician, ended
):
    say(right_draft, physician, radiating_pain__right="present")
    if ended == "in error":
        evaluations.enter_in_error(right_draft, by=physician, reason="Wrong patient")
    elif ended == "closed":
        day = right_draft.complaint.opened_on
        type(right_draft.complaint).objects.filter(pk=right_draft.complaint_id).update(
            closed_on=day
        )
    else:
        evaluations.sign(right_draft, by=physician)
        later = evaluations.start(right_draft.complaint, by=physician)
        say(later, physician, radiating_pain__right="absent")
    say(draft, physician, radiating_pain__left="present")
    assert standing() == {}


def test_the_other_leg_costs_a_save_one_query(
    draft, physician, django_assert_num_queries
):
    with django_assert_num_queries(1):
        assert flags.legs_elsewhere(draft) == set()


def test_a_grade_that_dropped_since_the_last_visit_is_a_flag(complaint, physician):
    first = evaluations.start(complaint, by=physician)
    say(first, physician, big_toe_extension__left="5")
    evaluations.sign(first, by=physician)
    second = evaluations.start(complaint, by=physician)
    say(second, physician, big_toe_extension__left="4")
    event = RedFlagEvent.objects.get()
    assert event.red_flag.flag == "RF06"
    assert "5" in event.note and "4" in event.note


def test_a_child_is_flagged(clinic, physician):
    born = clock.today(clinic.zone) - timedelta(days=15 * 365)
    guardian = {
        "name": "Rosa Fennimore",
        "relationship": "parent",
        "phone": "+12025550147",
    }
    child = factories.make_patient(clinic, birth_date=born, caregiver=guardian)
    draft = evaluations.start(factories.make_complaint(child), by=physician)
    say(draft, physician, ankle_jerk__left="2")
    assert standing() == {"RF24": "E3"}


def test_how_it_has_long_been_is_no_flag_once_a_clinician_dated_it(
    draft, patient, physician
):
    with pytest.raises(ValidationError, match="baseline"):
        say(draft, audit.PATIENT, RF02="unchanged")
    flag_baselines.record(
        patient,
        by=physician,
        flag="RF02",
        stands_since=date(2019, 5, 1),
        note="Stress incontinence since childbirth",
    )
    assert say(draft, audit.PATIENT, RF02="unchanged") == []
    (flag,) = say(draft, audit.PATIENT, RF02="present")
    assert flag.tier == "E0"


def test_a_flag_is_acknowledged_once_with_an_action(draft, physician):
    (flag,) = say(draft, physician, RF01="present")
    assert flag.is_gate
    with pytest.raises(ValidationError, match="what was done"):
        flags.acknowledge(flag, by=physician, action=" ")
    flags.acknowledge(flag, by=physician, action="Sent to the ER")
    assert not flag.is_gate
    with pytest.raises(ValidationError, match="Sent to the ER"):
        flags.acknowledge(flag, by=physician, action="Called the patient")


def test_a_flag_closes_only_after_it_was_acted_on(draft, physician):
    (flag,) = say(draft, physician, RF01="present")
    with pytest.raises(ValidationError, match="Acknowledge it first"):
        flags.close(flag, by=physician, note="Fine")


def test_the_clock_starts_with_the_weakness_and_stops_by_hand(draft, physician):
    since = clock.today("UTC") - timedelta(days=12)
    entries = {("foot_drop", "left"): Entry("present", since)}
    evaluations.record(draft, by=physician, entries=entries)
    draft.complaint.refresh_from_db()
    assert (draft.complaint.deficit_kind, draft.complaint.deficit_days) in (
        ("foot_drop", 12),
        ("foot_drop", 11),
    )
    say(draft, physician, foot_drop__left="absent")
    assert draft.complaint.is_clock_running


def test_cauda_equina_signs_are_the_most_urgent_clock(draft, physician):
    say(draft, physician, weakness__left="present")
    assert draft.complaint.deficit_kind == "weakness"
    say(draft, physician, RF01="present")
    assert draft.complaint.deficit_kind == "cauda_equina"


def test_a_yes_that_the_patient_repeats_is_heard_after_the_flag_was_closed(
    draft, physician
):
    (flag,) = say(draft, audit.PATIENT, RF01="present")
    flags.acknowledge(flag, by=physician, action="Sent to the ER")
    flags.close(flag, by=physician, note="MRI clear")
    say(draft, audit.PATIENT, RF01="present")
    assert standing() == {"RF01": "E0"}


def test_a_new_yes_opens_what_was_acted_on(complaint, draft, physician):
    (flag,) = say(draft, physician, RF01="present")
    flags.acknowledge(flag, by=physician, action="Sent to the ER")
    evaluations.sign(draft, by=physician)
    say(evaluations.start(complaint, by=physician), audit.PATIENT, RF01="present")
    flag.refresh_from_db()
    assert (flag.state, flag.acknowledged_by) == ("open", None)
    assert flag.is_gate
    assert flag.events.filter(kind="acknowledged").exists()


def test_a_flag_that_becomes_more_urgent_is_open_again(draft, physician):
    (flag,) = say(draft, physician, RF09="present")
    flags.acknowledge(flag, by=physician, action="Bloods ordered")
    say(draft, physician, RF08="present")
    flag.refresh_from_db()
    assert (flag.tier, flag.state) == ("E1", "open")


def test_a_yes_that_lost_to_somebody_elses_no_is_heard(draft, physician, assistant):
    say(draft, assistant, RF01="absent")
    entries = {("RF01", "none"): Entry("present")}
    evaluations.record(draft, by=physician, entries=entries, seen=0)
    assert standing() == {"RF01": "E0"}


def test_a_milder_sign_of_a_later_day_leaves_the_clock(complaint, draft, physician):
    long_ago = clock.today("UTC") - timedelta(days=60)
    entries = {("foot_drop", "left"): Entry("present", long_ago)}
    evaluations.record(draft, by=physician, entries=entries)
    evaluations.sign(draft, by=physician)
    later = evaluations.start(complaint, by=physician)
    recent = clock.today("UTC") - timedelta(days=2)
    entries = {("weakness", "right"): Entry("present", recent)}
    evaluations.record(later, by=physician, entries=entries)
    complaint.refresh_from_db()
    assert complaint.deficit_since == long_ago


def test_two_records_of_one_person_are_weighed_together(complaint, clinic, physician):
    """Past cancer in one, a sign of the cord in the other: an emergency (RF10)."""
    other = factories.make_patient(clinic)
    draft = evaluations.start(complaint, by=physician)
    say(draft, physician, RF10="present")
    elsewhere = evaluations.start(factories.make_complaint(other), by=physician)
    say(elsewhere, physician, RF07="present")
    assert standing()["RF10"] == "E2"
    merging.merge(complaint.patient, merged=other, reason="same person", by=physician)
    assert standing()["RF10"] == "E0"
    raised = RedFlag.objects.get(flag="RF10").events.get(kind="tier_raised")
    assert raised.note == MERGED
    # Apart again they are not played down.
    merging.unmerge(other, by=physician)
    assert standing()["RF10"] == "E0"


def test_a_baseline_is_described_whole_or_refused(complaint, physician):
    about = {"flag": "RF02", "stands_since": date(2020, 1, 2), "by": physician}
    with pytest.raises(ValidationError, match="at most 400"):
        flag_baselines.record(complaint.patient, note="x" * 401, **about)
    assert not RedFlagBaseline.objects.exists()
