from datetime import UTC, date, datetime, time, timedelta

import pytest

from clinic.reference_data import ReferenceDataError
from patients.appointments import kinds, known, mapping, mapping_file, sheets, times
from patients.appointments.fields import FIELDS
from patients.appointments.mapping import Mapping, RowReader
from patients.models import Appointment
from patients.record.imports.refusals import ImportFileError

TODAY = date(2026, 3, 12)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("09:20", time(9, 20)),
        ("9:20 AM", time(9, 20)),
        ("9:20pm", time(21, 20)),
        ("12:05 a.m.", time(0, 5)),
        ("12 PM", time(12)),
        ("0920", time(9, 20)),
        ("14.30", time(14, 30)),
        ("14:30:00", time(14, 30)),
        ("14h30", time(14, 30)),
    ],
)
def test_times_are_read_as_schedules_write_them(text, found):
    assert times.time_of(text) == found


@pytest.mark.parametrize("text", ["", "9", "25:00", "13:00 PM", "0:30 AM", "9:75", "x"])
def test_what_is_no_time_is_refused(text):
    with pytest.raises(ValueError, match="is not a time"):
        times.time_of(text)


@pytest.mark.parametrize(
    "text",
    ["03/12/2026 9:20 AM", "03/12/2026 09:20:00", "03/12/2026T09:20"],
)
def test_day_and_time_may_stand_in_one_cell(text):
    found = times.moment(text, "MM/DD/YYYY", "America/Chicago")
    assert found == datetime(2026, 3, 12, 14, 20, tzinfo=UTC)


def test_an_hour_that_the_clocks_leave_out_is_refused():
    with pytest.raises(ValueError, match="does not exist on 2026-03-08"):
        times.local(date(2026, 3, 8), time(2, 30), "America/Chicago")


@pytest.mark.parametrize(
    ("text", "minutes"), [("30", 30), ("45 min", 45), ("1:15", 75), ("20.0", 20)]
)
def test_lengths_are_minutes(text, minutes):
    assert times.length_of(text) == timedelta(minutes=minutes)


def test_a_day_that_fits_two_formats_is_read_as_the_nearer():
    assert times.guess_format(["12/03/2026"], TODAY) == "DD/MM/YYYY"
    assert times.guess_format(["03/12/2026"], TODAY) == "MM/DD/YYYY"
    assert times.guess_format(["3/12/26 9:20 AM"], TODAY) == "MM/DD/YY"


def test_a_year_far_away_is_a_slip():
    with pytest.raises(ValueError, match="too far away"):
        times.check_near(datetime(2062, 3, 12, tzinfo=UTC), TODAY)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("PRP left knee", "procedure"),
        ("US-guided INJ shoulder", "procedure"),
        ("BMC, both hips", "procedure"),
        ("L5 TFESI", "procedure"),
        ("PRP follow-up", "visit"),
        ("Post injection check", "visit"),
        ("Injection consult", "visit"),
        ("New patient 60", ""),
        ("Injury of the hand", ""),
    ],
)
def test_what_it_is_called_tells_the_kind(text, kind):
    assert kinds.told_by(text) == kind


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("Scheduled", "booked"),
        ("CONFIRMED", "booked"),
        ("Checked-In", "arrived"),
        ("Checked Out", "fulfilled"),
        ("No Show", "noshow"),
        ("Canceled", "cancelled"),
        ("Cancelada", "cancelled"),
        ("perhaps", ""),
    ],
)
def test_states_are_known_by_common_words(text, status):
    assert mapping.guess_word("status", text) == status


def test_every_word_means_one_thing():
    for field in FIELDS.values():
        words = [word for listed in field.words.values() for word in listed]
        assert len(words) == len(set(words))
    assert set(FIELDS["status"].words) == set(Appointment.Status)


def guess(text):
    sheet = sheets.read(text.encode())
    return mapping.guess(sheet.header, sheet.cells, today=TODAY)


def test_columns_are_guessed_by_name_and_by_what_they_hold():
    found = guess("Appt ID;Chart no;Date;Start\nA1;M1;12.03.2026;09:20\n")
    assert found.columns == {
        "identifier": "Appt ID",
        "mrn": "Chart no",
        "day": "Date",
        "time": "Start",
    }
    assert found.day_format == "DD.MM.YYYY"
    found = guess("Visit ID\tMRN\tDate\nA1\tM1\t03/12/2026 9:20 AM\n")
    assert found.columns["starts"] == "Date"
    assert found.missing() == []


def test_what_is_missing_is_named():
    found = guess("Visit ID,Name\nA1,Marta\n")
    assert [field.key for field in found.missing()] == ["mrn", "day", "time"]


def test_a_decided_word_goes_before_a_known_one():
    chosen = Mapping(
        columns={"identifier": "n", "mrn": "m", "starts": "t", "status": "s"},
        words={"status": {"closed": "cancelled"}},
    )
    reader = RowReader(chosen, ["n", "m", "t", "s"], zone="UTC", today=TODAY)
    draft = reader.read(["A1", "M1", "2026-03-12 09:20", "Closed"])
    assert draft.status == "cancelled"


def test_windows_letters_and_a_mark_are_read():
    header = "Appt ID;MRN;Start;Provider\n"
    row = "A1;M1;2026-03-12 09:20;Dra Núñez\n"
    for raw in (
        (header + row).encode("cp1252"),
        (header + row).encode("utf-8-sig"),
        (header + row).replace(";", "\t").encode(),
    ):
        sheet = sheets.read(raw)
        assert sheet.header[0] == "Appt ID"
        assert sheet.rows[0] == (2, ["A1", "M1", "2026-03-12 09:20", "Dra Núñez"])


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"", "is empty"),
        (b"PK\x03\x04zip", "Excel workbook"),
        (b"Appt ID,MRN\n", "no appointments"),
        (b'{"resourceType": "Bundle"}', "import_appointments"),
        (b"a,b\n\0,1\n", "NUL byte"),
        (b'a,b\n"1,2\n', "not valid CSV"),
        (b"a,b\n" + b"1,2\n" * 5001, "up to 5,000"),
        (b"a" * (sheets.MOST_BYTES + 1), "larger than 4 MB"),
        (b"a,b\n\x81,1\n", "neither UTF-8"),
    ],
)
def test_a_file_that_is_no_schedule_is_refused_with_what_to_do(raw, said):
    with pytest.raises(ImportFileError, match=said):
        sheets.read(raw)


@pytest.mark.parametrize(
    "name", ["Dr Ada Okafor", "Okafor, Ada MD", "ada okafor", "OKAFOR ADA, DO"]
)
def test_a_name_is_known_however_it_is_written(name):
    assert known.name_key(name) == "ada okafor"


def test_a_mapping_file_is_read_over_the_guess(tmp_path):
    path = tmp_path / "map.toml"
    path.write_text(
        'day_format = "DD.MM.YYYY"\nsource = "frontdesk"\n'
        '[columns]\nidentifier = "Nr"\n[words.status]\nXP = "cancelled"\n'
    )
    found = mapping_file.read(path, Mapping(columns={"mrn": "MRN"}))
    assert found.columns == {"identifier": "Nr"}
    assert (found.day_format, found.source) == ("DD.MM.YYYY", "frontdesk")
    assert found.words == {"status": {"xp": "cancelled"}}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('colour = "red"', "unknown key"),
        ('[columns]\nshoe = "x"', "is no field of an appointment"),
        ('[columns]\nmrn = "x"\nday = "x"', "stands twice"),
        ('[words.mrn]\na = "b"', "is no field of choices"),
        ('[words.status]\na = "perhaps"', "is not one of"),
        ('day_format = "YY"', "is not one of"),
        (f'source = "{"x" * 41}"', "may have 40"),
    ],
)
def test_a_fault_of_a_mapping_file_is_named(tmp_path, text, said):
    path = tmp_path / "map.toml"
    path.write_text(text)
    with pytest.raises(ReferenceDataError, match=said):
        mapping_file.read(path, Mapping())
