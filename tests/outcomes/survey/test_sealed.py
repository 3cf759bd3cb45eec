"""INT-01: what is sealed the database itself refuses to change, and nothing else."""

import pytest
from django.db import DatabaseError, connection, transaction

from outcomes.instruments import installation, library
from outcomes.models import Answer, Instrument, Response
from tests.outcomes.survey.conftest import enter, fields, fill

CHANGES = [
    "UPDATE outcomes_response SET language = 'es'",
    "UPDATE outcomes_response SET state = 'open', sealed_at = NULL",
    "DELETE FROM outcomes_response",
    "UPDATE outcomes_answer SET value = 0",
    "UPDATE outcomes_answer SET text = 'fine'",
    "DELETE FROM outcomes_answer",
]


def run(statement: str) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def stored() -> list[tuple]:
    answers = Answer.objects.order_by("pk").values_list("link_id", "value", "text")
    return [*answers, *Response.objects.values_list("state", "language")]


@pytest.mark.parametrize("statement", CHANGES)
def test_a_sealed_answer_stays_as_it_was_given(survey, statement):
    fill(enter(survey), survey, "7")
    before = stored()
    with pytest.raises(DatabaseError, match="append-only"):
        run(statement)
    assert stored() == before


@pytest.mark.parametrize("statement", [CHANGES[0], *CHANGES[3:]])
def test_an_open_answer_can_still_change(survey, statement):
    enter(survey).post("/survey/1/", fields(survey, 1, "7"))
    before = stored()
    run(statement)
    assert stored() != before


def test_a_clinic_from_before_is_asked_the_version_that_ships_now(clinic):
    first = installation.instrument_of(clinic.pk, library.CORE)
    older = Instrument.objects.create(
        clinic=clinic,
        key="sane",
        version=0,
        title="SANE",
        definition=first.definition,
        sha256=first.sha256,
    )
    newest = installation.instrument_of(clinic.pk, "sane")
    assert newest != older and newest.version == 1
    assert installation.instrument_of(clinic.pk, "sane") == newest
