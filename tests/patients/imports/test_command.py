"""What the command says and how it ends."""

from dataclasses import dataclass
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from clinic.reference_data import ReferenceDataError
from patients.models import Diagnosis, Patient, PatientImport
from patients.record.imports import files, mapping_file, work
from patients.record.imports.mapping import Mapping
from tests.patients.imports.running import (
    HEADER,
    LIST,
    ROWS,
    bundle,
    fhir_condition,
    fhir_patient,
    lines,
)

pytestmark = pytest.mark.django_db
EXAMPLES = Path(__file__).parents[3] / "docs" / "examples"


@dataclass(frozen=True, slots=True)
class Result:
    code: int
    text: str


@pytest.fixture
def bring(clinic, tmp_path):
    """The exit code, and what stood on the terminal."""

    def run(held, *options, slug=clinic.slug):
        path = held
        if isinstance(held, str):
            path = tmp_path / "list.csv"
            path.write_text(held)
        out = StringIO()
        arguments = [str(path), "--clinic", slug, *map(str, options)]
        try:
            call_command("import_patients", *arguments, stdout=out, stderr=out)
        except SystemExit as ended:
            return Result(int(str(ended.code)), out.getvalue())
        except CommandError as error:
            return Result(error.returncode, str(error))
        return Result(0, out.getvalue())

    return run


def mapping(tmp_path, text):
    path = tmp_path / "map.toml"
    path.write_text(text)
    return path


def test_a_list_goes_in_as_its_columns_are_guessed(bring):
    found = bring(LIST)
    assert found == Result(
        0, "Importing ...\nPatients: 3 new, 0 changed, 0 same, 0 refused.\n"
    )
    assert "0 new, 0 changed, 3 same" in bring(LIST).text
    assert PatientImport.objects.filter(state="finished").count() == 2


def test_refused_rows_are_listed_and_the_code_is_1(bring):
    found = bring(HEADER + ROWS + "A4,Rosa,Delgado,x,F,,,en\n" * 30)
    assert found.code == 1
    assert "Patients: 2 new, 0 changed, 0 same, 31 refused." in found.text
    assert "  row 5: “x” is not a day written as YYYY-MM-DD." in found.text
    assert found.text.count("  row ") == 20
    assert "and 11 more" in found.text


def test_a_mapping_says_what_cannot_be_guessed(bring, tmp_path):
    text = 'Nr;Quién;Nacido;S\nA1;"Delgado, Rosa";14.03.1957;2\n'
    said = mapping(
        tmp_path,
        'day_format = "DD.MM.YYYY"\n[columns]\nmrn = "Nr"\nwhole_name = "Quién"\n'
        'birth_date = "Nacido"\nsex = "S"\n[words.sex]\n1 = "male"\n2 = "female"\n',
    )
    assert bring(text, "--mapping", said).code == 0
    rosa = Patient.objects.get()
    assert (str(rosa), rosa.sex) == ("Rosa Delgado", "female")


def test_a_dry_run_says_the_same_and_writes_nothing(bring):
    dry = bring(HEADER + ROWS, "--dry-run")
    assert (dry.code, Patient.objects.count(), PatientImport.objects.count()) == (
        *(1, 0, 0),
    )
    assert "Checking ..." in dry.text
    assert "Nothing was written" in dry.text
    wet = bring(HEADER + ROWS)
    assert dry.text.splitlines()[1:-1] == wet.text.splitlines()[1:]


def test_fhir_goes_in_by_its_content(bring):
    found = bring(bundle(fhir_patient(), fhir_condition(), {"resourceType": "Group"}))
    assert found.text.splitlines()[1:] == [
        "Patients: 1 new, 0 changed, 0 same, 0 refused.",
        "Diagnoses: 1 new, 0 changed, 0 same, 0 refused.",
        "Passed over:",
        "  1 x Group",
    ]
    refused = bring(lines(fhir_patient(gender="femail")))
    assert "  row 1 (Patient): Patient.gender: 'femail'" in refused.text


@pytest.mark.parametrize(
    ("held", "said"),
    [
        ("", "The file is empty."),
        ("MRN,Name\n", "no patients"),
        ("a,b\n1,2\n", "Choose the column of the MRN"),
        (Path("nowhere.csv"), "nowhere.csv is no file"),
        (LIST + 'A9,"never closed', "Row 5 is not valid CSV"),
    ],
)
def test_a_file_at_fault_writes_nothing(bring, held, said):
    found = bring(held)
    assert (found.code, PatientImport.objects.count()) == (2, 0)
    assert said in found.text
    assert found.text.endswith("Nothing was imported.")
    assert not list(files.folder().glob("copy-*"))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('colums = "x"', "colums: unknown key"),
        ('[columns]\nmnr = "MRN"', "mnr: is no field of a patient"),
        ('[columns]\nmrn = "MRN"\nphone = "MRN"', "stands twice"),
        ('[columns]\nmrn = "Nowhere"', "no column 'Nowhere' (for mrn)"),
        ('day_format = "soon"', "'soon' is not one of YYYY-MM-DD"),
        ('without_mrn = "guess"', "'guess' is not one of refuse, number"),
        ('[words.sex]\n2 = "f"', "'f' is not one of female, male"),
        ("[words.mrn]\n", "mrn: is no field of choices"),
    ],
)
def test_a_mapping_at_fault_names_the_key(bring, tmp_path, text, said):
    found = bring(LIST, "--mapping", mapping(tmp_path, text))
    assert (found.code, said in found.text) == (2, True), found.text
    assert not Patient.objects.exists()


def test_every_key_of_a_mapping_is_read(tmp_path):
    found = mapping_file.read(
        mapping(
            tmp_path,
            'day_format = "YYYYMMDD"\nwithout_mrn = "number"\nregisters_twins = true\n'
            'mrn_system = "urn:mrn"\n[words.may_contact]\nOui = "yes"\n',
        ),
        Mapping(columns={"mrn": "MRN"}),
    )
    assert found == Mapping(
        columns={"mrn": "MRN"},
        day_format="YYYYMMDD",
        words={"may_contact": {"oui": "yes"}},
        without_mrn="number",
        registers_twins=True,
        mrn_system="urn:mrn",
    )
    with pytest.raises(ReferenceDataError):
        mapping_file.read(tmp_path / "none.toml", Mapping())


def test_an_unknown_clinic_is_named(bring):
    assert "No clinic has the slug 'nowhere'" in bring(LIST, slug="nowhere").text


def test_ctrl_c_stops_the_run_so_that_no_worker_goes_on(bring, monkeypatch):
    def interrupted(*args, **options):
        raise KeyboardInterrupt

    monkeypatch.setattr(work, "take", interrupted)
    found = bring(LIST)
    assert (found.code, "Stopped. What went in before stays" in found.text) == (
        *(130, True),
    )
    assert PatientImport.objects.get().state == "stopped"


def test_a_run_that_fails_says_why(bring, monkeypatch):
    monkeypatch.setattr(work, "source_of", lambda run: 1 / 0)
    found = bring(LIST)
    assert found.code == 2
    assert "An error of the program ended it (ZeroDivisionError)." in found.text


def test_the_examples_of_the_documentation_go_in(bring, clinic):
    found = bring(EXAMPLES / "patients.csv", "--mapping", EXAMPLES / "patients.toml")
    assert found.code == 0, found.text
    assert Patient.objects.count() == 5
    assert bring(EXAMPLES / "patients.fhir.json").code == 0
    assert Diagnosis.objects.count() == 2
