"""What stands in an export and what must not, by a small clinic."""

import io
import re
import zipfile
from collections import Counter
from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from clinic import clock
from clinic.models import AuditEvent
from clinic.pieces import LostClaimError
from outcomes.dashboards import facts
from outcomes.dashboards.export import (
    columns,
    dictionary,
    files,
    runs,
    small_cells,
    work,
)
from outcomes.instruments.findings import Findings
from outcomes.instruments.redcap import table as redcap_table
from outcomes.models import Episode, OutcomeExport, OutcomeFact
from patients.models import Patient
from patients.record import merging
from plans.models import Plan
from tests import factories
from tests.outcomes import rows
from tests.outcomes.exports import taking


@pytest.fixture
def measure(clinic):
    return rows.make_measure(clinic)


def make_courses(clinic, measure, n, treatment="prp", **patient):
    """So many people of one kind, each answered at the start and at three months."""
    made = []
    for number in range(n):
        person = factories.make_patient(clinic, **patient)
        episode = rows.make_episode(clinic, treatment=treatment, patient=person)
        rows.answer(episode, measure, baseline=6, m3=number % 6)
        made.append(episode)
    facts.rebuild_many(Episode.objects.values_list("pk", flat=True))
    return made


@pytest.fixture
def courses(clinic, measure):
    return make_courses(clinic, measure, 3, birth_date=date(1930, 5, 1))


def everything(run):
    with zipfile.ZipFile(files.path_of(run)) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist()}


def test_there_is_a_row_for_each_fact(admin, courses):
    run = taking.export(admin)
    found = taking.table_of(run)
    assert len(found) == run.rows == OutcomeFact.objects.count() == 12
    assert list(found[0]) == list(columns.NAMES)
    assert len({row["row_id"] for row in found}) == 12
    assert len({row["course"] for row in found}) == 3
    at_m3 = [row for row in found if row["timepoint"] == "m3"]
    assert {row["day"] for row in at_m3} == {"90"} == {r["bin_day"] for r in at_m3}
    assert Counter(row["value"] for row in at_m3) == {"0": 1, "1": 1, "2": 1}
    zero = next(row for row in at_m3 if row["value"] == "0")
    assert (zero["baseline"], zero["change"], zero["severity"]) == (
        "6",
        "-6",
        "moderate",
    )
    assert (zero["pct30"], zero["worse"], zero["is_eligible"]) == ("1", "0", "1")
    assert zero["answered_day"] == "90"
    missed = next(row for row in found if row["timepoint"] == "w2")
    assert (missed["value"], missed["change"], missed["answered_on"]) == ("", "", "")


def test_nothing_in_it_names_anybody(admin, courses):
    run = taking.export(admin)
    told = everything(run)
    assert set(told) == {
        *("outcomes.csv", "dictionary.csv", "measures.csv"),
        *("redcap_dictionary.csv", "small_cells.csv", "README.txt"),
    }
    text = "\n".join(told.values())
    secret = [str(run.clinic_id), run.clinic.name, admin.name, admin.email]
    for episode in Episode.objects.select_related("patient"):
        person = episode.patient
        secret += [person.family_name, person.given_name, person.mrn]
        secret += [str(pk) for pk in (person.pk, episode.pk, episode.plan_id)]
        secret += [pk.hex for pk in (person.pk, episode.pk)]
    for word in filter(None, secret):
        assert word not in text
    assert not re.search(r"\b1930-", text)


def test_no_true_date_is_in_it_and_steps_between_dates_are(admin, courses):
    found = taking.table_of(taking.export(admin))
    for row in found:
        moved = date.fromisoformat(row["began_on"]) - rows.ANCHOR
        assert moved.days % 7 == 0
        assert timedelta() != moved and abs(moved) <= timedelta(weeks=26)
        assert row["year"] == row["began_on"][:4]
        if row["answered_on"]:
            since = date.fromisoformat(row["answered_on"]) - date.fromisoformat(
                row["began_on"]
            )
            assert since.days == int(row["answered_day"])


def test_all_dates_of_a_person_move_alike(clinic, admin, measure):
    person, twin = factories.make_patient(clinic), factories.make_patient(clinic)
    for patient in (person, twin):
        episode = rows.make_episode(clinic, patient=patient)
        rows.answer(episode, measure, baseline=6, m3=3)
    merging.merge(person, merged=twin, reason="same card", by=admin)
    facts.rebuild_many(Episode.objects.values_list("pk", flat=True))
    found = taking.table_of(taking.export(admin))
    assert len({row["course"] for row in found}) == 2
    assert len({(row["person"], row["began_on"]) for row in found}) == 1


def test_the_key_goes_with_the_end_and_another_export_has_another(admin, courses):
    first, second = taking.export(admin), taking.export(admin)
    assert (first.key, second.key) == ("", "")
    assert files.path_of(first).stat().st_mode & 0o077 == 0
    assert not files.rows_of(first).exists()
    one, other = taking.table_of(first), taking.table_of(second)
    for name in ("course", "person", "row_id", "provider", "location"):
        assert not {r[name] for r in one} & {r[name] for r in other} - {""}


def test_rows_stand_in_the_order_of_pseudonyms(clinic, admin, measure):
    make_courses(clinic, measure, 12)
    found = taking.table_of(taking.export(admin))
    order = list(dict.fromkeys(row["course"] for row in found))
    assert order == sorted(order)
    assert [r["day"] for r in found[:4]] == ["0", "14", "90", "365"]


@pytest.mark.parametrize(
    ("birth_date", "age"), [(date(1935, 3, 4), "89"), (date(1935, 3, 3), "90+")]
)
def test_ages_over_89_are_one_group(clinic, admin, measure, birth_date, age):
    make_courses(clinic, measure, 1, birth_date=birth_date)
    [told] = {row["age"] for row in taking.table_of(taking.export(admin))}
    assert told == age


def test_formulas_are_texts(clinic, admin, measure):
    make_courses(clinic, measure, 1, treatment='=HYPERLINK("x,y")')
    run = taking.export(admin)
    assert '"\'=HYPERLINK(""x,y"")"' in taking.text_of(run, "outcomes.csv")
    assert taking.table_of(run)[0]["treatment"] == '\'=HYPERLINK("x,y")'


def test_lines_and_marks_are_as_the_standard_has_them(admin, courses):
    told = everything(taking.export(admin))
    for name in ("outcomes.csv", "dictionary.csv", "measures.csv", "small_cells.csv"):
        text = told[name]
        assert text.startswith("\ufeff") and text.endswith("\r\n")
        assert text.count("\n") == text.count("\r\n")
    assert told["redcap_dictionary.csv"].isascii()


def test_few_people_alike_are_counted_for_who_may_see_them(clinic, admin, measure):
    make_courses(clinic, measure, 10, sex="female", birth_date=date(1980, 1, 1))
    make_courses(clinic, measure, 2, sex="male", birth_date=date(1980, 1, 1))
    run = taking.export(admin)
    [line] = taking.table_of(run, "small_cells.csv")
    assert (line["sex"], line["age_band"], line["treatment"]) == (
        "male",
        "40-54",
        "prp",
    )
    assert (line["people"], line["courses"], line["rows"]) == ("2", "2", "8")
    assert {row["sex"] for row in taking.table_of(run)} == {"female", "male"}
    assert "8 rows of 2 courses" in taking.text_of(run, "README.txt")


def test_a_researcher_gets_no_row_of_few_people(clinic, researcher, measure):
    make_courses(clinic, measure, 12, sex="female", birth_date=date(1980, 1, 1))
    make_courses(clinic, measure, 11, sex="male", birth_date=date(1980, 1, 1))
    make_courses(clinic, measure, 2, sex="male", birth_date=date(1936, 1, 1))
    run = taking.export(researcher)
    assert run.is_suppressed
    # Two alone would be what is missing from a total, so eleven are left out with them.
    found = taking.table_of(run)
    assert {row["sex"] for row in found} == {"female"}
    assert len({row["person"] for row in found}) == 12
    assert (run.rows, run.done) == (len(found), 25)
    [line] = taking.table_of(run, "small_cells.csv")
    assert {line["sex"], line["people"]} == {small_cells.SUPPRESSED}
    assert (line["courses"], line["rows"]) == ("13", "52")
    told = taking.text_of(run, "README.txt")
    assert "48 rows of 12 courses" in told
    assert "13 courses with 52 rows are left out" in told


def test_a_researcher_gets_all_where_nobody_is_left_out(clinic, researcher, measure):
    make_courses(clinic, measure, 10)
    found = taking.table_of(taking.export(researcher))
    assert len({row["course"] for row in found}) == 10


def test_one_person_with_ten_courses_is_one_person(clinic, researcher, measure):
    person = factories.make_patient(clinic, sex="male")
    for _ in range(10):
        episode = rows.make_episode(clinic, patient=person)
        rows.answer(episode, measure, baseline=6, m3=3)
    facts.rebuild_many(Episode.objects.values_list("pk", flat=True))
    assert taking.table_of(taking.export(researcher)) == []


def test_a_choice_narrows_it_and_is_told_without_its_days(clinic, admin, measure):
    make_courses(clinic, measure, 2)
    make_courses(clinic, measure, 3, treatment="exercise")
    asked = {"treatment": "exercise", "from": "2024-01-01", "until": "2025-12-31"}
    run = taking.export(admin, **asked, by="sex", rule="mic", day="90")
    assert {row["treatment"] for row in taking.table_of(run)} == {"exercise"}
    assert (run.total, run.done, run.rows) == (3, 3, 12)
    assert run.choices == asked
    readme = taking.text_of(run, "README.txt")
    assert "treatment=exercise" in readme and "2024-01-01" not in readme


def test_a_short_period_would_tell_the_true_days(admin, courses):
    for asked in (
        {"from": "2025-03-01", "until": "2025-03-31"},
        {"from": clock.today("America/Chicago").isoformat()},
        {"until": "2025-03-31"},
    ):
        with pytest.raises(ValidationError) as caught:
            runs.start(admin, admin.membership.clinic, purpose="Why", data=asked)
        assert set(caught.value.error_dict) == {"from"}


def test_it_is_asked_for_and_made_on_record_and_nobody_is_named(admin, courses):
    run = taking.export(admin, sex=Patient.objects.first().sex)
    made = AuditEvent.objects.get(action="outcomes.exported")
    assert made.actor_id == admin.pk and made.about_id == str(run.pk)
    assert made.facts == {
        "purpose": taking.PURPOSE,
        "choices": run.choices,
        "rows": 12,
    }
    assert not made.subjects.exists()
    assert AuditEvent.objects.filter(action="outcomes.export_asked").count() == 1


def test_piece_by_piece_it_is_the_same_file(clinic, admin, measure, monkeypatch):
    make_courses(clinic, measure, 5)
    monkeypatch.setattr("outcomes.dashboards.export.reading.COURSES_AT_ONCE", 2)
    run = runs.start(admin, clinic, purpose="Why", data={})
    turns, shown = 0, []
    while work.work_off(run.pk, seconds=0):
        run.refresh_from_db()
        assert run.state == "queued"
        shown.append(run.percent)
        # What a killed process had written after it was last sure.
        with files.rows_of(run).open("ab") as file:
            file.write(b"half a li")
        turns += 1
    run.refresh_from_db()
    assert (turns, shown) == (3, [40, 80, 100])
    found = taking.table_of(run)
    assert len(found) == run.rows == 20
    assert len({row["row_id"] for row in found}) == 20
    assert all(None not in row and None not in row.values() for row in found)


def test_of_two_workers_one_works(clinic, admin, courses):
    run = runs.start(admin, clinic, purpose="Why", data={})
    claimed = work._claim(run.pk)
    assert claimed and not work.work_off(run.pk)
    OutcomeExport.objects.filter(pk=run.pk).update(done=2)
    with pytest.raises(LostClaimError):
        work._Piece(claimed).work(0)


def test_where_its_rows_are_gone_it_fails_and_says_so(clinic, admin, measure):
    make_courses(clinic, measure, 2)
    run = runs.start(admin, clinic, purpose="Why", data={})
    OutcomeExport.objects.filter(pk=run.pk).update(written=5000, done=1)
    assert not work.work_off(run.pk)
    run.refresh_from_db()
    assert run.state == "failed" and "exports" in run.error
    assert run.key == ""


def test_the_tick_throws_it_away_after_a_week(clinic, admin, courses):
    run = taking.export(admin)
    runs.tend(clinic, now=clock.now() + timedelta(days=6))
    assert files.path_of(run).exists()
    runs.tend(clinic, now=clock.now() + timedelta(days=8))
    run.refresh_from_db()
    assert not files.path_of(run).exists() and not run.is_there


def test_the_tick_rings_for_what_waits(clinic, admin, courses, monkeypatch):
    run = runs.start(admin, clinic, purpose="Why", data={})
    rung = []
    monkeypatch.setattr(runs.doorbell, "ring", lambda *call: rung.append(call))
    runs.tend(clinic, now=clock.now())
    assert rung == [(runs.TASK, run.pk)]


def queries_of(run):
    with CaptureQueriesContext(connection) as caught:
        work.work_off(run.pk)
    return len(caught)


def test_queries_do_not_grow_with_the_courses(clinic, admin, measure):
    make_courses(clinic, measure, 2)
    few = queries_of(runs.start(admin, clinic, purpose="Why", data={}))
    make_courses(clinic, measure, 6)
    many = queries_of(runs.start(admin, clinic, purpose="Why", data={}))
    assert many == few <= 20


def test_redcap_reads_its_dictionary_back():
    text = dictionary.redcap()
    findings = Findings()
    found = redcap_table.rows(text.encode(), findings)
    assert findings.found == []
    assert [row.name for row in found] == list(columns.NAMES)
    kinds = {row.name: (row["type"], row["validation"]) for row in found}
    assert kinds["pct30"] == ("yesno", "")
    assert kinds["began_on"] == ("text", "date_ymd")
    assert kinds["age"] == ("text", "")
    assert kinds["sex"][0] == "dropdown"
    header = next(iter(io.StringIO(text))).strip()
    assert header.startswith(
        "Variable / Field Name,Form Name,Section Header,Field Type"
    )


def test_every_value_of_a_choice_is_in_the_dictionary(admin, courses):
    run = taking.export(admin)
    said = {c["column"]: c["values"] for c in taking.table_of(run, "dictionary.csv")}
    assert list(said) == list(columns.NAMES)
    for row in taking.table_of(run):
        for column in columns.COLUMNS:
            if column.told_values and row[column.name]:
                assert row[column.name] in column.told_values
                assert f"{row[column.name]}: " in said[column.name]


def test_another_clinic_is_not_in_it(clinic, admin, courses, other_clinic):
    foreign = rows.make_measure(other_clinic)
    make_courses(other_clinic, foreign, 2, treatment="foreign")
    found = taking.table_of(taking.export(admin))
    assert {row["treatment"] for row in found} == {"prp"}
    assert Plan.objects.filter(treatment_key="foreign").exists()
