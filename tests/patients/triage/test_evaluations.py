"""Drafts that save cell by cell, keep who said what, and end signed."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError

from clinic import audit, clock
from clinic.models import AuditEvent
from patients.models import Finding
from patients.triage import evaluations
from patients.triage.cells import Entry, cell_of

pytestmark = pytest.mark.django_db
JERK, SLUMP = ("ankle_jerk", "left"), ("slump", "left")


@pytest.fixture
def draft(complaint, physician):
    return evaluations.start(complaint, by=physician)


def record(draft, by, seen=None, **cells):
    entries = {
        cell_of(name.replace("__", ".")): value and Entry(value)
        for name, value in cells.items()
    }
    return evaluations.record(draft, by=by, entries=entries, seen=seen)


def test_a_complaint_has_one_draft(complaint, physician, assistant):
    first = evaluations.start(complaint, by=physician)
    assert evaluations.start(complaint, by=assistant) == first
    assert first.catalogue_version


def test_what_is_blank_has_no_row(draft, physician):
    saved = record(draft, physician, ankle_jerk__left="1", slump__left=None)
    assert saved.changed == [JERK]
    assert evaluations.values(draft) == {JERK: "1"}


def test_saving_the_same_again_changes_nothing(draft, physician):
    record(draft, physician, ankle_jerk__left="1")
    assert record(draft, physician, ankle_jerk__left="1").changed == []
    assert draft.revision == 1


def test_taking_an_entry_back_keeps_it(draft, physician):
    record(draft, physician, ankle_jerk__left="1")
    record(draft, physician, ankle_jerk__left=None)
    assert evaluations.values(draft) == {}
    assert Finding.objects.get().replaced_in == 2


def test_who_said_what_is_kept_when_staff_change_it(draft, physician):
    entries = {("numbness", "left"): Entry("absent")}
    evaluations.record(draft, by=audit.PATIENT, entries=entries, informant="patient")
    record(draft, physician, numbness__left="present")
    said = [(f.informant, f.value) for f in Finding.objects.order_by("id")]
    assert said == [("patient", "absent"), ("staff", "present")]


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("big_toe_extension__left", "6", "6 is not between 0 and 5 MRC."),
        ("lumbar_flexion", "900", "900 is not between 0 and 120 degrees."),
        ("ankle_jerk__left", "wobbly", "'wobbly' is not one of: 0, 1, 2, 3, 4."),
        ("pain_site_now", "eleven", "'eleven' is not a number."),
        ("no_such_thing", "1", "There is no finding 'no_such_thing'."),
        ("back_pain__left", "present", "has no side 'left'"),
        ("pain_onset", "2999-01-01", "is in the future"),
        ("pain_onset", "1899-01-01", "is before the patient was born"),
        ("pain_onset", "soon", "is not a day"),
        ("pain_regions", "tail", "tail"),
    ],
)
def test_a_wrong_entry_is_named_and_nothing_is_saved(
    draft, physician, name, value, said
):
    with pytest.raises(ValidationError) as error:
        record(draft, physician, ankle_jerk__right="2", **{name: value})
    (key,) = error.value.message_dict
    assert key == name.replace("__", ".")
    assert said in error.value.message_dict[key][0]
    assert evaluations.values(draft) == {}


def test_a_symptom_may_not_begin_in_the_future(draft, physician):
    tomorrow = clock.today("UTC") + timedelta(days=2)
    entries = {("weakness", "left"): Entry("present", tomorrow)}
    with pytest.raises(ValidationError, match="in the future"):
        evaluations.record(draft, by=physician, entries=entries)


def test_a_visit_before_birth_is_refused(complaint, physician):
    with pytest.raises(ValidationError, match="before the patient was born"):
        evaluations.start(complaint, by=physician, examined_on=date(1901, 1, 1))


def test_all_normal_fills_the_blanks_of_a_block_only(draft, physician):
    record(draft, physician, ankle_jerk__left="1")
    evaluations.mark_normal(draft, by=physician, block="reflexes")
    found = evaluations.values(draft)
    assert found[JERK] == "1"
    assert found["ankle_jerk", "right"] == found["knee_jerk", "left"] == "2"
    assert ("slump", "left") not in found


def test_a_block_without_a_normal_is_refused(draft, physician):
    with pytest.raises(ValidationError, match="can be called normal"):
        evaluations.mark_normal(draft, by=physician, block="history")


def test_two_staff_at_once_lose_nothing(draft, physician, assistant):
    record(draft, physician, ankle_jerk__left="2")
    seen = draft.revision
    record(draft, assistant, seen, ankle_jerk__left="1", knee_jerk__left="2")
    saved = record(draft, physician, seen, ankle_jerk__left="0", slump__left="present")
    (conflict,) = saved.conflicts
    assert (conflict.ours, conflict.theirs) == (Entry("0"), Entry("1"))
    assert conflict.by == str(assistant)
    found = evaluations.values(draft)
    assert (found[JERK], found[SLUMP]) == ("1", "present")
    assert found["knee_jerk", "left"] == "2"


def test_what_both_entered_alike_is_no_conflict(draft, physician, assistant):
    record(draft, assistant, 0, ankle_jerk__left="1")
    assert record(draft, physician, 0, ankle_jerk__left="1").conflicts == []


def test_a_stale_form_does_not_take_back_what_others_entered(
    draft, physician, assistant
):
    record(draft, assistant, ankle_jerk__left="1")
    saved = record(draft, physician, 0, ankle_jerk__left=None, slump__left="present")
    assert saved.conflicts == []
    assert evaluations.values(draft) == {JERK: "1", SLUMP: "present"}


def test_what_is_signed_stays(draft, physician):
    record(draft, physician, ankle_jerk__left="1")
    evaluations.sign(draft, by=physician)
    with pytest.raises(ValidationError, match="stays as it is"):
        record(draft, physician, ankle_jerk__left="2")
    event = AuditEvent.objects.get(action="evaluation.signed")
    assert event.facts["catalogue"] == draft.catalogue_version


def test_an_empty_evaluation_cannot_be_signed(draft, physician):
    with pytest.raises(ValidationError, match="nothing to sign"):
        evaluations.sign(draft, by=physician)


def test_the_audit_names_cells_and_no_values(draft, physician):
    record(draft, physician, story="It burns", ankle_jerk__left="1")
    event = AuditEvent.objects.get(action="evaluation.recorded")
    assert event.facts["findings"] == ["ankle_jerk.left", "story"]
    assert "burns" not in str(event.facts)


def test_a_signed_onset_is_the_complaints(draft, complaint, physician):
    evaluations.record(
        draft, by=physician, entries={("pain_onset", "none"): Entry("2025-09-28")}
    )
    assert complaint.onset_on != date(2025, 9, 28)
    evaluations.sign(draft, by=physician)
    complaint.refresh_from_db()
    assert complaint.onset_on == date(2025, 9, 28)
    moved = AuditEvent.objects.get(action="complaint.onset_moved")
    assert moved.facts["after"] == "2025-09-28"


def test_no_word_on_the_onset_leaves_the_complaints(draft, complaint, physician):
    record(draft, physician, ankle_jerk__left="1")
    before = complaint.onset_on
    evaluations.sign(draft, by=physician)
    complaint.refresh_from_db()
    assert complaint.onset_on == before


def test_a_reason_is_kept_whole_or_refused(draft, physician):
    record(draft, physician, ankle_jerk__left="1")
    with pytest.raises(ValidationError, match="at most 200"):
        evaluations.enter_in_error(draft, by=physician, reason="x" * 201)
    evaluations.enter_in_error(draft, by=physician, reason=f" {'x' * 200} ")
    draft.refresh_from_db()
    assert draft.state_reason == "x" * 200
