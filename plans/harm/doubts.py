"""What does not fit together in an adverse event: said, and never in the way."""

from collections.abc import Sequence

from plans.harm import catalogue
from plans.models import AdverseEvent

# Life-threatening: serious by what the word means.
SERIOUS_FROM = 4
DEATH = 5


def of(event: AdverseEvent) -> Sequence[str]:
    """In sentences; uses a prefetch of the ratings."""
    if event.status == AdverseEvent.Status.ENTERED_IN_ERROR:
        return []
    found = [
        _before_the_procedure(event),
        _not_serious(event),
        _death(event),
        _untold(event),
    ]
    return [words for words in found if words]


def _before_the_procedure(event: AdverseEvent) -> str:
    days = event.days_after
    if days is None or days >= 0:
        return ""
    return (
        f"It began {-days} day{'' if days == -1 else 's'} before the procedure it is "
        "linked to; look at both dates."
    )


def _not_serious(event: AdverseEvent) -> str:
    grade = event.worst_grade
    if grade is None or grade < SERIOUS_FROM or event.is_serious:
        return ""
    return f"Rated grade {grade} and not marked as serious."


def _death(event: AdverseEvent) -> str:
    grade, is_fatal = event.worst_grade, event.outcome == AdverseEvent.Outcome.FATAL
    if is_fatal and grade is not None and grade < DEATH:
        return f"Its outcome is fatal, and no rater says grade {DEATH}."
    if grade == DEATH and not is_fatal:
        return f"Rated grade {DEATH}, and its outcome is not fatal."
    return ""


def _untold(event: AdverseEvent) -> str:
    if event.is_serious and not event.reported_to:
        return "Serious, and nobody has said yet to whom it was reported."
    if event.is_serious and event.reported_to == [catalogue.NOBODY]:
        return "Serious, and reported to nobody."
    return ""
