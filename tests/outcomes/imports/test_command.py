"""What the command says and how it ends."""

import csv
import gc
import tracemalloc
from pathlib import Path

import pytest

from clinic import audit
from outcomes.imports import mapping_file, runs, spool
from outcomes.models import Measure
from patients.models import Patient
from tests.outcomes import rows
from tests.outcomes.imports.running import MADE_UP, MADE_UP_CSV, changed, import_file


def test_bad_rows_are_listed_and_the_rest_goes_in(clinic, tmp_path):
    path = changed(
        MADE_UP_CSV,
        tmp_path,
        (",f,61,4,", ",f,61,four,"),
        (",m,47,6,40", ",m,47,6,140"),
        ("P2,Bramblecote,6w", "P2,Bramblecote,0"),
    )
    result = import_file(clinic, path)
    assert result.code == 1
    assert "Rows: 13 read, 10 taken, 3 refused." in result.text
    assert "  1 x not a number" in result.text
    assert "  row 2: pain 'four' is not a number" in result.text
    assert "  row 3: function '140' is not from 0 to 100" in result.text
    assert "  row 14: the person and time of row 6 again" in result.text
    assert Patient.objects.count() == 6


def test_the_first_twenty_are_shown_and_the_report_holds_all(clinic, tmp_path):
    lines = MADE_UP_CSV.read_text().splitlines()
    path = tmp_path / "file.csv"
    path.write_text("\n".join([lines[0]] + [f"{line},x" for line in lines[1:] * 2]))
    report = tmp_path / "report.csv"
    result = import_file(clinic, path, MADE_UP, "--report", str(report))
    assert result.code == 1
    assert result.text.count("  row ") == 20
    assert "  and 8 more; --report FILE.csv lists all of them." in result.text
    found = list(csv.DictReader(report.open()))
    assert [int(line["row"]) for line in found] == list(range(2, 30))
    assert found[0]["reason"] == "wrong number of columns"


def test_a_report_holds_no_formula(clinic, tmp_path):
    named = changed(MADE_UP, tmp_path, ('sex = "sex"', 'sex = "=sex"'))
    path = changed(MADE_UP_CSV, tmp_path, (",sex,", ",=sex,"), (",f,61,4", ",x,61,4"))
    report = tmp_path / "report.csv"
    import_file(clinic, path, named, "--report", str(report))
    [found] = csv.DictReader(report.open())
    assert found["detail"].startswith("'=sex 'x' is not one of")


@pytest.mark.parametrize("which", ["file.csv", "none/report.csv"])
def test_a_report_that_cannot_be_written_stops_before_anything(clinic, tmp_path, which):
    path = tmp_path / "file.csv"
    path.write_text(MADE_UP_CSV.read_text())
    result = import_file(clinic, path, MADE_UP, "--report", str(tmp_path / which))
    assert result.code == 2
    assert "--report" in result.text
    assert path.read_text() == MADE_UP_CSV.read_text()
    assert not Patient.objects.exists()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "file.csv: the file is empty. Nothing was imported."),
        ("person,pain\n", "there is no column 'age'"),
        (MADE_UP_CSV.read_text() + 'P9,"never closed', "row 16: not valid CSV"),
        (
            MADE_UP_CSV.read_text().encode() + b"P9,\xe9",
            "line 16: not utf-8; if it was",
        ),
    ],
)
def test_a_file_at_fault_writes_nothing(clinic, tmp_path, content, message):
    path = tmp_path / "file.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    result = import_file(clinic, path)
    assert (
        result.code,
        Patient.objects.count(),
        Measure.objects.filter(origin="import").count(),
    ) == (2, 0, 0)
    assert message in result.text


def test_a_mapping_at_fault_writes_nothing(clinic, tmp_path):
    broken = changed(MADE_UP, tmp_path, ("better_is", "better"))
    result = import_file(clinic, mapping=broken)
    assert result.code == 2
    assert "made_up.toml, measures, study_pain, better_is: is missing" in result.text
    assert not Patient.objects.exists()


def test_an_unknown_clinic_is_named(clinic):
    clinic.slug = "nowhere"
    result = import_file(clinic)
    assert result.code == 2
    assert "No clinic has the slug 'nowhere'" in result.text


def test_a_measure_of_the_clinic_itself_is_not_taken_over(clinic):
    rows.make_measure(clinic, "study_pain")
    result = import_file(clinic)
    assert result.code == 2
    assert "study_pain: is the key of a measure that the clinic asks" in result.text


def test_a_measure_cannot_come_back_with_another_range(clinic, tmp_path):
    import_file(clinic)
    wider = changed(MADE_UP, tmp_path, ("maximum = 10\n", "maximum = 100\n"))
    result = import_file(clinic, mapping=wider)
    assert result.code == 2
    assert "study_pain, maximum: is 10.000000 since an earlier" in result.text
    assert Measure.objects.get(clinic=clinic, key="study_pain").maximum == 10


def test_progress_is_plain_lines_where_nobody_watches(clinic):
    assert import_file(clinic).text.startswith("Reading ...\nImporting ...\nRows: ")


class Sweeping:
    """Sweeps at each step, for a peak without what only waits to be collected."""

    def stage(self, name, total): ...

    def at(self, done):
        gc.collect()


def peak_of_a_dry_run(clinic, path, persons):
    lines = MADE_UP_CSV.read_text().splitlines(keepends=True)
    with path.open("w") as file:
        file.write(lines[0])
        for n in range(persons // 6):
            file.writelines(line.replace("P", f"Q{n}P", 1) for line in lines[1:])
    with spool.Spool() as held:
        run = runs.Run(
            path,
            mapping_file.read(MADE_UP),
            clinic=clinic,
            by=audit.SYSTEM,
            spool=held,
            is_dry=True,
        )
        tracemalloc.start()
        run.run(Sweeping())
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    return peak


def test_memory_does_not_grow_with_the_file(clinic, tmp_path, monkeypatch):
    monkeypatch.setattr(runs, "PERSONS_AT_ONCE", 20)
    monkeypatch.setattr(spool, "_WRITTEN_AT_ONCE", 50)
    path = tmp_path / "file.csv"
    peak_of_a_dry_run(clinic, path, 60)  # fills the caches
    small = peak_of_a_dry_run(clinic, path, 60)
    assert peak_of_a_dry_run(clinic, path, 600) < 1.5 * small


def test_the_example_of_the_documentation_goes_in(clinic):
    examples = Path(__file__).parents[3] / "docs" / "examples"
    result = import_file(
        clinic, examples / "knee_injections.csv", examples / "knee_injections.toml"
    )
    assert result.code == 0
    assert "Persons: 3 new" in result.text
