"""From rows to what the rules judge; the same for an answer now and for past ones."""

import functools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

from django.db.models import Exists, Value

from outcomes.alerts import rules
from outcomes.alerts.rules import Answered, Finding, Flag, Harm, Scored
from outcomes.instruments import library
from outcomes.models import AlertRule, Episode, Measure, Response, Score
from patients.catalogue import red_flags
from patients.models import Complaint, RedFlag
from plans.course import exposure
from plans.models import AdverseEvent

# Of two answers on a day the later one stands (as the facts count them).
IN_TIME_ORDER = ("measured_on", "measured_at", "response__revision", "pk")
PAIN = "pain"
# So long a flag of the same person counts as said together with an answer.
SAID_TOGETHER = timedelta(days=2)
THE_SITE = "the site"


@dataclass(frozen=True, slots=True)
class Past:
    """One score of a complaint, as far as the rules need it."""

    measure_id: UUID
    measured_on: date
    value: Decimal
    response_id: UUID | None
    is_recalled: bool | None


@dataclass(frozen=True, slots=True)
class History:
    past: Sequence[Past] = ()
    # Whether the clinic has set a rule otherwise; None where nothing was read.
    has_own_rules: bool | None = None


def history(response: Response, measures: Iterable[UUID]) -> History:
    """One query: earlier scores, and whether the clinic has rules of its own."""
    own_rules = AlertRule.objects.filter(clinic=Value(response.clinic_id))
    rows = (
        Score.objects.filter(
            complaint=response.follow_up.episode.complaint_id,
            measure__in=list(measures),
        )
        .order_by(*IN_TIME_ORDER)
        .values_list(
            "measure_id",
            "measured_on",
            "value",
            "response_id",
            "response__is_recalled",
            Exists(own_rules),
        )
    )
    found = list(rows)
    return History([Past(*row[:5]) for row in found], found[0][5] if found else None)


def of_response(
    response: Response,
    scores: Sequence[tuple[Measure, Decimal]],
    past: Sequence[Past],
    *,
    flags: Sequence[Flag] = (),
    has_text: bool = False,
    elsewhere: Sequence[str] = (),
) -> Answered:
    """`past` are scores of the same complaint in time order, its own among them."""
    episode = response.follow_up.episode
    day = response.answered_on
    earlier = [
        one for one in past if one.response_id != response.pk and _is_before(one, day)
    ]
    answers = [one for one in earlier if one.response_id and not one.is_recalled]
    last_on = max((one.measured_on for one in answers), default=None)
    return Answered(
        scores=tuple(
            _scored(measure, value, episode, earlier, answers)
            for measure, value in scores
        ),
        day=_days(episode, day),
        last_day=_days(episode, last_on),
        is_after_needle=_is_after_needle(episode),
        flags=tuple(flags),
        has_text=has_text,
        elsewhere=tuple(elsewhere),
    )


def _is_before(one: Past, day: date | None) -> bool:
    return day is not None and one.measured_on <= day


def _days(episode: Episode, day: date | None) -> int | None:
    """None while day 0 is only planned."""
    if day is None or episode.is_provisional:
        return None
    return (day - episode.anchor_on).days


def _is_after_needle(episode: Episode) -> bool:
    procedure = episode.anchor_intervention
    return procedure is not None and procedure.is_needle


def _scored(
    measure: Measure,
    value: Decimal,
    episode: Episode,
    earlier: Sequence[Past],
    answers: Sequence[Past],
) -> Scored:
    own = [one for one in earlier if one.measure_id == measure.pk]
    before = [
        one for one in own if exposure.is_baseline(one.measured_on, episode.begins_on)
    ]
    last = [one for one in answers if one.measure_id == measure.pk]
    is_change = not measure.is_asked_at_baseline
    return Scored(
        key=measure.key,
        name=named(measure, episode.complaint),
        better_is=measure.better_is,
        minimum=measure.minimum,
        maximum=measure.maximum,
        mic_points=measure.mic_points,
        mic_percent=measure.mic_percent,
        value=value,
        baseline=before[-1].value if before and not is_change else None,
        last=last[-1].value if last else None,
        is_pain=measure.role == Measure.Role.SITE and measure.key.startswith(PAIN),
        is_change=is_change,
    )


def named(measure: Measure, complaint: Complaint) -> str:
    """With the place that it is about: "Pain at the left foot"."""
    place = f"the {complaint.english_site}"
    if THE_SITE in measure.name:
        return measure.name.replace(THE_SITE, place)
    if measure.role == Measure.Role.SITE or measure.key in _of_a_place():
        return f"{measure.name}, {complaint.english_site}"
    return measure.name


@functools.cache
def _of_a_place() -> frozenset[str]:
    """What is asked of each place by itself, whatever the measure's part in charts."""
    every = (item for one in library.instruments().values() for item in one.walk())
    return frozenset(each.measure for each in every if each.scope == "complaint")


def once(finding: Finding, words: str) -> tuple[str, str]:
    """What is told of once, though it was answered for two complaints.

    That something was written is the same reason, whatever it was: the `words` count.
    """
    is_text = rules.shipped().rules[finding.rule].kind == "free_text"
    return finding.rule, words if is_text else finding.reason


def of_flag(flag: RedFlag, note: str = "") -> Answered:
    return Answered(flags=(_flag(flag.flag, flag.tier, note),))


def flags_of(rows: Iterable[tuple[str, str]]) -> list[Flag]:
    """From the columns flag and tier."""
    return [_flag(key, tier, "") for key, tier in rows]


def _flag(key: str, tier: str, note: str) -> Flag:
    found = note or red_flags.red_flags()[key].finding
    return Flag(key, tier, f"{tier} {RedFlag.Tier(tier).label}", found)


def of_event(event: AdverseEvent) -> Answered:
    return Answered(harms=(Harm(event.category_words.lower(), bool(event.is_serious)),))
