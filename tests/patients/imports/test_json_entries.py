"""FHIR files one resource at a time, in memory that does not grow with them."""

import json
import tracemalloc

import pytest

from patients.record.imports import fhir_glance, json_entries
from patients.record.imports.refusals import ImportFileError
from tests.patients.imports.running import (
    bundle,
    fhir_condition,
    fhir_patient,
    lines,
)


def entries(tmp_path, text):
    path = tmp_path / "file.json"
    path.write_text(text)
    return list(json_entries.entries(path))


@pytest.mark.parametrize("at_once", [1, 7, 1 << 16])
@pytest.mark.parametrize("indent", [None, 2])
def test_a_bundle_is_read_as_json_reads_it(tmp_path, monkeypatch, at_once, indent):
    monkeypatch.setattr(json_entries, "_AT_ONCE", at_once)
    held = json.loads(bundle(fhir_patient(), fhir_condition(), urls=True))
    held["link"] = [{"relation": "self", "url": "https://x/é"}, 12.5, True, None]
    found = entries(tmp_path, json.dumps(held, indent=indent))
    assert [(e.number, e.type, e.full_url) for e in found] == [
        (1, "Patient", "urn:uuid:0"),
        (2, "Condition", "urn:uuid:1"),
    ]
    assert [e.resource for e in found] == [e["resource"] for e in held["entry"]]


def test_a_bundle_that_says_what_it_is_at_its_end_is_read(tmp_path):
    text = '{"entry": [{"resource": {"resourceType": "Patient"}}], '
    assert len(entries(tmp_path, text + '"resourceType": "Bundle"}')) == 1


def test_a_resource_a_line_is_read_with_its_line(tmp_path):
    text = lines(fhir_patient()) + "\n{broken\n[1]\n{}\n" + lines(fhir_condition())
    found = entries(tmp_path, text)
    assert [(e.number, e.type) for e in found if not e.problem] == [
        (1, "Patient"),
        (6, "Condition"),
    ]
    assert {e.number: e.problem for e in found if e.problem} == {
        3: "This line is not valid JSON.",
        4: "This line is no resource.",
        5: "It does not say its resourceType.",
    }


def test_one_resource_by_itself_is_read(tmp_path):
    for indent in (None, 2):
        [found] = entries(tmp_path, json.dumps(fhir_patient(), indent=indent))
        assert found.type == "Patient"


def test_another_resource_with_entries_is_one_resource(tmp_path):
    held = {"resourceType": "List", "entry": [{"item": {"reference": "Patient/1"}}]}
    [found] = entries(tmp_path, json.dumps(held, indent=1))
    assert found.type == "List"


def test_an_entry_without_a_resource_is_told(tmp_path):
    text = json.dumps({"resourceType": "Bundle", "entry": [{"fullUrl": "x"}, 3]})
    assert [e.problem for e in entries(tmp_path, text)] == [
        "This entry holds no resource."
    ] * 2


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (bundle(fhir_patient())[:-40], "not valid JSON"),
        (bundle(fhir_patient()) + "}", "something after its end"),
        ('{"entry": [{"resource": {}},, {}]}', "not valid JSON"),
        ('{"entry": [{},]}', "comma too many"),
        ('{"entry": [{} {}]}', "a comma or ] is missing"),
        ('{"a" 1}', ": is missing"),
        ("{1: 2}", "a name is missing"),
        ('{"a": ' + "[" * 100_000, "too long"),
        ('{"a": ' + "9" * 5000 + "}", "too long"),
        ("[]", "This is a JSON list"),
    ],
)
def test_json_that_is_broken_is_told(tmp_path, text, said):
    with pytest.raises(ImportFileError) as told:
        entries(tmp_path, text)
    assert said in str(told.value)


def test_a_glance_counts_types_and_the_systems_of_numbers(tmp_path):
    path = tmp_path / "file.json"
    other = fhir_patient(2, identifier=[{"system": "urn:ssn", "value": "1"}, {}])
    path.write_text(
        bundle(fhir_patient(), other, fhir_condition(), {"resourceType": "Group"})
    )
    found = fhir_glance.look(path)
    assert found.total == 4
    assert found.as_json() == {
        "types": {"Patient": 2, "Condition": 1, "Group": 1},
        "systems": {"http://lakeview.example/mrn": 1, "urn:ssn": 1, "": 1},
    }


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (json.dumps({"resourceType": "Bundle"}), "no entries"),
        (bundle({"resourceType": "Group"}), "no Patient and no Condition, only: Group"),
    ],
)
def test_a_file_without_patients_is_told_at_once(tmp_path, text, said):
    path = tmp_path / "file.json"
    path.write_text(text)
    with pytest.raises(ImportFileError, match=said):
        fhir_glance.look(path)


def peak(path, number):
    path.write_text(bundle(*(fhir_patient(n) for n in range(number))))
    tracemalloc.start()
    assert sum(1 for _ in json_entries.entries(path)) == number
    found = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return found


def test_memory_does_not_grow_with_a_bundle(tmp_path, monkeypatch):
    monkeypatch.setattr(json_entries, "_LONGEST_FIRST_LINE", 1 << 16)
    path = tmp_path / "file.json"
    small = peak(path, 1000)
    assert peak(path, 10_000) < 1.2 * small
