"""What an answer says that cannot wait until somebody reads it."""

from collections.abc import Collection, Iterable, Mapping
from uuid import UUID

from outcomes.instruments.definition import YES, Item, Values
from outcomes.survey import stored
from outcomes.survey.questions import Answers, Question
from patients.catalogue.red_flags import Tier
from patients.models import Complaint, Patient
from patients.triage import flags, red_flags
from patients.triage.red_flags import Answer

# What the patient is told before anything else is asked.
AT_ONCE = (Tier.E0, Tier.E1)


def said(items: Iterable[Item], given: Values) -> dict[str, Answer]:
    """By red flag; one that was not asked is not there, for a blank is no "no"."""
    return {
        item.flag: Answer.PRESENT if given[item.link_id] == YES else Answer.ABSENT
        for item in items
        if item.flag and given.get(item.link_id) is not None
    }


def most_urgent(told: Mapping[str, Answer]) -> Tier | None:
    """The tier of what was said yes to."""
    return min(red_flags.raised(told, set()).values(), default=None)


def of_stored(question: Question, answers: Answers) -> Tier | None:
    """How urgent what is stored of it is."""
    targets = [target for target in question.targets if target in answers]
    given = {target.link_id: answers[target] for target in targets}
    return most_urgent(said(question.item.answered, given))


def standing(question: Question) -> dict[str, Answer]:
    """What was said of its flags before; costs no query where it has none."""
    if not any(item.flag for item in question.item.answered):
        return {}
    return said(question.item.answered, stored.standing(question))


def raise_flags(
    patient: Patient,
    question: Question,
    given: Values,
    before: Mapping[str, Answer],
    follow_ups: Collection[UUID],
    *,
    is_again: bool = False,
) -> Tier | None:
    """Open the flags that were said yes to; a "no" is noted beside one that stands.

    The page sends all of its boxes each time: only what was said otherwise is news.
    """
    told = said(question.item.answered, given)
    news = {flag: answer for flag, answer in told.items() if before.get(flag) != answer}
    if news:
        flags.report_answers(patient, news, complaint=_complaint(follow_ups))
    # Said once is enough: confirming the rest of the boxes is no new emergency. But
    # who sends again had no reply, and so may not have been told.
    return most_urgent(told if is_again else news)


def _complaint(follow_ups: Collection[UUID]) -> Complaint | None:
    """The pain it is about, where only one was asked about."""
    found = list(
        Complaint.objects.filter(episodes__follow_ups__in=follow_ups).distinct()[:2]
    )
    return found[0] if len(found) == 1 else None
