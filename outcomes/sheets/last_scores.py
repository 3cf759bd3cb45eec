"""The newest answer to each measure, with the ones to hold it against. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from clinic import clock
from outcomes.dashboards import facts, statistics
from outcomes.dashboards.charts.text import number
from outcomes.dashboards.one_patient import course
from outcomes.instruments import library
from outcomes.models import Episode, Measure, Score
from patients.models import Complaint

NO_BASELINE = "nothing from before to compare with"


@dataclass(frozen=True, slots=True)
class LastScore:
    """One measure: what is said now, at first and the time before; `tone` is a word
    of the state classes.
    """

    key: str
    title: str
    scale: str
    now: str
    answered: str
    before: str = ""
    before_on: str = ""
    previous: str = ""
    previous_on: str = ""
    change: str = ""
    tone: str = ""

    @property
    def moved(self) -> str:
        """Such as "7 → 3"; the newest alone where nothing was before."""
        return f"{self.before} → {self.now}" if self.before else self.now


def by_measure(scores: Iterable[Score]) -> dict[Measure, list[Score]]:
    """In the order in which measures are shown; scores keep theirs."""
    found: dict[Measure, list[Score]] = defaultdict(list)
    for score in scores:
        found[score.measure].append(score)
    order = sorted(found, key=lambda each: (each.position, each.name))
    return {measure: found[measure] for measure in order}


def of(
    complaint: Complaint, episode: Episode | None, scores: Sequence[Score]
) -> list[LastScore]:
    """One for each measure; scores in time order, with measure and response."""
    return [
        _last(complaint, measure, own, episode)
        for measure, own in by_measure(scores).items()
    ]


def _last(
    complaint: Complaint,
    measure: Measure,
    scores: Sequence[Score],
    episode: Episode | None,
) -> LastScore:
    latest, labels = scores[-1], labels_of(measure)
    first = facts.baseline_of(episode.begins_on, scores) if episode else None
    first = first if measure.is_asked_at_baseline else None
    before = first if first != latest else None
    previous = scores[-2] if len(scores) > 1 and scores[-2] != before else None
    how = course.how_of(latest)
    change, tone = _change(measure, first, latest)
    return LastScore(
        key=measure.key,
        title=course.title_of(complaint, measure),
        scale=_scale(measure),
        now=_text(latest, labels),
        answered=f"{course.ago_text(latest.measured_on, complaint)}, {how}",
        before=_text(before, labels),
        before_on=_on(before),
        previous=_text(previous, labels),
        previous_on=_on(previous),
        change=change,
        tone=tone,
    )


def _scale(measure: Measure) -> str:
    ends = f"{number(measure.minimum)}–{number(measure.maximum)}"
    return f"{ends}, {measure.get_better_is_display()}"


def labels_of(measure: Measure, language: str = "en") -> Mapping[str, str]:
    """The steps of a measure that is answered in words."""
    for instrument in library.instruments().values():
        for item in instrument.walk():
            if item.measure == measure.key and item.options:
                return dict(item.choices(language))
    return {}


def _text(score: Score | None, labels: Mapping[str, str]) -> str:
    if score is None:
        return ""
    value = number(score.value)
    if label := labels.get(value):
        return label.lower()
    return f"{value} (recalled)" if course.is_recalled(score) else value


def _on(score: Score | None) -> str:
    return clock.in_words(score.measured_on) if score else ""


def _change(measure: Measure, baseline: Score | None, latest: Score) -> tuple[str, str]:
    """In words, and the tone that goes with them."""
    if not measure.is_asked_at_baseline:
        # It asks for a change itself.
        return "", ""
    if baseline is None:
        return NO_BASELINE, ""
    if baseline == latest:
        return "the answer from before treatment", ""
    return change_words(measure, baseline.value, latest.value)


@dataclass(frozen=True, slots=True)
class Change:
    """How far from before, and what would be meaningful; `needed` may be unknown."""

    moved: Decimal
    is_better: bool
    needed: Decimal | None

    @property
    def is_meaningful(self) -> bool:
        return self.needed is not None and self.moved >= self.needed > 0

    @property
    def extent(self) -> str:
        """none, unknown, less, same or more: than the meaningful change."""
        if self.moved == 0:
            return "none"
        if self.needed is None:
            return "unknown"
        if self.moved == self.needed:
            return "same"
        return "more" if self.moved > self.needed else "less"


def change_of(measure: Measure, baseline: Decimal, latest: Decimal) -> Change:
    is_lower = latest < baseline
    return Change(
        moved=abs(latest - baseline),
        is_better=is_lower == (measure.direction == "lower"),
        needed=needed_change(measure, baseline),
    )


WORDS = {
    "unknown": "{moved}; no meaningful change is known for it",
    "less": "{moved}, less than the meaningful change ({needed})",
    "same": "{moved}, as much as the meaningful change ({needed})",
    "more": "{moved}, more than the meaningful change ({needed})",
}


def change_words(
    measure: Measure, baseline: Decimal, latest: Decimal
) -> tuple[str, str]:
    """Such as "4 better, more than the meaningful change (2)"; equality counts."""
    change = change_of(measure, baseline, latest)
    if change.extent == "none":
        return "no change", ""
    words = WORDS[change.extent].format(
        moved=f"{number(change.moved)} {'better' if change.is_better else 'worse'}",
        needed="" if change.needed is None else number(change.needed),
    )
    if not change.is_meaningful:
        return words, ""
    return words, "ok" if change.is_better else "bad"


def needed_change(measure: Measure, baseline: Decimal) -> Decimal | None:
    """The smallest change from there that matters to patients (OSTELO2008)."""
    return statistics.needed_change(
        statistics.RULES["mic"], baseline, measure.mic_points, measure.mic_percent
    )
