"""The note for the record system: what is said, in which order, and how plainly."""

import re
from datetime import date

import pytest
from django.urls import reverse

from clinic import audit
from clinic.models import AuditEvent
from patients.models import Evidence, RedFlag, SourceHypothesis, Study
from patients.record import merging
from patients.triage import (
    diagnoses,
    early_intervention,
    evaluations,
    flag_baselines,
    flags,
    ledger,
)
from patients.triage.cells import Entry
from patients.triage.note import note
from patients.triage.note.plain_text import WIDTH
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def at_work(client, physician):
    client.force_login(physician)
    return client


def written(complaint, physician, evaluation=None):
    found = type(complaint).objects.select_related("patient__clinic")
    loaded = note.load(found.get(pk=complaint.pk), evaluation, physician)
    return note.text(loaded)


def with_findings(complaint, physician, **cells):
    return written(complaint, physician, factories.make_evaluation(complaint, **cells))


def part(text, title):
    """What stands under a heading, on one line."""
    heading = rf"^{re.escape(title.upper())}(?: \(.*\))?\n"
    found = re.search(rf"{heading}(.*?)(?:\n\n|\Z)", text, re.M | re.S)
    return " ".join(found[1].split()) if found else None


def test_a_note_without_an_evaluation_says_so(complaint, physician):
    text = written(complaint, physician)
    assert part(text, "Evaluation") == "No evaluation is recorded."
    assert part(text, "Source ledger") == "No source is named yet."
    assert "Left foot pain" in part(text, "Complaint")


def test_what_is_abnormal_comes_first(complaint, physician):
    cells = {"ankle_jerk__left": "1", "ankle_jerk__right": "2"}
    text = part(with_findings(complaint, physician, **cells), "Examination")
    abnormal = text.index("Abnormal: Ankle jerk, left: 1 reduced.")
    assert abnormal < text.index("Normal: Ankle jerk (2 normal, right).")


def test_a_block_that_is_all_normal_takes_one_line(complaint, physician):
    draft = factories.make_evaluation(complaint, ankle_jerk__left="2")
    evaluations.mark_normal(draft, by=physician, block="reflexes")
    text = written(complaint, physician, draft)
    assert (
        "Reflexes: all normal: Knee jerk; Ankle jerk; Medial hamstring jerk "
        "(2 normal, both sides).\n" in text
    )


def test_a_normal_finding_never_stands_without_its_no(complaint, physician):
    draft = factories.make_evaluation(complaint, ankle_jerk__left="2")
    evaluations.mark_normal(draft, by=physician, block="strength")
    text = part(written(complaint, physician, draft), "Examination")
    assert "Foot drop (no, both sides)" in text
    assert "Not recorded: Single-leg heel raises, both sides." in text


def test_what_nobody_recorded_is_never_a_no(complaint, physician):
    text = with_findings(complaint, physician, numbness__left="present")
    symptoms = part(text, "Symptoms to watch")
    assert symptoms.startswith("Yes: Numbness or tingling in the leg, foot or toes, l")
    assert (
        "Weakness, or the foot drops, both sides" in symptoms.split("Not recorded")[1]
    )
    assert "No:" not in symptoms
    assert "Circulation: not recorded." in part(text, "Examination")
    assert part(text, "History") == "Not recorded."


def test_numbers_are_recorded_and_called_neither_normal_nor_not(complaint, physician):
    text = with_findings(complaint, physician, slr_angle__left="40", abi__left="0.82")
    examined = part(text, "Examination")
    assert "Recorded: Straight-leg raise, left: 40 degrees." in examined
    assert "Recorded: Ankle-brachial index, left: 0.82." in examined


def test_who_said_what_is_told(complaint, physician):
    draft = evaluations.start(complaint, by=physician)
    said = {("numbness", "left"): Entry("absent"), ("story", "none"): Entry("It burns")}
    evaluations.record(draft, by=audit.PATIENT, entries=said, informant="patient")
    changed = {("numbness", "left"): Entry("present", date(2020, 5, 3))}
    evaluations.record(draft, by=physician, entries=changed)
    text = written(complaint, physician, draft)
    symptoms = part(text, "Symptoms to watch")
    assert "left, since 3 May 2020 [staff; patient said: no]" in symptoms
    assert "In the patient's words [patient]: | It burns" in part(text, "Intake")
    assert "[patient] = the patient's own answer" in text


def test_a_patients_words_cannot_pose_as_a_part_of_the_note(complaint, physician):
    story = "It hurts.\n\nDIAGNOSES\nNone.\u202e" + "x" * 300
    text = with_findings(complaint, physician, story=story)
    assert "\nDIAGNOSES\nNone recorded." in text
    assert "    | DIAGNOSES\n    | None.?x" in text


def test_a_baseline_is_named_with_its_day(complaint, physician):
    flag_baselines.record(
        complaint.patient,
        by=physician,
        flag="RF02",
        stands_since=date(2019, 4, 2),
        note="Drips since the birth of her son.",
    )
    text = with_findings(complaint, physician, RF02="unchanged")
    asked = part(text, "Red flags asked about")
    assert asked.startswith("As before: Cannot start, feel or hold urine")
    assert "a baseline since 2 Apr 2019" in asked


def test_what_makes_a_flag_worse_is_missed_only_beside_that_flag(complaint, physician):
    detail = "Major trauma (crash, fall from a height)"
    without = part(with_findings(complaint, physician), "Red flags asked about")
    assert detail not in without
    text = with_findings(complaint, physician, RF12="present")
    assert detail in part(text, "Red flags asked about")


def test_a_red_flag_stands_with_its_action(complaint, physician):
    draft = factories.make_evaluation(complaint, RF01="present")
    assert "OPEN, nobody has acted. To do: emergency department now" in part(
        written(complaint, physician, draft), "Red flags"
    )
    flag = RedFlag.objects.get(flag="RF01")
    flags.acknowledge(flag, by=physician, action="Sent to the ER by ambulance")
    flags.close(flag, by=physician, note="MRI clear")
    text = part(written(complaint, physician, draft), "Red flags")
    assert "Action by Dr Okafor: Sent to the ER by ambulance" in text
    assert "Closed by Dr Okafor: MRI clear" in text


def test_the_checklist_shows_its_reasons_and_no_percentage(complaint, physician):
    text = with_findings(complaint, physician, slump__left="present")
    title = "Low-back origin checklist"
    checklist = part(text, title)
    assert "(TRANSPARENT, UNVALIDATED)" in text
    assert "+2 Slump test reproduces the symptom" in checklist
    assert (
        "From: Slump reproduces it, easing the neck changes it left: yes" in checklist
    )
    assert "Points for the low back: 2 = nerve tension 2 (at most 3)" in checklist
    assert "Missing: whether pain radiates below the knee" in checklist
    assert "Not recorded:" not in checklist
    assert "%" not in text


def test_the_checklist_says_where_a_cap_cuts_and_what_disagrees(complaint, physician):
    tension = {"slr__left": "present", "slump__left": "present"}
    foot = {"foot_reproduced__left": "absent", "windlass__left": "present"}
    cells = {**tension, **foot, "crossed_slr__left": "present"}
    checklist = part(
        with_findings(complaint, physician, **cells), "Low-back origin checklist"
    )
    assert "nerve tension 3 (5 given, at most 3)" in checklist
    assert "Points for other sources: the heel itself 2 (at most 4)" in checklist
    assert "yet recorded as positive: Windlass reproduces the heel pain" in checklist


def test_an_open_emergency_shuts_the_checklist(complaint, physician):
    cells = {"RF01": "present", "slump__left": "present"}
    text = with_findings(complaint, physician, **cells)
    checklist = part(text, "Low-back origin checklist")
    assert checklist == "Act on the red flag first. The checklist is paused."


def test_a_shoulder_has_no_checklist(patient, physician):
    shoulder = factories.make_complaint(patient, pain_site="shoulder")
    text = with_findings(shoulder, physician, arm_numbness__left="present")
    assert "checklist" not in text.lower()


def test_the_ledger_says_what_speaks_for_and_against(complaint, physician):
    first = ledger.name_source(complaint, by=physician, source="plantar_fascia")
    ledger.name_source(complaint, by=physician, source="root_s1", certainty="probable")
    Evidence.objects.create(
        clinic=complaint.clinic,
        hypothesis=first,
        stance="against",
        kind="other",
        label="windlass – no pain ≥ 3°",
    )
    text = part(written(complaint, physician), "Source ledger")
    assert text.index("S1 nerve root, left, probable, by Dr Okafor.") < text.index(
        "Plantar fascia, left, suspected, by Dr Okafor. Against: windlass - no pain >="
    )
    SourceHypothesis.objects.filter(pk=first.pk).update(superseded_on=date(2026, 1, 2))
    assert "replaced 2 Jan 2026" in written(complaint, physician)


def test_a_diagnosis_stands_with_side_role_certainty_and_release(complaint, physician):
    diagnoses.diagnose(complaint, by=physician, code="M54.16", certainty="confirmed")
    text = part(written(complaint, physician), "Diagnoses")
    assert text.startswith("M54.16 Radiculopathy, lumbar region")
    assert "source of the pain; confirmed; ICD-10-CM April 2026; recorded" in text


def test_a_diagnosis_entered_in_error_is_left_out(complaint, physician):
    made = diagnoses.diagnose(complaint, by=physician, code="M54.16")
    type(made).objects.update(status="entered_in_error")
    assert part(written(complaint, physician), "Diagnoses") == "None recorded."


def test_a_study_is_told_with_its_steps_and_result(complaint, physician):
    made = Study.objects.create(
        clinic=complaint.clinic,
        complaint=complaint,
        kind="mri",
        region="lumbar_spine",
        levels=["L5-S1"],
        side="left",
        state="received",
        ordered_on=date(2026, 3, 2),
        performed_on=date(2026, 3, 9),
        received_on=date(2026, 3, 10),
        due_on=date(2026, 3, 12),
        results=["disc_extrusion"],
        report="Large disc at L5-S1,\ncompresses S1.",
    )
    text = part(written(complaint, physician), "Studies")
    assert text.startswith("MRI of lumbar spine: ordered 2 Mar 2026, done 9 Mar")
    assert "Result: disc extrusion (L5-S1 left)." in text
    assert "| compresses S1." in text
    Study.objects.filter(pk=made.pk).update(state="entered_in_error", due_on=None)
    assert part(written(complaint, physician), "Studies") == "None ordered."


def test_evidence_that_was_entered_in_error_says_so(complaint, physician):
    draft = factories.make_evaluation(complaint, slump__left="present")
    held = ledger.name_source(complaint, by=physician, source="root_s1")
    Evidence.objects.create(
        clinic=complaint.clinic,
        hypothesis=held,
        stance="for",
        kind="finding",
        label="slump, left",
        finding=draft.findings.get(),
    )
    assert "For: slump, left.\n" in written(complaint, physician)
    evaluations.enter_in_error(draft, by=physician, reason="Another patient")
    assert "For: slump, left (entered in error since)." in written(complaint, physician)


def test_the_clock_runs_in_the_note_until_it_is_stopped(complaint, physician):
    draft = factories.make_evaluation(complaint, foot_drop__left="present")
    clock_line = part(written(complaint, physician, draft), "Early-intervention clock")
    assert re.fullmatch(r"Foot drop since \d+ \w+ \d+: day 0, running\.", clock_line)
    complaint.refresh_from_db()
    early_intervention.stop(complaint, by=physician, reason="Full strength")
    assert ": Full strength" in written(complaint, physician)


def test_no_line_is_too_long_and_every_sign_is_plain(complaint, physician):
    draft = evaluations.start(complaint, by=physician)
    for block in ("reflexes", "strength", "sensation", "motion", "tension", "central"):
        evaluations.mark_normal(draft, by=physician, block=block)
    odd = "“Très” — piqûre… 5 ≥ 3 \u00a0\u2009 😀 https://example.org/" + "y" * 200
    entries = {("story", "none"): Entry(odd), ("lumbar_flexion", "none"): Entry("40")}
    evaluations.record(draft, by=physician, entries=entries)
    text = written(complaint, physician, draft)
    assert max(map(len, text.splitlines())) <= WIDTH
    strange = {c for c in text if not c.isascii() and not c.isalpha()}
    assert strange == set()
    assert '"Très" - piqûre... 5 >= 3 ?' in text


def test_a_signed_note_names_the_signer_and_a_draft_says_so(complaint, physician):
    draft = factories.make_evaluation(complaint)
    assert "DRAFT, NOT SIGNED." in written(complaint, physician, draft)
    evaluations.sign(draft, by=physician)
    assert "Signed by Dr Okafor, " in written(complaint, physician, draft)
    evaluations.enter_in_error(draft, by=physician, reason="Wrong patient")
    assert "ENTERED IN ERROR, COUNTS NOWHERE: Wrong p" in written(
        complaint, physician, draft
    )


def test_a_longer_record_takes_no_more_queries(
    complaint, physician, django_assert_num_queries
):
    draft = factories.make_evaluation(complaint, RF01="present", RF02="present")
    for source in ("root_l5", "root_s1", "disc"):
        held = ledger.name_source(complaint, by=physician, source=source)
        Evidence.objects.create(
            clinic=complaint.clinic,
            hypothesis=held,
            stance="for",
            kind="other",
            label="x",
        )
    with django_assert_num_queries(10):
        note.text(note.load(complaint, draft, physician))


def test_of_a_merged_record_the_kept_one_is_named(complaint, physician, clinic):
    kept = factories.make_patient(clinic, given_name="Kept", email="")
    merging.merge(kept, merged=complaint.patient, reason="Same person", by=physician)
    text = written(complaint, physician)
    assert f"Patient: {kept}, MRN {kept.mrn}" in text


def test_the_page_shows_the_newest_evaluation_or_the_one_asked_for(
    at_work, complaint, physician
):
    address = reverse("patients:note", args=[complaint.pk])
    first = factories.make_evaluation(complaint, knee_jerk__left="1")
    evaluations.sign(first, by=physician)
    second = factories.make_evaluation(complaint, knee_jerk__left="3")
    assert "Knee jerk, left: 3 brisk" in at_work.get(address).content.decode()
    evaluations.enter_in_error(second, by=physician, reason="Wrong patient")
    assert "Knee jerk, left: 1 reduced" in at_work.get(address).content.decode()
    page = at_work.get(address, {"evaluation": second.pk}).content.decode()
    assert "ENTERED IN ERROR" in page


@pytest.mark.parametrize(
    "asked", ["nonsense", "\x00", "00000000-0000-0000-0000-000000"]
)
def test_an_unknown_evaluation_is_not_found(at_work, complaint, asked):
    address = reverse("patients:note", args=[complaint.pk])
    assert at_work.get(address, {"evaluation": asked}).status_code == 404


def test_an_evaluation_of_another_complaint_is_not_found(at_work, complaint, patient):
    other = factories.make_evaluation(factories.make_complaint(patient))
    address = reverse("patients:note", args=[complaint.pk])
    assert at_work.get(address, {"evaluation": other.pk}).status_code == 404


def test_reading_the_note_is_on_record(at_work, complaint, physician):
    draft = factories.make_evaluation(complaint)
    at_work.get(reverse("patients:note", args=[complaint.pk]))
    event = AuditEvent.objects.get(action="note.read")
    assert event.facts == {"evaluation": str(draft.pk), "form": "page"}


def test_the_file_is_plain_text_and_on_record(at_work, complaint):
    reply = at_work.get(reverse("patients:note_file", args=[complaint.pk]))
    assert reply.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert reply.headers["Content-Disposition"].startswith("attachment")
    assert reply.content.startswith(b"EVALUATION NOTE\r\n")
    assert AuditEvent.objects.get(action="note.read").facts["form"] == "file"


def test_what_a_patient_wrote_stays_text_on_the_page(at_work, complaint):
    factories.make_evaluation(complaint, story="</textarea><script>alert(1)</script>")
    page = at_work.get(reverse("patients:note", args=[complaint.pk])).content.decode()
    assert "<script>alert" not in page
