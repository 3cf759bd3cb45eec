"""What a rule would have raised on the answers of the last months, before it is on.

The same reading and the same rules as for a new answer; bounded, however many there
are: the newest so many answers of the span are looked at.
"""

import dataclasses
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from clinic.models import Clinic
from outcomes.alerts import reading, rules
from outcomes.alerts.reading import Past
from outcomes.alerts.rules import Answered, Finding, Flag, Rule, Severity
from outcomes.models import Measure, Response, Score
from outcomes.survey import stored
from patients.models import RedFlag
from plans.models import AdverseEvent

SPAN = timedelta(days=90)
WEEK = timedelta(days=7)
MOST_ANSWERS = 2000
_BATCH = 500


@dataclass(frozen=True, slots=True)
class Tried:
    """How many alerts a rule would have raised."""

    raised: int
    urgent: int
    answers: int

    @property
    def a_week(self) -> str:
        """To one digit where that says more."""
        each = self.raised / (SPAN / WEEK)
        return f"{each:.0f}" if each >= 10 or not self.raised else f"{each:.1f}"

    @property
    def words(self) -> str:
        """Such as "would have raised 38: 3 a week, 1 urgent"."""
        if not self.answers:
            return "nothing to try it on: no answer in the last 90 days"
        urgent = f"{self.urgent} urgent" if self.urgent else "none urgent"
        return (
            f"on the last {SPAN.days} days it would have raised {self.raised}: "
            f"{self.a_week} a week, {urgent}"
        )


@dataclass(frozen=True, slots=True)
class Sent:
    """What one response said, and the survey that it was sent with."""

    answered: Answered
    survey: UUID | None = None
    # Only to tell what was written twice from what was written once.
    words: str = ""


@dataclass(frozen=True, slots=True)
class Pool:
    """What was answered in the span, read once for all rules."""

    answers: Sequence[Sent]
    flags: Sequence[Answered]
    events: Sequence[Answered]

    def tried(self, rule: Rule, beside: Iterable[Rule] = ()) -> Tried:
        """What the rule would have raised, switched on, beside those that are on."""
        others = [one for one in beside if one.key == rule.unless]
        return self._counted([*others, dataclasses.replace(rule, is_on=True)], rule.key)

    def together(self, rules_on: Sequence[Rule]) -> Tried:
        return self._counted(rules_on)

    def _counted(self, judged: Sequence[Rule], key: str = "") -> Tried:
        found = [
            finding for finding in self._findings(judged) if key in ("", finding.rule)
        ]
        urgent = sum(finding.severity == Severity.URGENT for finding in found)
        return Tried(len(found), urgent, len(self.answers) or len(self.flags))

    def _findings(self, judged: Sequence[Rule]) -> Iterable[Finding]:
        """What two responses of a survey say alike is told of once, as it is live."""
        told = set()
        for sent in self.answers:
            for finding in rules.evaluate(sent.answered, judged):
                same = (sent.survey, reading.once(finding, sent.words))
                if sent.survey is None or same not in told:
                    yield finding
                told.add(same)
        for answered in (*self.flags, *self.events):
            yield from rules.evaluate(answered, judged)


def read(clinic: Clinic, now: datetime) -> Pool:
    """Four queries a batch of answers, and two for flags and events."""
    since = now - SPAN
    said = list(
        RedFlag.objects.filter(
            clinic=clinic, informant=RedFlag.Informant.PATIENT, raised_at__gte=since
        )
        .order_by("-raised_at")
        .values_list("patient_id", "flag", "tier", "raised_at")[:MOST_ANSWERS]
    )
    happened = AdverseEvent.objects.standing().filter(
        clinic=clinic, origin=AdverseEvent.Origin.ANSWER, created_at__gte=since
    )
    responses = list(_responses(clinic, since))
    infections = _infections(said)
    return Pool(
        answers=[
            sent
            for start in range(0, len(responses), _BATCH)
            for sent in _sent(responses[start : start + _BATCH], infections)
        ],
        flags=[
            Answered(flags=tuple(reading.flags_of([(flag, tier)])))
            for _, flag, tier, _ in said
        ],
        events=[reading.of_event(event) for event in happened[:MOST_ANSWERS]],
    )


def _responses(clinic: Clinic, since: datetime) -> Iterable[Response]:
    return (
        Response.objects.filter(
            clinic=clinic,
            state=Response.State.SEALED,
            sealed_at__gte=since,
            is_recalled=False,
        )
        .select_related(
            "instrument",
            "follow_up__episode__complaint",
            "follow_up__episode__anchor_intervention",
        )
        .defer("instrument__definition")
        .order_by("-sealed_at")[:MOST_ANSWERS]
    )


Said = Mapping[UUID, Sequence[tuple[datetime, Flag]]]


def _infections(said: Iterable[tuple[UUID, str, str, datetime]]) -> Said:
    found = defaultdict(list)
    for patient, flag, tier, at in said:
        if flag == rules.INFECTION:
            (one,) = reading.flags_of([(flag, tier)])
            found[patient].append((at, one))
    return found


def _sent(responses: Sequence[Response], infections: Said) -> Iterable[Sent]:
    given = stored.of([one for one in responses if one.instrument_id is not None])
    complaints = {one.follow_up.episode.complaint_id for one in responses}
    scores: dict[UUID, list[tuple[Measure, Decimal]]] = defaultdict(list)
    past: dict[UUID, list[Past]] = defaultdict(list)
    rows = Score.objects.filter(complaint__in=complaints).select_related("measure")
    for score in rows.select_related("response").order_by(*reading.IN_TIME_ORDER):
        response = score.response
        is_recalled = response.is_recalled if response else None
        past[score.complaint_id].append(
            Past(
                score.measure_id,
                score.measured_on,
                score.value,
                score.response_id,
                is_recalled,
            )
        )
        if score.response_id is not None:
            scores[score.response_id].append((score.measure, score.value))
    for response in responses:
        said = given.get(response.pk)
        words = stored.own_words(response, said) if said is not None else ""
        answered = reading.of_response(
            response,
            scores[response.pk],
            past[response.follow_up.episode.complaint_id],
            flags=_said_together(response, infections),
            has_text=bool(words),
            elsewhere=stored.elsewhere(response, said) if said is not None else (),
        )
        yield Sent(answered, response.request_id, words)


def _said_together(response: Response, infections: Said) -> list[Flag]:
    at = response.sealed_at
    if at is None:
        return []
    return [
        flag
        for said_at, flag in infections.get(response.patient_id, ())
        if at - reading.SAID_TOGETHER <= said_at <= at
    ]
