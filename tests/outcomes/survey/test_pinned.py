"""INT-02: each response is pinned to a version, and the version to its hash."""

import io

import pytest
from django.core.management import call_command
from django.db import DatabaseError, transaction

from outcomes.instruments import installation, library, reading
from outcomes.models import Instrument, Response, SurveyRequest
from outcomes.survey import rescoring
from tests.outcomes.survey.conftest import enter, fill


def pinned() -> dict[str, set[tuple[str, str]]]:
    """By questionnaire, the hash that is kept and the one of what is kept."""
    found: dict[str, set[tuple[str, str]]] = {}
    for response in Response.objects.select_related("instrument"):
        row = response.instrument
        again = reading.stored(row.definition).sha256
        found.setdefault(row.key, set()).add((row.sha256, again))
    return found


@pytest.mark.parametrize(
    ("is_rescue", "key"), [(False, library.CORE), (True, library.THREE_TAPS)]
)
def test_a_response_is_pinned_to_the_hash_of_what_was_asked(survey, is_rescue, key):
    SurveyRequest.objects.filter(pk=survey.request.pk).update(is_rescue=is_rescue)
    survey.reload()
    fill(enter(survey), survey, "7")
    sha256 = library.instruments()[key].sha256
    assert pinned() == {key: {(sha256, sha256)}}


def test_every_version_that_a_clinic_holds_is_what_its_hash_says(clinic):
    for key, shipped in library.instruments().items():
        row = installation.instrument_of(clinic.pk, key)
        again = reading.stored(row.definition).sha256
        assert row.sha256 == again == shipped.sha256


def test_a_sealed_response_cannot_be_pinned_to_another_version(survey):
    fill(enter(survey), survey, "7")
    other = installation.instrument_of(survey.request.clinic_id, library.THREE_TAPS)
    rows = Response.objects.filter(request=survey.request)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        rows.update(instrument=other)
    assert library.CORE in pinned()


def test_a_version_that_is_not_what_its_hash_says_is_told(clinic):
    row = installation.instrument_of(clinic.pk, "sane")
    assert rescoring.check(clinic).differences == 0
    changed = {**row.definition, "recall": "last year"}
    Instrument.objects.create(
        clinic=clinic,
        key="sane",
        version=99,
        title="SANE",
        definition=changed,
        sha256=row.sha256,
    )
    out = io.StringIO()
    with pytest.raises(SystemExit):
        call_command("rescore", "--check", stdout=out)
    assert f"questionnaire sane version 99: kept {row.sha256}" in out.getvalue()
