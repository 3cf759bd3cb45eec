"""From the answers of one response to the score rows they make."""

from datetime import date
from decimal import Decimal

from outcomes.instruments import installation, scoring
from outcomes.instruments.definition import Values
from outcomes.models import Episode, Measure, Response, Score
from outcomes.survey import occasions
from patients.models import Complaint, Side

BACK = "low_back"


def rows(response: Response, answers: Values) -> list[Score]:
    """One unsaved row a measure; none where the answer is missing or unknown."""
    complaint = response.follow_up.episode.complaint
    scored = scored_of(response, answers)
    made = {each.measure_key: each for each in scored if each.value is not None}
    measures = installation.measures_of(response.clinic_id, made)
    return [
        _row(response, complaint, measures[key], each.value, each)
        for key, each in made.items()
        if each.value is not None
    ]


def scored_of(response: Response, answers: Values) -> list[scoring.ScoredMeasure]:
    """What its own version of the questionnaire makes of the answers."""
    return scoring.score(
        occasions.definition_of(response),
        answers,
        response.follow_up.episode.complaint.pain_site,
        occasions.asked_links(response),
    )


def _row(
    response: Response,
    complaint: Complaint,
    measure: Measure,
    value: Decimal,
    scored: scoring.ScoredMeasure,
) -> Score:
    if response.sealed_at is None or response.answered_on is None:
        raise ValueError(f"response {response.pk} is not sealed")
    site, side = place_of(measure, complaint)
    return Score(
        clinic_id=response.clinic_id,
        patient_id=response.patient_id,
        complaint=complaint,
        measure=measure,
        site=site,
        side=side,
        measured_at=response.sealed_at,
        measured_on=day_of(response, response.answered_on),
        value=value,
        response=response,
        provenance=response.provenance,
        algorithm_version=scored.algorithm_version,
        input_sha256=scored.input_hash,
    )


def day_of(response: Response, answered_on: date) -> date:
    """The day an answer tells of: what was recalled tells of the first needle's."""
    if not response.is_recalled:
        return answered_on
    return min(answered_on, response.follow_up.episode.begins_on)


def follow_day_0(episode: Episode) -> None:
    """What was recalled tells of another day once its first needle does."""
    recalled = Response.objects.filter(
        follow_up__episode=episode, is_recalled=True, state=Response.State.SEALED
    )
    for response in recalled.select_related("follow_up__episode"):
        if response.answered_on is None:
            continue
        day = day_of(response, response.answered_on)
        Score.objects.filter(response=response).update(measured_on=day)


def place_of(measure: Measure, complaint: Complaint) -> tuple[str, str]:
    """The part of the body the value is about."""
    if measure.role == Measure.Role.SITE:
        return complaint.pain_site, complaint.side
    return (BACK if measure.role == Measure.Role.BACK else ""), Side.NONE
