"""Keeps answers for good: sealed, scored, and judged for what must be told."""

from collections.abc import Collection, Sequence
from datetime import date, datetime

from clinic import audit, doorbell
from clinic.audit import By
from outcomes.alerts import raising
from outcomes.follow_ups import parts
from outcomes.follow_ups.planning import calendar
from outcomes.instruments.definition import Values
from outcomes.models import Episode, FollowUp, Response, Score
from outcomes.survey import harm, questionnaire, scores, stored


class NotOpenError(Exception):
    """The questions cannot be answered, or not any more."""


def seal(
    response: Response,
    answers: Values,
    at: datetime,
    zone: str,
    *,
    by: By,
    on: date | None = None,
    told: set[tuple[str, str]] | None = None,
) -> None:
    """Keep the answers for good and score them; the follow-up is the caller's.

    They were given `on` a day, the patient's today where none is named. `told` is what
    other answers sealed with these have raised, see `raising.response_sealed`.
    """
    follow_up = response.follow_up
    day = on or calendar.local_day(at, zone)
    response.state = Response.State.SEALED
    response.sealed_at = at
    response.answered_on = day
    response.in_window = follow_up.opens_on <= day <= follow_up.closes_on
    sealed = Response.objects.filter(pk=response.pk, state=Response.State.OPEN).update(
        state=response.state,
        instrument=response.instrument,
        sealed_at=at,
        answered_on=day,
        in_window=response.in_window,
        provenance=response.provenance,
        is_recalled=response.is_recalled,
    )
    if not sealed:
        raise NotOpenError
    scored = Score.objects.bulk_create(scores.rows(response, answers))
    harm.open_events(response, answers, day)
    raising.response_sealed(
        response,
        scored,
        at=at,
        words=stored.own_words(response, answers),
        elsewhere=stored.elsewhere(response, answers),
        told=told,
    )
    audit.record(
        by=by,
        action="response.sealed",
        about=response,
        timepoint=follow_up.timepoint_key,
        answers=len(answers),
        in_window=response.in_window,
        provenance=response.provenance,
        is_recalled=response.is_recalled,
    )


def complete(
    follow_up: FollowUp,
    at: datetime,
    *,
    states: Collection[str] = questionnaire.ANSWERABLE,
) -> int:
    """The patient's part is there: all of it, unless the clinic still owes its own."""
    rows = FollowUp.objects.filter(
        pk=follow_up.pk, state__in=states, answered_at__isnull=True
    )
    return rows.update(answered_at=at, **parts.both_there(follow_up, at))


def mark_facts_due(responses: Sequence[Response], at: datetime) -> None:
    episodes = {response.follow_up.episode_id for response in responses}
    rows = Episode.objects.filter(pk__in=episodes)
    if len(episodes) > 1:
        # Held in the order in which the facts are rebuilt, or the two could lock up.
        list(rows.select_for_update(no_key=True).order_by("pk"))
    rows.update(facts_due_at=at)
    for episode in episodes:
        doorbell.ring("outcomes.rebuild_facts", episode)
