"""Broken questionnaires: none crashes or hangs, and every refusal names its item.

`MENDLINE_FUZZ=2000 pytest tests/outcomes/own_instruments/test_fuzz.py` for all of them.
"""

import os
import time
from collections.abc import Callable

import pytest

from outcomes.instruments import own_scores, reading
from outcomes.instruments.brought import Brought
from outcomes.instruments.fhir import reading as fhir
from outcomes.instruments.fhir import writing
from outcomes.instruments.redcap import reading as redcap
from tests.outcomes.own_instruments import corpus

COUNT = int(os.environ.get("MENDLINE_FUZZ", "300")) // 2
LONGEST_SECONDS = 5


def read_dictionary(content: bytes) -> Brought:
    names = redcap.forms(content)
    return redcap.read(content, form=names[0] if names else "")


@pytest.mark.parametrize(
    ("make", "read"),
    [
        pytest.param(corpus.mutated, fhir.read, id="questionnaires"),
        pytest.param(corpus.mutated_dictionary, read_dictionary, id="dictionaries"),
    ],
)
def test_broken_files_are_refused_by_name(
    make: Callable[[int], bytes], read: Callable[[bytes], Brought]
) -> None:
    refused = 0
    for seed in range(COUNT):
        began = time.monotonic()
        brought = read(make(seed))
        check(brought)
        took = time.monotonic() - began
        assert took < LONGEST_SECONDS, f"seed {seed} took {took:.1f} s"
        refused += bool(brought.refusals)
    # Else they are not broken, or all are.
    assert COUNT * 0.2 < refused < COUNT


def check(brought: Brought) -> None:
    """What was made of it can be stored, scored and written; the rest has a name."""
    for finding in brought.findings:
        assert finding.where.strip()
        assert finding.problem.strip()
        assert str(finding).isprintable()
    if brought.definition is None:
        assert brought.refusals
        return
    definition = brought.definition
    assert reading.stored(definition.to_json()) == definition
    definition.sha256.encode()
    writing.questionnaire(definition, {})
    specs = [
        {**spec, "minimum": "-99999", "maximum": "99999", "better_is": "lower"}
        for spec in brought.scores
    ]
    own_scores.read(specs, definition, ())
