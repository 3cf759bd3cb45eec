import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from clinic import clock
from patients.models import Appointment, ImportedReference
from tests import factories
from tests.patients.appointments.schedules import row, schedule
from tests.patients.imports.running import LIST, bundle, receive

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_folder(settings, tmp_path):
    settings.DATA_DIR = tmp_path


@pytest.fixture
def marta(clinic):
    return factories.make_patient(clinic, mrn="M1")


@pytest.fixture
def run(clinic, tmp_path, capsys):
    """The command on such a file: exit code and what it said."""

    def run(text, *options):
        path = tmp_path / "day.csv"
        path.write_text(text, encoding="utf-8")
        try:
            call_command("import_appointments", path, "--clinic", clinic.slug, *options)
        except SystemExit as left:
            return left.code, capsys.readouterr().out
        except CommandError as error:
            return error.returncode, str(error)
        return 0, capsys.readouterr().out

    return run


def appointment(identifier="f1", mrn="M1", **more):
    return {
        "resourceType": "Appointment",
        "id": identifier,
        "status": "booked",
        "description": "PRP left knee",
        "start": "2026-03-12T09:20:00-05:00",
        "minutesDuration": 30,
        "participant": [
            {
                "actor": {"type": "Patient", "identifier": {"value": mrn}},
                "status": "accepted",
            }
        ],
        **more,
    }


def test_a_schedule_goes_in(run, clinic, marta):
    code, said = run(schedule(clinic, ("A1", "M1", "09:20")))
    assert (code, said.splitlines()[0]) == (
        0,
        "Appointments: 1 new, 0 changed, 0 same, 0 refused.",
    )
    assert Appointment.objects.get().patient == marta


def test_refused_rows_are_told_without_names(run, clinic, marta):
    code, said = run(schedule(clinic, ("A1", "M1", "25:00"), ("A2", "M7", "09:20")))
    assert code == 1
    assert "row 2: “25:00” is not a time" in said
    assert "1 of somebody who is not registered here" in said
    assert marta.family_name not in said


def test_a_dry_run_writes_nothing(run, clinic, marta):
    code, said = run(schedule(clinic, ("A1", "M1", "09:20")), "--dry-run")
    assert code == 0
    assert "dry run" in said
    assert not Appointment.objects.exists()


@pytest.mark.parametrize("options", [(), ("--dry-run",)])
def test_another_clinics_file_needs_an_option(run, clinic, options):
    text = schedule(clinic, *((f"A{n}", f"Q{n}", "09:20") for n in range(5)))
    code, said = run(text, *options)
    assert code == 2
    assert "--ours" in said
    assert run(text, "--ours", *options)[0] == 0


def test_what_is_left_out_is_cancelled_by_an_option(run, clinic, marta):
    run(schedule(clinic, ("A1", "M1", "09:20"), ("A2", "M1", "10:00")))
    rest = schedule(clinic, ("A2", "M1", "10:00"))
    assert "kept as booked" in run(rest)[1]
    assert "now cancelled" in run(rest, "--cancel-missing")[1]
    assert Appointment.objects.get(identifier="A1").status == "cancelled"


def test_the_example_of_the_documentation_goes_in(run, clinic):
    for number in (2001, 2002, 2003, 2004):
        factories.make_patient(clinic, mrn=f"L-{number}")
    text = Path("docs/examples/appointments.csv").read_text(encoding="utf-8")
    code, said = run(text, "--mapping", "docs/examples/appointments.toml")
    assert (code, said.splitlines()[0]) == (
        0,
        "Appointments: 5 new, 0 changed, 0 same, 0 refused.",
    )
    kinds = [a.kind for a in Appointment.objects.order_by("identifier")]
    assert kinds == ["visit", "procedure", "procedure", "visit", "visit"]


@pytest.mark.parametrize(
    ("mapping", "said"),
    [
        ('[columns]\nmrn = "Shoe"', "no column 'Shoe'"),
        ('[columns]\nmrn = "MRN"', "Name it under [columns]"),
        ("day_format = 1", "must be a text"),
    ],
)
def test_a_wrong_mapping_is_named(run, clinic, tmp_path, mapping, said):
    path = tmp_path / "map.toml"
    path.write_text(mapping)
    code, text = run(schedule(clinic, ("A1", "M1", "09:20")), "--mapping", str(path))
    assert code == 2
    assert said in text


def test_a_bundle_of_appointments_goes_in(run, clinic, marta):
    code, said = run(bundle(appointment(), {"resourceType": "Slot", "id": "s"}))
    assert code == 0, said
    kept = Appointment.objects.get()
    assert (kept.patient, kept.source, kept.kind) == (marta, "fhir", "procedure")
    assert str(kept.day) == "2026-03-12"


def test_lines_of_appointments_are_checked_one_by_one(run, clinic, marta):
    whose = [{"actor": {"reference": "Patient/unknown"}, "status": "accepted"}]
    lines = [
        appointment(),
        appointment("f2", start="soon"),
        appointment("f3", participant=whose),
    ]
    code, said = run("\n".join(map(json.dumps, lines)))
    assert code == 1
    assert "row 2: Appointment.start" in said
    assert "row 3: It names no patient whom we know." in said


def test_a_patient_is_known_by_what_an_earlier_file_called_them(run, clinic, marta):
    import_run = receive(clinic, LIST)
    ImportedReference.objects.create(
        run=import_run, clinic=clinic, reference="Patient/p7", patient=marta
    )
    actor = {"actor": {"reference": "Patient/p7"}, "status": "accepted"}
    assert run(json.dumps(appointment(participant=[actor])))[0] == 0
    assert Appointment.objects.get().patient == marta


def test_todays_file_is_about_today(run, clinic, marta):
    run(schedule(clinic, row(clinic, "A1", "M1", "23:59")))
    assert Appointment.objects.get().day == clock.today(clinic.zone)
