"""How it goes with each complaint, told with what the patient said and nothing else.

No word of it judges: it says what was answered, when, and what the goal is.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Prefetch

from outcomes.dashboards import facts
from outcomes.dashboards.charts import text as chart_text
from outcomes.dashboards.statistics import Number
from outcomes.instruments import definitions
from outcomes.models import Episode, Measure, Score
from outcomes.own_page import chart, treatments
from outcomes.own_page.chart import Chart
from outcomes.own_page.treatments import Treatment
from outcomes.plan_pages import aims
from outcomes.plan_pages.attainment import Aim, Value, level_of
from outcomes.survey import texts
from patients.models import Complaint
from plans.models import Comparison, Goal, Intervention, Plan

Labels = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Said:
    """What was answered on a day: a number, or a step that has words."""

    day: str
    text: str


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that is asked again and again, of one complaint."""

    # Of its chart, once in a page.
    chart_id: str
    heading: str
    scale: str
    sentence: str
    goals: tuple[str, ...]
    said: tuple[Said, ...]
    # None for what is answered in words.
    chart: Chart | None


@dataclass(frozen=True, slots=True)
class Story:
    """One complaint; `lead` is what stands in full, the rest is folded."""

    complaint_id: UUID
    heading: str
    lead: Line
    others: tuple[Line, ...]
    treatments: tuple[Treatment, ...]
    # The goals as the patient said them.
    wishes: tuple[str, ...]


def read(record_ids: Sequence[UUID], language: str) -> list[Story]:
    """Six queries, however many complaints; those without an answer are left out."""
    scores: dict[UUID, list[Score]] = defaultdict(list)
    found = Score.objects.filter(patient__in=record_ids)
    related = found.select_related("measure", "response__instrument")
    for score in related.order_by(*facts.IN_TIME_ORDER):
        scores[score.complaint_id].append(score)
    complaints = Complaint.objects.filter(pk__in=scores).prefetch_related(
        "episodes",
        Prefetch(
            "plans",
            Plan.objects.exclude(status=Plan.Status.ENTERED_IN_ERROR).prefetch_related(
                Prefetch("goals", Goal.objects.filter(status=Goal.Status.OPEN)),
                Prefetch(
                    "interventions",
                    Intervention.objects.filter(
                        status=Intervention.Status.PERFORMED
                    ).order_by("performed_on", "pk"),
                ),
            ),
        ),
    )
    return [_story(each, scores[each.pk], language) for each in complaints]


def _story(complaint: Complaint, scores: Sequence[Score], language: str) -> Story:
    plans = list(complaint.plans.all())
    goals = sorted(
        (goal for plan in plans for goal in plan.goals.all()),
        key=lambda goal: (goal.due_on, goal.pk),
    )
    done = treatments.of(
        (each for plan in plans for each in plan.interventions.all()), language
    )
    episode = max(
        complaint.episodes.all(),
        key=lambda each: (each.anchor_on, each.pk),
        default=None,
    )
    by_measure: dict[Measure, list[Score]] = defaultdict(list)
    for score in scores:
        by_measure[score.measure].append(score)
    site = complaint.site_phrase(language)
    lines = [
        _line(
            measure,
            by_measure[measure],
            site=site,
            episode=episode,
            goals=[goal for goal in goals if goal.measure == measure.key],
            treated=done,
            language=language,
        )
        for measure in sorted(by_measure, key=lambda each: (each.position, each.name))
    ]
    return Story(
        complaint_id=complaint.pk,
        heading=site[:1].upper() + site[1:],
        lead=lines[0],
        others=tuple(lines[1:]),
        treatments=done,
        wishes=tuple(dict.fromkeys(goal.words for goal in goals if goal.words)),
    )


def _line(
    measure: Measure,
    scores: Sequence[Score],
    *,
    site: str,
    episode: Episode | None,
    goals: Sequence[Goal],
    treated: Sequence[Treatment],
    language: str,
) -> Line:
    labels = _labels(measure, scores, language)
    baseline = facts.baseline_of(episode.begins_on, scores) if episode else None
    said = [_text(score, labels) for score in scores]
    aimed = [
        (goal, level) for goal in goals if (level := _level(goal, baseline)) is not None
    ]
    return Line(
        chart_id=f"{measure.key}-{scores[0].complaint_id}",
        heading=heading_of(measure, site, language),
        scale=texts.phrases(language).get(f"scale_{measure.key}", ""),
        sentence=_sentence(scores, said, baseline, language),
        goals=tuple(_aim_in_words(*each, language) for each in aimed),
        said=tuple(
            Said(texts.day(score.measured_on, language), text)
            for score, text in zip(scores, said, strict=True)
        ),
        chart=None
        if labels
        else chart.chart(
            [chart.Point(score.measured_on, score.value) for score in scores],
            low=measure.minimum,
            high=measure.maximum,
            treated_on=[each.on for each in treated],
            goal=aimed[0][1] if aimed else None,
            language=language,
        ),
    )


def heading_of(measure: Measure, site: str, language: str) -> str:
    """In the patient's words; an import's own measure keeps the name it came with."""
    words = texts.phrases(language).get(f"measure_{measure.key}")
    return words.format(site=site) if words else measure.name


def _labels(measure: Measure, scores: Iterable[Score], language: str) -> Labels:
    """What the steps of an answer in words are called, as they were asked."""
    asked = [
        score.response.instrument
        for score in scores
        if score.response is not None and score.response.instrument is not None
    ]
    if not asked:
        return {}
    for item in definitions.of(asked[-1]).walk():
        if item.measure == measure.key and item.options:
            return dict(item.choices(language))
    return {}


def _text(score: Score, labels: Labels) -> str:
    number = chart_text.number(score.value)
    return labels.get(number, number)


def _sentence(
    scores: Sequence[Score], said: Sequence[str], baseline: Score | None, language: str
) -> str:
    """What was said before and what is said now; never what to think of it.

    "Before" is where the line of answers begins. Of a newer treatment it begins
    earlier, so the day is named that the first number is of.
    """
    latest = texts.day(scores[-1].measured_on, language)
    if len(scores) == 1:
        return texts.say("own_said_once", language, value=said[-1], day=latest)
    at = 0
    if baseline is not None and baseline != scores[-1]:
        at = scores.index(baseline)
        if at == 0:
            return texts.say("own_said_before", language, first=said[0], last=said[-1])
    return texts.say(
        "own_said_first",
        language,
        first=said[at],
        day=texts.day(scores[at].measured_on, language),
        last=said[-1],
        latest=latest,
    )


def _level(goal: Goal, baseline: Score | None) -> Number | None:
    """The value that counts as reached, as it can be measured."""
    start = Value(baseline.measured_on, baseline.value) if baseline else None
    level = level_of(Aim(goal.comparison, goal.target, goal.due_on), start)
    return None if level is None else aims.shown_level(goal, level)


def _aim_in_words(goal: Goal, level: Number, language: str) -> str:
    is_upwards = goal.comparison == Comparison.AT_LEAST
    return texts.say(
        "own_goal_at_least" if is_upwards else "own_goal_at_most",
        language,
        value=chart_text.number(level),
        day=texts.day(goal.due_on, language),
    )
