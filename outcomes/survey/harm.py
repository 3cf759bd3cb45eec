"""Adverse events that a patient's answers open, for staff to look at and rate."""

from datetime import date

from django.core.exceptions import ValidationError

from clinic import audit
from outcomes.instruments.definition import YES, Item, Values, in_language
from outcomes.models import Response
from outcomes.survey import occasions
from plans.harm import adverse_events
from plans.models import AdverseEvent


def open_events(response: Response, answers: Values, day: date) -> list[AdverseEvent]:
    """One for each kind of harm that was said yes to; said twice it stands once."""
    said: dict[str, list[Item]] = {}
    for item in occasions.items_of(response):
        for box in item.answered:
            if box.harm and answers.get(box.link_id) == YES:
                said.setdefault(box.harm, []).append(box)
    opened = [_open(response, kind, boxes, day) for kind, boxes in said.items()]
    return [event for event in opened if event is not None]


def _open(
    response: Response, kind: str, boxes: list[Item], day: date
) -> AdverseEvent | None:
    episode = response.follow_up.episode
    words = "; ".join(in_language(box.text, "en") for box in boxes)
    try:
        return adverse_events.open_event(
            response.patient,
            by=audit.PATIENT,
            # When it began nobody has asked yet: it was there on this day.
            onset_on=day,
            category=kind,
            complaint=episode.complaint,
            intervention=episode.anchor_intervention,
            origin=AdverseEvent.Origin.ANSWER,
            description=f"Answered at {response.follow_up.label}: {words}",
        )
    except ValidationError:
        # On the ledger already: another follow-up of the same day asked it as well.
        return None
