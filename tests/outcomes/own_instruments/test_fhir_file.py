"""Releases of FHIR, and files that hold no Questionnaire."""

import json

import pytest

from outcomes.instruments.fhir import reading as fhir
from tests.outcomes.own_instruments.brought_files import (
    fhir_of,
    question,
    refused,
)

OTHER = question("other", "string")


@pytest.mark.parametrize(
    ("item", "more", "where", "release"),
    [
        ({"type": "coding"}, {}, "item[1].type", "R5"),
        ({"answerConstraint": "x"}, {}, "item[1].answerConstraint", "R5"),
        ({"disabledDisplay": "hidden"}, {}, "item[1].disabledDisplay", "R5"),
        ({}, {"versionAlgorithmString": "semver"}, "versionAlgorithmString", "R5"),
        ({}, {"copyrightLabel": "c"}, "copyrightLabel", "R5"),
        ({}, {"fhirVersion": "5.0.0"}, "meta.profile", "R5"),
        (
            {},
            {"meta": {"profile": ["http://hl7.org/fhir/5.0/x"]}},
            "meta.profile",
            "R5",
        ),
        ({"option": []}, {}, "item[1].option", "STU3"),
        ({"options": {}}, {}, "item[1].options", "STU3"),
        ({"initialBoolean": True}, {}, "item[1].initialBoolean", "STU3"),
        ({"initialCoding": {}}, {}, "item[1].initialCoding", "STU3"),
        (
            {"enableWhen": [{"question": "other", "hasAnswer": True}]},
            {},
            "item[1].enableWhen[0].hasAnswer",
            "STU3",
        ),
        ({}, {"fhirVersion": "3.0.2"}, "meta.profile", "STU3"),
        ({}, {"fhirVersion": "1.0.2"}, "meta.profile", "DSTU2"),
    ],
)
def test_another_release_given_as_r4_is_named(item, more, where, release):
    found = refused(fhir_of(OTHER, {**question("f", "string"), **item}, **more))
    assert found[where] == f"this is FHIR {release}, given as R4"


@pytest.mark.parametrize(
    "more",
    [{"fhirVersion": "4.0.1"}, {"meta": {"profile": ["http://hl7.org/fhir/4.0/x"]}}],
)
def test_r4_is_r4(more):
    assert refused(fhir_of(OTHER, **more)) == {}


@pytest.mark.parametrize(
    ("content", "where", "told"),
    [
        (b"", "The file", "it is not valid JSON"),
        (b"[1, 2", "The file", "it is not valid JSON"),
        (b"[]", "The file", "it holds no FHIR resource"),
        (b"<Questionnaire/>", "The file", "this is XML"),
        (b"\xff\xfe{}", "The file", "byte 1 is not UTF-8"),
        (b'{"a": NaN}', "The file", "NaN is no number"),
        (b'{"a": "\\ud800"}', "The file", "half a character"),
        (b"[" * 100_000, "The file", "nested"),
        (b"{}", "resourceType", "this is no FHIR resource"),
        (b'{"resourceType": "Patient"}', "resourceType", "this is a Patient"),
        (b'{"resourceType": "Bundle"}', "Bundle", "it holds 0 Questionnaires"),
        (b'{"resourceType": "Questionnaire"}', "item", "there is no question"),
        (b" " * (2 * 1024 * 1024 + 1), "The file", "it is larger than 2 MB"),
    ],
    ids=[
        *("empty", "broken", "a list", "XML", "UTF-16", "NaN", "half a character"),
        *("deep", "nothing", "a patient", "a bundle", "no items", "too large"),
    ],
)
def test_a_file_that_is_no_questionnaire_says_why(content, where, told):
    brought = fhir.read(content)
    assert brought.definition is None
    assert told in refused(brought)[where]


def test_a_byte_order_mark_does_no_harm():
    told = {"resourceType": "Questionnaire", "title": "T", "item": [OTHER]}
    assert refused(fhir.read(b"\xef\xbb\xbf" + json.dumps(told).encode())) == {}
