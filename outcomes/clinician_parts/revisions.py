"""What was found in the clinic as a response of its own, with the scores it makes."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal

from clinic import audit, reference_data
from clinic.audit import By
from outcomes.clinician_parts.sheet import Sheet
from outcomes.follow_ups.planning import calendar
from outcomes.instruments import installation
from outcomes.models import Answer, FollowUp, Measure, Provenance, Response, Score
from outcomes.survey import scores
from patients.models import Patient

ALGORITHM = "as-recorded-1"


@dataclass(frozen=True, slots=True)
class Reading:
    """What a person said, of which day and moment."""

    values: Mapping[str, Decimal]
    on: date
    at: datetime


@dataclass(frozen=True, slots=True)
class Found:
    """One value with its own day: what the record knows may be older."""

    value: Decimal
    on: date
    at: datetime


def of(follow_up: FollowUp) -> list[Response]:
    """The newest first."""
    rows = Response.objects.filter(follow_up=follow_up, provenance=Provenance.CLINIC)
    return list(rows.prefetch_related("answers").order_by("-revision"))


def values_of(response: Response) -> dict[str, Decimal]:
    """By part; uses a prefetch of the answers."""
    answers = {a.link_id: a.value for a in response.answers.all()}
    return {key: value for key, value in answers.items() if value is not None}


def keep(
    sheet: Sheet, reading: Reading, patient: Patient, now: datetime, *, by: By
) -> Response | None:
    """None where there is no value: an examination alone stands in its evaluation.

    The scores of an earlier revision are derived, so the newer ones take their place;
    its answers stay.
    """
    found = _values(sheet, reading, patient.time_zone)
    follow_up = sheet.follow_up
    earlier = Score.objects.filter(
        response__follow_up=follow_up, provenance=Provenance.CLINIC
    )
    earlier.delete()
    if not found:
        return None
    response = _sealed(follow_up, reading.on, patient, now)
    Answer.objects.bulk_create(
        Answer(
            clinic_id=response.clinic_id,
            response=response,
            link_id=key,
            value=one.value,
            answered_at=one.at,
        )
        for key, one in found.items()
    )
    Score.objects.bulk_create(_scores(response, found))
    audit.record(
        by=by,
        action="response.sealed",
        about=response,
        timepoint=follow_up.timepoint_key,
        answers=len(found),
        in_window=response.in_window,
        provenance=response.provenance,
        is_recalled=False,
    )
    return response


def _values(sheet: Sheet, reading: Reading, zone: str) -> dict[str, Found]:
    told = {
        key: Found(known.value, known.on, calendar.moment(known.on, time(12), zone))
        for key, known in sheet.known.items()
        if known.value is not None and not _is_only_proposed(sheet, key)
    }
    said = {
        key: Found(value, reading.on, reading.at)
        for key, value in reading.values.items()
    }
    return told | said


def _is_only_proposed(sheet: Sheet, key: str) -> bool:
    return any(part.key == key and part.is_only_proposed for part in sheet.parts)


def _sealed(follow_up: FollowUp, on: date, patient: Patient, now: datetime) -> Response:
    return Response.objects.create(
        clinic_id=follow_up.clinic_id,
        patient_id=follow_up.patient_id,
        follow_up=follow_up,
        state=Response.State.SEALED,
        revision=Response.objects.filter(follow_up=follow_up).count() + 1,
        provenance=Provenance.CLINIC,
        language=patient.language,
        opened_at=now,
        sealed_at=now,
        answered_on=on,
        in_window=follow_up.opens_on <= on <= follow_up.closes_on,
    )


def _scores(response: Response, found: Mapping[str, Found]) -> list[Score]:
    measures = installation.measures_of(response.clinic_id, found)
    return [_score(response, measure, found[key]) for key, measure in measures.items()]


def _score(response: Response, measure: Measure, found: Found) -> Score:
    complaint = response.follow_up.episode.complaint
    site, side = scores.place_of(measure, complaint)
    return Score(
        clinic_id=response.clinic_id,
        patient_id=response.patient_id,
        complaint=complaint,
        measure=measure,
        site=site,
        side=side,
        measured_at=found.at,
        measured_on=found.on,
        value=found.value,
        response=response,
        provenance=response.provenance,
        algorithm_version=ALGORITHM,
        input_sha256=reference_data.fingerprint(
            {"measure": measure.key, "value": f"{found.value:f}"}
        ),
    )
