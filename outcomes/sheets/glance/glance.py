"""What a provider has to know between two rooms, on one screen of a phone. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from clinic import clock
from outcomes.alerts import why
from outcomes.alerts.why import Why
from outcomes.sheets import done, last_scores, open_ends
from outcomes.sheets.done import Done
from outcomes.sheets.last_scores import LastScore
from outcomes.sheets.open_ends import Step
from outcomes.sheets.person import Person

# More do not fit a screen of 390 by 844.
SCORES = 3


@dataclass(frozen=True, slots=True)
class Glance:
    scores: Sequence[LastScore]
    more_scores: int
    # The most urgent of what stands.
    raised: Why | None
    more_raised: int
    done: Done | None
    to_confirm: str
    next: Step | None
    # Why nothing comes, where that is known.
    hold: str


def of(person: Person) -> Glance:
    scores = _scores(person)
    standing = why.standing(person.flags, person.alerts)
    waiting = person.to_confirm
    steps = open_ends.steps(person, 1)
    return Glance(
        scores=scores[:SCORES],
        more_scores=max(len(scores) - SCORES, 0),
        raised=standing[0] if standing else None,
        more_raised=max(len(standing) - 1, 0),
        done=_done(person),
        to_confirm=waiting[0].title if waiting else "",
        next=steps[0] if steps else None,
        hold=_hold(person),
    )


def _scores(person: Person) -> list[LastScore]:
    """The leading measure of each complaint first, then the others of the first."""
    each = [last_scores.of(o.complaint, o.episode, o.scores) for o in person.treated]
    answered = [scores for scores in each if scores]
    leading = [scores[0] for scores in answered]
    # Of another complaint nothing on the screen would say whose they are.
    return leading + answered[0][1:] if answered else []


def _done(person: Person) -> Done | None:
    newest = done.last_procedure(person.treated)
    if newest is None or newest.performed_on is None:
        return None
    return Done(
        on=newest.performed_on,
        when=clock.in_words(newest.performed_on),
        what=newest.title,
        detail=done.where(newest),
    )


def _hold(person: Person) -> str:
    patient = person.patient
    if patient.deceased_on:
        return f"Died {clock.in_words(patient.deceased_on)}."
    if patient.withdrawn_on:
        return f"Left the follow-up {clock.in_words(patient.withdrawn_on)}."
    if patient.is_on_hold and patient.hold_until:
        return f"On hold until {clock.in_words(patient.hold_until)}."
    return ""
