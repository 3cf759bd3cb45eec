"""How one complaint goes: its scores on the time axis of its newest episode."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from clinic import clock
from outcomes.dashboards import charts, facts, statistics
from outcomes.dashboards.facts import Attribution
from outcomes.dashboards.statistics import Direction
from outcomes.instruments import library
from outcomes.models import Episode, Measure, Score
from outcomes.plan_pages.attainment import Aim, Value, level_of
from patients.models import Complaint
from plans.course import exposure, exposure_rows, partial_days
from plans.models import Goal, Intervention, TreatmentElsewhere

# A change that equals the meaningful one counts, as in every rule.
IMPROVED = "improved by the meaningful change or more"
WORSE = "worse by the meaningful change or more"
UNCHANGED = "less than the meaningful change"
UNKNOWN = "and no meaningful change is known for it"
SAME = "as before"
LEADING = "pain_site"
# The newest of what was added; the chart marks them all.
NAMED_BESIDE = 2
NOTHING_BESIDE = Attribution()
NOTHING_EXPECTED: Mapping[UUID, charts.ExpectedCourse] = {}


@dataclass(frozen=True, slots=True)
class Period:
    """The days that a chart shows, both ends included; None is open."""

    since: date | None = None
    until: date | None = None

    def __contains__(self, day: date | None) -> bool:
        if day is None:
            return False
        begun = self.since is None or self.since <= day
        return begun and (self.until is None or day <= self.until)


EVER = Period()


@dataclass(frozen=True, slots=True)
class Course:
    complaint: Complaint
    episode: Episode
    chart: charts.CourseChart
    headline: "Headline | None"


@dataclass(frozen=True, slots=True)
class Headline:
    """The course of the leading measure in one sentence."""

    title: str
    baseline: str
    # The answer before the latest; empty where that was the baseline.
    previous: str
    latest: str
    span: str
    verdict: str
    answered: str


def course_of(
    complaint: Complaint,
    episode: Episode,
    scores: Sequence[Score],
    interventions: Sequence[Intervention],
    goals: Sequence[Goal] = (),
    elsewhere: Sequence[TreatmentElsewhere] = (),
    expected: Mapping[UUID, charts.ExpectedCourse] = NOTHING_EXPECTED,
    *,
    period: Period = EVER,
    first: Collection[UUID] = (),
) -> Course:
    """Scores must be in time order, with measure and response's follow-up at hand;
    `interventions` are the performed ones, `expected` is by measure.

    Treatments are marked within `period` or up to the last score; the measures in
    `first` stand before the others.
    """
    attribution = attribution_of(complaint, episode, interventions, elsewhere)
    series = [
        series_of(
            complaint,
            episode,
            [s for s in scores if s.measure == measure],
            goals,
            attribution,
            expected.get(measure.pk),
        )
        for measure in sorted(
            {score.measure for score in scores},
            key=lambda m: (m.pk not in first, m.position, m.name),
        )
    ]
    last_on = max((score.measured_on for score in scores), default=None)
    if period.until and last_on and last_on > period.until:
        period = Period(period.since, last_on)
    return Course(
        complaint=complaint,
        episode=episode,
        chart=charts.course_chart(
            series,
            events_of(
                episode,
                [one for one in interventions if one.performed_on in period],
                [one for one in elsewhere if one.began_on in period],
            ),
            chart_id=f"course-{episode.pk}",
            title=f"Course of {complaint}",
        ),
        headline=headline_of(complaint, episode, scores),
    )


def attribution_of(
    complaint: Complaint,
    episode: Episode,
    interventions: Sequence[Intervention],
    elsewhere: Sequence[TreatmentElsewhere],
) -> Attribution:
    """What an answer of this plan is judged by; from rows that are at hand."""
    done = {each.pk for each in interventions}
    courses = [
        exposure.Course(each.course, each.begins_on, each.anchor_on)
        for each in complaint.episodes.all()
        if each.plan_id == episode.plan_id
        and (each.anchor_intervention_id is None or each.anchor_intervention_id in done)
    ]
    had = [exposure_rows.of_intervention(each) for each in interventions]
    had += [exposure_rows.of_elsewhere(each) for each in elsewhere]
    return Attribution(courses, facts.beside(episode, had))


def events_of(
    episode: Episode,
    interventions: Sequence[Intervention],
    elsewhere: Sequence[TreatmentElsewhere],
) -> list[charts.CourseEvent]:
    """What was done here, and what the patient had outside the clinic."""
    together: dict[object, list[tuple[date, Intervention]]] = defaultdict(list)
    for each in interventions:
        if each.performed_on:
            is_one_of = each.series_number is not None and each.step_id
            key = (each.plan_id, each.step_id, each.course) if is_one_of else each.pk
            together[key].append((each.performed_on, each))
    done = [_event(episode, sorted(given, key=_by_day)) for given in together.values()]
    outside = [
        charts.CourseEvent(
            day=(each.began_on - episode.anchor_on).days,
            label=f"elsewhere: {each.what}",
            detail=partial_days.in_words(each.began_on, each.precision),
        )
        for each in elsewhere
    ]
    return done + outside


def _by_day(given: tuple[date, Intervention]) -> date:
    return given[0]


def _event(
    episode: Episode, given: Sequence[tuple[date, Intervention]]
) -> charts.CourseEvent:
    """One procedure, or those of a series in time order."""
    days = [(on - episode.anchor_on).days for on, _ in given]
    (first_on, first), (last_on, _) = given[0], given[-1]
    if len(given) == 1:
        return charts.CourseEvent(
            day=days[0], label=first.title, detail=clock.in_words(first_on)
        )
    return charts.CourseEvent(
        day=days[0],
        label=first.step.title if first.step else first.title,
        detail=f"{len(given)} from {clock.in_words(first_on)} "
        f"to {clock.in_words(last_on)}",
        until=days[-1],
        days=days,
    )


def series_of(
    complaint: Complaint,
    episode: Episode,
    scores: Sequence[Score],
    goals: Sequence[Goal] = (),
    attribution: Attribution = NOTHING_BESIDE,
    expected: charts.ExpectedCourse | None = None,
) -> charts.CourseSeries:
    measure = scores[0].measure
    baseline = facts.baseline_of(episode.begins_on, scores)
    return charts.CourseSeries(
        key=measure.key,
        title=title_of(complaint, measure),
        points=[point_of(episode, score, attribution) for score in scores],
        low=measure.minimum,
        high=measure.maximum,
        better_is=measure.direction,
        scale_words=scale_words(measure),
        asks_baseline=measure.is_asked_at_baseline,
        threshold=meaningful(measure, baseline),
        goal=aimed_at(measure, baseline, goals),
        acceptable=measure.pass_at,
        expected=expected,
    )


def aimed_at(
    measure: Measure, baseline: Score | None, goals: Sequence[Goal]
) -> Decimal | None:
    """The value to reach, of the goal that is due first; the goals are open ones."""
    own = sorted(
        (each for each in goals if each.measure == measure.key),
        key=lambda each: each.due_on,
    )
    start = Value(baseline.measured_on, baseline.value) if baseline else None
    levels = (
        level_of(Aim(each.comparison, each.target, each.due_on), start) for each in own
    )
    return next((level for level in levels if level is not None), None)


def scale_words(measure: Measure) -> str:
    """Such as "1 very much better to 7 very much worse"; empty for plain numbers."""
    ends = library.ends_of_scale(measure.key)
    if ends is None:
        return ""
    return " to ".join(f"{end.value} {end.label['en'].lower()}" for end in ends)


def point_of(
    episode: Episode, score: Score, attribution: Attribution
) -> charts.CoursePoint:
    follow_up = score.response.follow_up if score.response else None
    return charts.CoursePoint(
        day=(score.measured_on - episode.anchor_on).days,
        value=score.value,
        label=follow_up.label if follow_up else "measured",
        when=clock.in_words(score.measured_on),
        in_window=score.response.in_window if score.response else True,
        provenance=", ".join([how_of(score), *beside(score, attribution)]),
        is_partial=is_partial(score),
    )


def is_partial(score: Score) -> bool:
    """The three taps of a rescue, in place of the whole survey."""
    follow_up = score.response.follow_up if score.response else None
    return bool(follow_up and follow_up.request and follow_up.request.is_rescue)


def beside(score: Score, attribution: Attribution) -> list[str]:
    """What else can explain an answer, by the one rule of attribution."""
    owner = attribution.owner(score.measured_on)
    if owner.phase == exposure.Phase.IN_SERIES:
        return ["during the series"]
    named = [one.label for one in owner.added[-NAMED_BESIDE:]]
    unnamed = len(owner.added) - len(named)
    more = [f"{unnamed} more"] if unnamed else []
    return [f"after {' and '.join([*named, *more])}"] if named else []


def is_recalled(score: Score) -> bool:
    return score.response is not None and score.response.is_recalled


def how_of(score: Score) -> str:
    how = score.get_provenance_display()
    told_on = score.response.answered_on if score.response else None
    if told_on is None or not is_recalled(score):
        return how
    return f"{how}, recalled on {clock.in_words(told_on)}"


def baseline_text(score: Score | None) -> str:
    if score is None:
        return ""
    value = f"{score.value.normalize():f}"
    return f"{value} (recalled)" if is_recalled(score) else value


def title_of(complaint: Complaint, measure: Measure) -> str:
    """Only the leading one is named by its place: others ask for the site as well."""
    site = complaint.site_phrase("en")
    if measure.key == LEADING:
        return f"Pain in the {site}"
    return f"{measure.name}, {site}" if measure.role == "site" else measure.name


def meaningful(measure: Measure, baseline: Score | None) -> float | None:
    """The value from which this patient counts as meaningfully better."""
    if baseline is None:
        return None
    return statistics.threshold(
        statistics.RULES["mic"],
        baseline.value,
        measure.direction,
        measure.mic_points,
        measure.mic_percent,
    )


def headline_of(
    complaint: Complaint, episode: Episode, scores: Sequence[Score]
) -> Headline | None:
    if not scores:
        return None
    leading = leading_measure(scores)
    own = [score for score in scores if score.measure == leading]
    baseline, latest = facts.baseline_of(episode.begins_on, own), own[-1]
    return Headline(
        title=title_of(complaint, leading),
        baseline=baseline_text(baseline),
        previous=previous_text(own, baseline),
        latest=f"{latest.value.normalize():f}",
        span=span_text((latest.measured_on - episode.anchor_on).days),
        verdict=verdict_of(leading, baseline, latest),
        answered=f"{ago_text(latest.measured_on, complaint)}, "
        f"{latest.get_provenance_display()}",
    )


def previous_text(own: Sequence[Score], baseline: Score | None) -> str:
    if len(own) < 2 or own[-2] == baseline:
        return ""
    return f"{own[-2].value.normalize():f}"


def leading_measure(scores: Sequence[Score]) -> Measure:
    return min({s.measure for s in scores}, key=lambda m: (m.position, m.name))


def verdict_of(measure: Measure, baseline: Score | None, latest: Score) -> str:
    """What the change means, as far as it is known."""
    if baseline is None or baseline == latest:
        return ""
    if baseline.value == latest.value:
        return SAME
    better = measure.direction
    is_lower = latest.value < baseline.value
    is_better = is_lower == (better == "lower")
    rule = statistics.RULES["mic"]
    known = (measure.mic_points, measure.mic_percent)
    towards = better if is_better else _other(better)
    is_meaningful = statistics.is_responder(
        rule, baseline.value, latest.value, towards, *known
    )
    if is_meaningful is None:
        return f"{'better' if is_better else 'worse'}, {UNKNOWN}"
    if not is_meaningful:
        return UNCHANGED
    return IMPROVED if is_better else WORSE


def _other(direction: Direction) -> Direction:
    return "higher" if direction == "lower" else "lower"


def ago_text(day: date, complaint: Complaint) -> str:
    days = (clock.today(complaint.patient.time_zone) - day).days
    if days <= 0:
        return "today"
    if days > 90:
        return f"on {clock.in_words(day)}"
    return "yesterday" if days == 1 else f"{days} days ago"


def span_text(days: int) -> str:
    if days < 1:
        return "at the start"
    if days < 14:
        return "in 1 day" if days == 1 else f"in {days} days"
    if days < 84:
        return f"in {round(days / 7)} weeks"
    if days < 730:
        return f"in {round(days / 30.4)} months"
    return f"in {round(days / 365)} years"
