from datetime import UTC, date, datetime, timedelta

import pytest

from clinic import access, audit, clock
from clinic.models import AuditEvent, Location
from patients.appointments.elsewhere import ElsewhereError
from patients.models import Appointment
from patients.record import merging, registration
from tests import factories
from tests.patients.appointments.schedules import row, schedule, take_in

pytestmark = pytest.mark.django_db
Status, Kind = Appointment.Status, Appointment.Kind


@pytest.fixture
def marta(clinic):
    return factories.make_patient(clinic, mrn="M1")


def one(clinic, **about):
    return Appointment.objects.get(clinic=clinic, **about)


def why(found):
    return {line.number: line.why for line in found.refused}


def test_a_schedule_becomes_the_days_appointments(clinic, marta, physician):
    text = schedule(clinic, row(clinic, "A1", "m1", "2:30 PM", **{"with": "Okafor MD"}))
    found = take_in(clinic, text)
    kept = one(clinic)
    assert found.counts == {"new": 1, "changed": 0, "same": 0, "refused": 0}
    assert (kept.patient, kept.identifier, kept.mrn) == (marta, "A1", "m1")
    assert kept.day == clock.today(clinic.zone)
    assert clock.day_of(kept.starts_at, clinic.zone) == kept.day
    assert kept.ends_at - kept.starts_at == timedelta(minutes=30)
    assert (kept.status, kept.kind) == (Status.BOOKED, Kind.PROCEDURE)
    assert (kept.practitioner, kept.practitioner_name) == (physician, "")
    assert kept.description == "PRP knee"


def test_the_same_file_twice_changes_nothing(clinic, marta):
    text = schedule(clinic, ("A1", "M1", "09:20"))
    take_in(clinic, text)
    before = Appointment.objects.values().get()
    assert take_in(clinic, text).counts["same"] == 1
    assert Appointment.objects.values().get() == before


def test_a_new_time_and_state_come_with_the_next_file(clinic, marta):
    take_in(clinic, schedule(clinic, ("A1", "M1", "09:20")))
    moved = row(clinic, "A1", "M1", "10:40", status="Checked In")
    found = take_in(clinic, schedule(clinic, moved))
    kept = one(clinic)
    assert kept.status == Status.ARRIVED
    assert f"{kept.starts_at.astimezone(UTC):%M}" == "40"
    assert set(found.lines[0].changed) == {"status", "starts_at", "ends_at"}


def test_another_source_numbers_for_itself(clinic, marta):
    text = schedule(clinic, ("A1", "M1", "09:20"))
    take_in(clinic, text)
    assert take_in(clinic, text, source="other").counts["new"] == 1
    assert Appointment.objects.count() == 2


def test_who_is_not_registered_is_kept_and_finds_their_patient_later(clinic):
    found = take_in(clinic, schedule(clinic, ("A1", "new-7", "09:20")))
    assert [each.mrn for each in found.unmatched] == ["new-7"]
    assert one(clinic).patient is None
    later = factories.make_patient(clinic, mrn="NEW-7")
    assert one(clinic).patient == later


def test_a_corrected_number_finds_its_appointment(clinic, marta):
    take_in(clinic, schedule(clinic, ("A1", "M99", "09:20")))
    registration.update(marta, by=audit.SYSTEM, mrn="M99")
    assert one(clinic).patient == marta


def test_a_merged_record_leads_to_the_kept_one(clinic, marta, admin):
    kept = factories.make_patient(clinic)
    merging.merge(kept, merged=marta, reason="same card", by=admin)
    found = take_in(clinic, schedule(clinic, ("A1", "M1", "09:20")))
    assert one(clinic).patient.kept == kept
    assert found.patients == {kept.pk}


def test_somebody_of_another_clinic_is_nobody_here(clinic, other_clinic):
    factories.make_patient(other_clinic, mrn="M1")
    take_in(clinic, schedule(clinic, ("A1", "M1", "09:20")))
    assert one(clinic).patient is None


def test_bad_rows_are_refused_by_number_and_reason_and_the_rest_goes_in(clinic, marta):
    today = clock.today(clinic.zone)
    text = schedule(
        clinic,
        f"A1,M1,31/31/{today.year},09:20,30,Scheduled,Visit,",
        ("A2", "", "09:20"),
        row(clinic, "A3", "M1", "25:99"),
        row(clinic, "A4", "M1", "09:20", status="Xyzzy"),
        row(clinic, "A5", "M1", "09:20", minutes="soon"),
        ("A6", "M1", "09:40"),
        ("A6", "M1", "11:00"),
        "A7,M1,too few",
        ("", "M1", "12:00"),
    )
    found = take_in(clinic, text)
    assert {number: said.split(";")[0] for number, said in why(found).items()} == {
        2: f"“31/31/{today.year}” is not a day written as MM/DD/YYYY.",
        3: "MRN is empty",
        4: "“25:99” is not a time such as 14:30 or 2:30 PM.",
        5: "Status “Xyzzy” is none that we know. Say what it means, or correct the "
        "cell.",
        6: "“soon” is not a number of minutes.",
        8: "Appointment A6 stands in row 7 already",
        9: "The row has 3 cells and the first row has 8",
        10: "Appointment number is empty",
    }
    assert one(clinic).identifier == "A6"


def test_an_end_before_the_start_is_refused(clinic, marta):
    text = "Appt ID,MRN,Start,End\nA1,M1,{0} 10:00,{0} 09:30\n"
    found = take_in(clinic, text.format(clock.today(clinic.zone)))
    assert why(found) == {
        2: f"It ends (“{clock.today(clinic.zone)} 09:30”) before it starts."
    }


def test_an_end_may_be_a_time_alone(clinic, marta):
    text = f"Appt ID,MRN,Start,End\nA1,M1,{clock.today(clinic.zone)}T10:00,10:45\n"
    take_in(clinic, text)
    assert one(clinic).ends_at - one(clinic).starts_at == timedelta(minutes=45)


def test_what_a_newer_file_leaves_out_is_named_and_stays(clinic, marta):
    take_in(clinic, schedule(clinic, ("A1", "M1", "09:20"), ("A2", "M1", "10:00")))
    found = take_in(clinic, schedule(clinic, ("A2", "M1", "10:00")))
    assert [each.identifier for each in found.missing] == ["A1"]
    assert one(clinic, identifier="A1").status == Status.BOOKED


def test_what_is_left_out_is_cancelled_on_demand_and_booked_again(clinic, marta):
    both = schedule(clinic, ("A1", "M1", "09:20"), ("A2", "M1", "10:00"))
    take_in(clinic, both)
    rest = schedule(clinic, ("A2", "M1", "10:00"))
    take_in(clinic, rest, cancels_missing=True)
    assert one(clinic, identifier="A1").status == Status.CANCELLED
    take_in(clinic, both)
    assert one(clinic, identifier="A1").status == Status.BOOKED


def test_a_file_of_another_day_takes_nothing_away(clinic, marta):
    take_in(clinic, schedule(clinic, ("A1", "M1", "09:20")))
    tomorrow = clock.today(clinic.zone) + timedelta(days=1)
    later = row(clinic, "B1", "M1", "09:20", day=tomorrow)
    found = take_in(clinic, schedule(clinic, later), cancels_missing=True)
    assert found.missing == []
    assert one(clinic, identifier="A1").status == Status.BOOKED


def test_a_refused_row_is_no_appointment_that_is_gone(clinic, marta):
    take_in(clinic, schedule(clinic, ("A1", "M1", "09:20"), ("A2", "M1", "10:00")))
    text = schedule(clinic, ("A1", "M1", "nine"), ("A2", "M1", "10:00"))
    found = take_in(clinic, text, cancels_missing=True)
    assert found.missing == []
    assert one(clinic, identifier="A1").status == Status.BOOKED


def test_another_clinics_file_is_refused_as_a_whole(clinic, marta):
    text = schedule(clinic, *((f"A{n}", f"M{n}", "09:20") for n in range(1, 6)))
    with pytest.raises(ElsewhereError, match="of 5 MRNs only 1 is known here"):
        take_in(clinic, text)
    assert not Appointment.objects.exists()


def test_it_is_taken_in_once_somebody_says_that_it_is_ours(clinic, marta):
    text = schedule(clinic, *((f"A{n}", f"M{n}", "09:20") for n in range(1, 6)))
    found = take_in(clinic, text, takes_unknown=True)
    assert (found.counts["new"], len(found.unmatched)) == (5, 4)


def test_half_of_them_known_is_enough_and_four_say_nothing(clinic, marta):
    for number in (2, 3):
        factories.make_patient(clinic, mrn=f"M{number}")
    six = [(f"A{n}", f"M{n}", "09:20") for n in range(1, 7)]
    assert take_in(clinic, schedule(clinic, *six)).counts["new"] == 6
    four = [(f"B{n}", f"Y{n}", "09:20") for n in range(4)]
    assert take_in(clinic, schedule(clinic, *four)).counts["new"] == 4


def test_a_column_that_names_another_clinic_refuses_the_file(clinic, marta):
    text = "Appt ID,MRN,Start,Clinic\nA1,M1,{} 10:00,{}\n"
    today = clock.today(clinic.zone)
    with pytest.raises(ElsewhereError, match="Harborside Regenerative"):
        take_in(clinic, text.format(today, "Harborside Regenerative"))
    assert take_in(clinic, text.format(today, clinic.name.upper())).counts["new"] == 1


def test_a_place_of_ours_is_kept_and_an_unknown_one_is_named(clinic, marta):
    north = Location.objects.create(clinic=clinic, name="North Office")
    text = (
        "Appt ID,MRN,Start,Site\nA1,M1,{0} 10:00,north office\nA2,M1,{0} 11:00,Moon\n"
    )
    found = take_in(clinic, text.format(clock.today(clinic.zone)))
    assert one(clinic, identifier="A1").location == north
    assert one(clinic, identifier="A2").location is None
    assert found.unknown_locations == {"Moon": 1}


def test_a_practitioner_who_is_no_member_is_kept_as_a_name(clinic, marta):
    text = schedule(
        clinic, row(clinic, "A1", "M1", "09:20", **{"with": "Dr Elsewhere"})
    )
    take_in(clinic, text)
    assert (one(clinic).practitioner, one(clinic).practitioner_name) == (
        None,
        "Dr Elsewhere",
    )


def test_what_a_file_does_not_say_stays(clinic, marta, physician):
    take_in(
        clinic,
        schedule(clinic, row(clinic, "A1", "M1", "09:20", **{"with": physician.email})),
    )
    bare = f"Appt ID,MRN,Date,Time\nA1,M1,{clock.today(clinic.zone)},09:20\n"
    take_in(clinic, bare)
    kept = one(clinic)
    assert (kept.practitioner, kept.kind, kept.description) == (
        physician,
        Kind.PROCEDURE,
        "PRP knee",
    )


def test_times_are_the_clinics_own(clinic, marta):
    text = "Appt ID,MRN,Start\nA1,M1,{0}T09:00\nA2,M1,{0}T09:00:00+02:00\n"
    take_in(clinic, text.format("2026-07-01"))
    assert one(clinic, identifier="A1").starts_at == datetime(
        2026, 7, 1, 14, tzinfo=UTC
    )
    assert one(clinic, identifier="A2").starts_at == datetime(2026, 7, 1, 7, tzinfo=UTC)
    assert one(clinic, identifier="A2").day == date(2026, 7, 1)


def test_an_import_is_on_record_without_names(clinic, marta, admin):
    take_in(clinic, schedule(clinic, ("A1", "M1", "09:20")), by=admin)
    event = AuditEvent.objects.get(action="appointments.imported")
    assert event.actor == admin
    assert event.facts["counts"]["new"] == 1
    assert event.subjects.get().patient_id == marta.pk
    assert "Fennimore" not in str(event.facts)


def test_queries_do_not_grow_with_the_rows(clinic, django_assert_max_num_queries):
    for number in range(40):
        factories.make_patient(clinic, mrn=f"M{number}")
    rows = [(f"A{n}", f"M{n}", "09:20") for n in range(40)]
    with django_assert_max_num_queries(14):
        take_in(clinic, schedule(clinic, *rows))
    moved = [(f"A{n}", f"M{n}", "09:40") for n in range(40)]
    with django_assert_max_num_queries(14):
        assert take_in(clinic, schedule(clinic, *moved)).counts["changed"] == 40


def test_only_members_match_a_practitioner(clinic, other_clinic, marta):
    stranger = factories.make_user(other_clinic, access.Role.PROVIDER, name="Dr Far")
    text = schedule(
        clinic, row(clinic, "A1", "M1", "09:20", **{"with": stranger.email})
    )
    take_in(clinic, text)
    assert one(clinic).practitioner is None
