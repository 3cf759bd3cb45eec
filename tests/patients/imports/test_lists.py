"""A list goes in through the verbs of the pages, once, row by row."""

from datetime import date, timedelta

import pytest

from clinic import audit, clock
from clinic.models import AuditEvent
from patients.models import Patient
from patients.record import consents, leaving, merging, registration
from patients.record.imports import files, runs, work
from tests import factories
from tests.patients.imports.running import (
    HEADER,
    LIST,
    ROWS,
    bring_in,
    counts,
    mapping_of,
    receive,
    why,
)

pytestmark = pytest.mark.django_db


def row(mrn="A9", first="Rosa", last="Delgado", born="1961-07-02", rest="F,,,en"):
    return f"{mrn},{first},{last},{born},{rest}\n"


def pair():
    return (Patient.objects.get(mrn=mrn) for mrn in ("K1", "O1"))


def contact(patient, system):
    return patient.contact_points.get(system=system).value


def test_a_list_is_registered_as_the_page_would(clinic, admin):
    run = bring_in(clinic, LIST, by=admin)
    assert (run.state, counts(run)) == ("finished", {"new": 3})
    rosa = Patient.objects.get(mrn="A1")
    assert (str(rosa), rosa.birth_date, rosa.sex) == (
        *("Rosa Delgado", date(1961, 7, 2), "female"),
    )
    assert (rosa.language, rosa.origin) == ("es", "care")
    assert contact(rosa, "email") == "rosa@example.org"
    registered = AuditEvent.objects.filter(action="patient.registered", actor=admin)
    assert registered.count() == 3
    assert Patient.objects.search("delg").count() == 1


def test_the_same_list_twice_changes_nothing(clinic):
    bring_in(clinic, LIST)
    before = AuditEvent.objects.filter(action__startswith="patient.").count()
    assert counts(bring_in(clinic, LIST)) == {"same": 3}
    assert AuditEvent.objects.filter(action__startswith="patient.").count() == before


def test_only_what_changed_is_updated(clinic):
    bring_in(clinic, LIST)
    changed = LIST.replace("A1,Rosa,Delgado", "a1,Rosa,Delgado-Ruiz")
    assert counts(bring_in(clinic, changed)) == {"changed": 1, "same": 2}
    rosa = Patient.objects.get(mrn="A1")
    assert rosa.family_name == "Delgado-Ruiz"
    event = AuditEvent.objects.get(action="patient.updated")
    assert event.facts["changed"] == ["family_name"]


def test_an_empty_cell_takes_nothing_away(clinic):
    bring_in(clinic, LIST)
    bare = HEADER + "A1,,Delgado,1961-07-02,,,,\n"
    assert counts(bring_in(clinic, bare)) == {"same": 1}


def test_the_spelling_of_a_number_or_address_is_no_change(clinic):
    bring_in(clinic, LIST)
    spelled = LIST.replace("312-555-0101", "(312) 555 0101").replace("rosa@", "Rosa@")
    assert counts(bring_in(clinic, spelled)) == {"same": 3}


def test_a_refused_row_is_told_and_the_rest_goes_in(clinic):
    run = bring_in(
        clinic, LIST + row("A4", born="2190-01-01") + row("A5", last="Quill")
    )
    assert counts(run) == {"new": 4, "refused": 1}
    assert why(run) == {5: "1 Jan 2190 is in the future."}
    [refused] = run.refused_rows.all()
    assert refused.problems[0]["field"] == "birth_date"
    assert refused.cells[0] == "A4"


@pytest.mark.parametrize(
    ("cells", "field", "said"),
    [
        (row(born="1899-12-31"), "birth_date", "1900 or later"),
        (row(mrn="M" * 41), "mrn", "at most 40 characters"),
        (row(last="x" * 81), "family_name", "at most 80 characters"),
        (row(rest="F,nobody,,en"), "email", "valid email"),
        (row(rest="F,,12,en"), "phone", "not a phone number"),
        (row(rest="F,,,French"), "language", "none of ours (English, Spanish)"),
        (row(born="30/02/1990"), "birth_date", "is not a day"),
        (row(mrn=""), "mrn", "MRN is empty"),
        (row(mrn="A\0".replace("\0", "\x01")), "mrn", "cannot be read"),
        (row(first="Ida \u202enaiD"), "given_name", "cannot be read"),
    ],
)
def test_a_row_at_fault_names_the_field_and_what_to_do(clinic, cells, field, said):
    run = bring_in(clinic, HEADER + cells)
    [problem] = run.refused_rows.get().problems
    assert (problem["field"], said in problem["problem"]) == (field, True), problem
    assert not Patient.objects.exists()


def test_all_faults_of_a_row_are_named_at_once(clinic):
    header = HEADER.replace("\n", ",Consent\n")
    run = bring_in(
        clinic, header + "A9,Rosa,Delgado,1961-07-02,Q,nobody,12,en,perhaps\n"
    )
    named = {problem["field"] for problem in run.refused_rows.get().problems}
    assert named == {"sex", "email", "phone", "may_contact"}


def test_the_same_mrn_again_is_refused_naming_the_first_row(clinic):
    run = bring_in(clinic, LIST + row("a1", "Rosa", "Delgado"))
    assert "MRN a1 stands in row 2 already" in why(run)[5]


def test_a_formula_in_a_name_stays_a_text(clinic):
    bring_in(clinic, HEADER + row("A1", '"=HYPERLINK(""x"")"', "Delgado"))
    assert Patient.objects.get().given_name == '=HYPERLINK("x")'


def test_a_likely_duplicate_is_refused_and_named(clinic):
    patient = factories.make_patient(clinic, given_name="Rosa", family_name="Delgado")
    born = patient.birth_date.isoformat()
    run = bring_in(clinic, HEADER + row("A9", "Rosa", "Delgado", born))
    assert f"is here already with MRN {patient.mrn}" in why(run)[2]
    [problem] = run.refused_rows.get().problems
    assert problem["patient"] == str(patient.pk)


def test_a_likely_duplicate_is_registered_where_that_was_decided(clinic):
    patient = factories.make_patient(clinic, given_name="Rosa", family_name="Delgado")
    born = patient.birth_date.isoformat()
    text = HEADER + row("A9", "Rosa", "Delgado", born)
    assert counts(bring_in(clinic, text, registers_twins=True)) == {"new": 1}


def test_two_rows_of_one_person_with_two_numbers_are_told(clinic):
    run = bring_in(clinic, HEADER + row("A1") + row("A2"))
    assert counts(run) == {"new": 1, "refused": 1}
    assert "is here already with MRN A1" in why(run)[3]


def test_another_persons_mrn_overwrites_nobody(clinic):
    patient = factories.make_patient(clinic, mrn="A1", given_name="Ada")
    run = bring_in(clinic, HEADER + row("A1"))
    assert f"MRN A1 belongs to {patient}" in why(run)[2]
    patient.refresh_from_db()
    assert patient.given_name == "Ada"


def test_a_corrected_birth_date_is_taken(clinic):
    bring_in(clinic, HEADER + row("A1"))
    run = bring_in(clinic, HEADER + row("A1", born="1961-02-07"))
    assert counts(run) == {"changed": 1}


def test_without_an_mrn_name_and_birth_date_tell_who_it_is(clinic):
    text = HEADER + row("") + row("", "Ida", "Quill")
    first = bring_in(clinic, text, without_mrn="number")
    again = bring_in(clinic, text, without_mrn="number")
    assert (counts(first), counts(again)) == ({"new": 2}, {"same": 2})
    assert sorted(p.mrn for p in Patient.objects.all()) == ["M100001", "M100002"]


def test_without_an_mrn_two_of_one_name_are_nobodys_guess(clinic):
    text = HEADER + row("A1") + row("A2")
    bring_in(clinic, text, registers_twins=True)
    run = bring_in(clinic, HEADER + row(""), without_mrn="number")
    assert "2 patients have this name and birth date" in why(run)[2]


def test_the_number_of_a_merged_record_leads_to_the_one_that_was_kept(clinic):
    kept = factories.make_patient(clinic, mrn="A2", given_name="Rosa", email="")
    other = factories.make_patient(clinic, mrn="A1")
    Patient.objects.filter(pk=other.pk).update(merged_into=kept)
    text = HEADER + row("A1", "Rosa", kept.family_name, str(kept.birth_date))
    assert counts(bring_in(clinic, text)) == {"same": 1}
    kept.refresh_from_db()
    assert kept.mrn == "A2"


def test_a_row_of_a_merged_record_overwrites_nothing(clinic):
    text = HEADER + row("K1", "Marta", "Quispe") + row("O1", "Martha", "Quispe-Roca")
    bring_in(clinic, text, registers_twins=True)
    kept, other = pair()
    merging.merge(kept, merged=other, reason="same card", by=audit.SYSTEM)
    for _ in range(2):
        assert counts(bring_in(clinic, text)) == {"same": 2}
    nameless = HEADER + row("", "Martha", "Quispe-Roca")
    assert counts(bring_in(clinic, nameless, without_mrn="number")) == {"same": 1}
    kept.refresh_from_db()
    assert str(kept) == "Marta Quispe"


CONSENT = "MRN,Last name,Date of birth,Email,Consent\n"


def may_contact(mrn="A1"):
    patient = Patient.objects.get(mrn=mrn)
    points = patient.contact_points.filter(system="email")
    return any(point.may_contact for point in points)


def test_a_consent_comes_in_with_the_address(clinic):
    bring_in(clinic, CONSENT + "A1,Tannen,1957-03-14,ida@example.org,yes\n")
    assert may_contact()


def test_a_consent_without_an_address_is_the_same_each_time(clinic):
    text = CONSENT + "A1,Tannen,1957-03-14,,yes\n"
    assert counts(bring_in(clinic, text)) == {"new": 1}
    assert counts(bring_in(clinic, text)) == {"same": 1}


def test_a_list_brings_no_consent_back_that_was_taken_away(clinic):
    text = CONSENT + "A1,Tannen,1957-03-14,ida@example.org,yes\n"
    bring_in(clinic, text)
    patient = Patient.objects.get(mrn="A1")
    registration.update(patient, by=audit.SYSTEM, may_contact=False)
    assert counts(bring_in(clinic, text)) == {"same": 1}
    assert not may_contact()


def test_a_list_takes_a_consent_away(clinic):
    text = CONSENT + "A1,Tannen,1957-03-14,ida@example.org,{}\n"
    bring_in(clinic, text.format("yes"))
    assert counts(bring_in(clinic, text.format("no"))) == {"changed": 1}
    assert not may_contact()


CONSENTS = CONSENT + "K1,Tannen,1957-03-14,ida@example.org,{}\n"
CONSENTS += "O1,Roca,1957-03-14,ida@example.org,{}\n"


def test_a_no_in_the_row_of_a_merged_record_is_heard(clinic):
    bring_in(clinic, CONSENTS.format("yes", "yes"))
    kept, other = pair()
    merging.merge(kept, merged=other, reason="same card", by=audit.SYSTEM)
    text = CONSENTS.format("yes", "no")
    assert counts(bring_in(clinic, text)) == {"same": 1, "changed": 1}
    assert not may_contact("K1")
    assert counts(bring_in(clinic, text)) == {"same": 2}
    assert not may_contact("K1")


def test_a_yes_in_a_list_does_not_outdo_a_no_of_a_merged_record(clinic):
    bring_in(clinic, CONSENTS.format("", "yes"))
    kept, other = pair()
    consents.withdraw(other, by=audit.SYSTEM, scope="email")
    merging.merge(kept, merged=other, reason="same card", by=audit.SYSTEM)
    assert counts(bring_in(clinic, CONSENTS.format("yes", "yes"))) == {"same": 2}
    assert not may_contact("K1")


def test_a_yes_in_a_list_is_none_of_the_dead(clinic):
    patient = factories.make_patient(clinic, mrn="A1", may_contact=False)
    leaving.record_death(patient, by=audit.SYSTEM)
    text = CONSENT + f"A1,{patient.family_name},{patient.birth_date},,yes\n"
    assert counts(bring_in(clinic, text)) == {"same": 1}
    assert not may_contact()


def test_a_consent_comes_in_for_whom_nobody_has_asked(clinic):
    patient = factories.make_patient(clinic, mrn="A1", may_contact=False)
    born = patient.birth_date
    text = CONSENT + f"A1,{patient.family_name},{born},,yes\n"
    assert counts(bring_in(clinic, text)) == {"changed": 1}
    assert may_contact()


BESIDE = (
    "MRN,Last name,Date of birth,Guardian,Guardian phone,Relationship,Referred by,PCP\n"
)


def test_who_is_beside_the_patient_comes_along_once(clinic):
    text = BESIDE + "A1,Tannen,{},Eva Tannen,312 555 0104,Mother,Dr Ames,Dr Bell\n"
    text = text.format(clock.today(clinic.zone) - timedelta(days=3000))
    assert counts(bring_in(clinic, text)) == {"new": 1}
    patient = Patient.objects.get()
    guardian = patient.caregivers.get()
    assert (guardian.name, guardian.relationship, guardian.is_guardian) == (
        *("Eva Tannen", "parent", True),
    )
    clinicians = patient.outside_clinicians.values_list("role", "name")
    assert set(clinicians) == {("referrer", "Dr Ames"), ("primary_care", "Dr Bell")}
    assert counts(bring_in(clinic, text)) == {"same": 1}


def test_under_18_a_guardian_is_needed_as_on_the_page(clinic):
    born = clock.today(clinic.zone) - timedelta(days=3000)
    run = bring_in(clinic, BESIDE + f"A1,Tannen,{born},,,,,\n")
    [problem] = run.refused_rows.get().problems
    assert problem["field"] == "caregiver_name"
    assert "Under 18 a guardian is needed" in problem["problem"]


def test_a_list_replaces_nobody_who_looks_after_the_patient(clinic):
    text = BESIDE + "A1,Tannen,1957-03-14,{},,,Dr Ames,\n"
    bring_in(clinic, text.format("Eva Tannen"))
    assert counts(bring_in(clinic, text.format("Otto Tannen"))) == {"same": 1}


def test_what_is_on_file_of_a_clinician_of_that_name_stays(clinic):
    patient = factories.make_patient(
        clinic, mrn="A1", referrer={"name": "Dr Ames", "practice": "Harbor"}
    )
    row = f"A1,{patient.family_name},{patient.birth_date},,,,{{}},\n"
    assert counts(bring_in(clinic, BESIDE + row.format("dr ames"))) == {"same": 1}
    assert counts(bring_in(clinic, BESIDE + row.format("Dr Bell"))) == {"changed": 1}
    clinician = patient.outside_clinicians.get()
    assert (clinician.name, clinician.practice) == ("Dr Bell", "")


def test_what_runs_leave_in_the_audit_names_nobody(clinic, admin):
    run = bring_in(clinic, LIST + row("A4", "Xenia", "Oberlin", "2190-01-01"), by=admin)
    events = AuditEvent.objects.filter(action__startswith="patient_import.")
    assert [event.action for event in events.order_by("id")] == [
        "patient_import.received",
        "patient_import.confirmed",
        "patient_import.finished",
    ]
    said = str([event.facts for event in events])
    for name in ("Rosa", "Delgado", "Oberlin", "list.csv"):
        assert name not in said
    assert events.latest("id").facts["counts"] == run.counts


def test_another_clinics_patient_is_nobody_here(clinic, other_clinic):
    factories.make_patient(other_clinic, mrn="A1")
    assert counts(bring_in(clinic, LIST)) == {"new": 3}


def test_a_list_is_read_as_the_last_one_with_these_columns(clinic):
    bring_in(clinic, HEADER + ROWS, words={"sex": {"2": "female"}})
    again = receive(clinic, HEADER + ROWS)
    assert again.mapping["words"] == {"sex": {"2": "female"}}


def test_leave_to_register_twins_is_given_for_one_list_only(clinic):
    bring_in(clinic, LIST, registers_twins=True)
    assert not receive(clinic, LIST).mapping["registers_twins"]


def test_a_mapping_without_what_is_needed_is_not_confirmed(clinic):
    run = receive(clinic, LIST)
    chosen = mapping_of(run, columns={"family_name": "Last name"})
    with pytest.raises(Exception, match="Choose the column of the MRN") as told:
        runs.confirm(run, by=audit.SYSTEM, chosen=chosen)
    assert set(told.value.error_dict) == {"mrn", "birth_date"}


def test_more_refused_rows_than_are_kept_are_still_counted(clinic, monkeypatch):
    monkeypatch.setattr(work, "MOST_REFUSED_KEPT", 2)
    run = bring_in(clinic, HEADER + "".join(row(f"A{n}", born="x") for n in range(5)))
    assert counts(run) == {"refused": 5}
    assert run.refused_rows.count() == 2


def test_a_file_lies_where_only_its_owner_reads_and_goes_when_it_is_in(
    clinic, django_capture_on_commit_callbacks
):
    run = receive(clinic, LIST)
    path = files.path_of(run)
    assert path.stat().st_mode & 0o777 == 0o600
    assert files.folder().stat().st_mode & 0o777 == 0o700
    with django_capture_on_commit_callbacks(execute=True):
        runs.confirm(run, by=audit.SYSTEM, chosen=mapping_of(run))
        work.work_off(run.pk)
    assert not path.exists()


def test_what_nobody_confirms_goes_after_a_week(
    clinic, django_capture_on_commit_callbacks
):
    run = receive(clinic, LIST)
    path, now = files.path_of(run), clock.now()
    runs.tend(clinic, now=now + timedelta(days=6))
    assert path.exists()
    with django_capture_on_commit_callbacks(execute=True):
        runs.tend(clinic, now=now + timedelta(days=7, seconds=1))
    run.refresh_from_db()
    assert (run.state, path.exists()) == ("stopped", False)
    assert "Nobody confirmed it within 7 days" in run.error


def test_the_cells_of_refused_rows_are_forgotten_after_a_week(clinic):
    run = bring_in(clinic, HEADER + row(born="x"))
    runs.tend(clinic, now=clock.now() + timedelta(days=7, seconds=1))
    [refused] = run.refused_rows.all()
    assert (refused.cells, refused.why) == (
        [],
        "“x” is not a day written as YYYY-MM-DD.",
    )
    run.refresh_from_db()
    assert run.next_action_at is None


def test_what_a_killed_process_left_in_the_folder_is_swept(clinic):
    left = files.folder() / "upload-left"
    left.write_text("x")
    runs.tend(clinic, now=clock.now() + timedelta(days=8))
    assert not left.exists()
