"""What is asked before an injection is repeated: what the last one did, as answered."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from clinic import clock
from outcomes.dashboards.one_patient import course
from outcomes.models import Measure, Score
from outcomes.plan_pages import conservative_care, relief
from outcomes.plan_pages.conservative_care import Care
from outcomes.plan_pages.relief import Lasted
from plans.course import partial_days
from plans.course.exposure import Exposure
from plans.models import (
    NEEDLE,
    Intervention,
    TreatmentElsewhere,
)

CAVEAT = (
    "These are answers after a treatment, not effects of it: people seek care when "
    "pain is high, and many improve without."
)


@dataclass(frozen=True, slots=True)
class Compared:
    """One measure before and after, on its own scale."""

    measure: Measure
    title: str
    before: Score | None
    after: Sequence[Score]

    @property
    def now(self) -> Score | None:
        return self.after[-1] if self.after else None

    @property
    def best(self) -> Score | None:
        """Of equal ones the first."""
        is_lower = self.measure.better_is == Measure.Better.LOWER
        chosen = min if is_lower else max
        return chosen(self.after, key=lambda score: score.value, default=None)

    @property
    def scale(self) -> str:
        return f"{self.measure.minimum:.0f} to {self.measure.maximum:.0f}"

    def percent(self, score: Score | None) -> Decimal | None:
        """How much less it is than before; only of what is better when lower."""
        if self.measure.better_is != Measure.Better.LOWER or score is None:
            return None
        return relief.percent(self.before.value if self.before else None, score.value)

    @property
    def percent_now(self) -> Decimal | None:
        return self.percent(self.now)

    @property
    def change(self) -> str:
        """'25 % less', 'unknown'."""
        percent = self.percent_now
        if percent is None:
            return relief.UNKNOWN
        return f"{abs(percent):.0f} % {'more' if percent < 0 else 'less'}"

    @property
    def percent_best(self) -> Decimal | None:
        return self.percent(self.best)


@dataclass(frozen=True, slots=True)
class Row:
    """What was answered on one day."""

    on: date
    days: int
    label: str
    source: str
    in_window: bool
    pain: Score | None
    function: Score | None
    percent: Decimal | None


@dataclass(frozen=True, slots=True)
class RepeatInjection:
    """Empty of numbers where nobody answered; `injections` empty: none was done."""

    asked: Intervention
    # The last one, or the last series: in the order of their days.
    injections: Sequence[Intervention]
    # What goes through the skin next: rule 5 of plans.course.exposure leaves it to a
    # statistic to leave out what follows, and this one does.
    following: Intervention | None
    # What else was done after it and before that: named beside the answers.
    added: tuple[Exposure, ...]
    pain: Compared | None
    function: Compared | None
    lasted: Lasted
    care: Sequence[Care]
    # What the patient had outside the clinic, needles too.
    elsewhere: Sequence[TreatmentElsewhere]
    today: date

    @property
    def previous(self) -> Intervention | None:
        return self.injections[-1] if self.injections else None

    @property
    def first_on(self) -> date:
        """Of the series; where none was done, the day of the one that is planned."""
        return day_of(self.injections[0]) if self.injections else self.until

    @property
    def last_on(self) -> date:
        return day_of(self.injections[-1]) if self.injections else self.until

    @property
    def until(self) -> date:
        return day_of(self.following) if self.following else self.today

    @property
    def compared(self) -> list[Compared]:
        return [one for one in (self.pain, self.function) if one is not None]

    @property
    def weeks_before(self) -> int:
        return conservative_care.weeks_before(self.care, self.first_on)

    @property
    def weeks_since(self) -> int:
        return conservative_care.weeks_before(self.care, self.until, self.last_on)

    @property
    def care_before(self) -> list[tuple[Care, int]]:
        """Each with its weeks before the injection."""
        begun = [care for care in self.care if care.began_on < self.first_on]
        return [(care, care.weeks_before(self.first_on)) for care in begun]

    @property
    def elsewhere_before(self) -> list[tuple[TreatmentElsewhere, str]]:
        """Care without a needle, with its day; only its end is never told."""
        return [
            (each, _when(each))
            for each in self.elsewhere
            if each.modality not in NEEDLE and each.began_on < self.first_on
        ]

    @property
    def begun_since(self) -> list[tuple[str, str]]:
        """What was added, each with its day as exactly as it is known."""
        known = {each.pk: _when(each) for each in self.elsewhere}
        return [
            (one.label, known.get(one.key) or clock.in_words(one.on))
            for one in self.added
        ]

    @property
    def rows(self) -> list[Row]:
        held: dict[tuple[date, str], dict[str, Score]] = {}
        for compared, name in ((self.pain, "pain"), (self.function, "function")):
            for score in _with_before(compared):
                key = (score.measured_on, str(score.response_id))
                held.setdefault(key, {})[name] = score
        ordered = sorted(held.items(), key=lambda item: item[0])
        return [self._row(found) for _, found in ordered]

    def _row(self, found: dict[str, Score]) -> Row:
        score = next(iter(found.values()))
        pain, response = found.get("pain"), score.response
        is_after = score.measured_on > self.last_on
        return Row(
            on=score.measured_on,
            days=(score.measured_on - self.last_on).days,
            label=response.follow_up.label if response else "measured",
            source=score.get_provenance_display()
            + (", recalled" if course.is_recalled(score) else ""),
            in_window=response.in_window if response else True,
            pain=pain,
            function=found.get("function"),
            percent=self.pain.percent(pain) if self.pain and is_after else None,
        )


def _with_before(compared: Compared | None) -> list[Score]:
    if compared is None:
        return []
    before = [compared.before] if compared.before else []
    return [*before, *(s for s in compared.after if s is not compared.before)]


def _when(treatment: TreatmentElsewhere) -> str:
    return partial_days.in_words(treatment.began_on, treatment.precision)


def day_of(intervention: Intervention) -> date:
    return intervention.performed_on or intervention.planned_on or date.min
