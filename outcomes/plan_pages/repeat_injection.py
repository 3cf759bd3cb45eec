"""What is asked before an injection is repeated: what the last one did, as answered."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Prefetch, QuerySet

from clinic import audit, clock
from clinic.models import User
from outcomes.dashboards import course, facts
from outcomes.models import Measure, Score
from outcomes.plan_pages import conservative_care, relief
from outcomes.plan_pages.conservative_care import Care
from outcomes.plan_pages.relief import Answer, Lasted
from plans.course import exposure, exposure_rows, partial_days
from plans.course.exposure import Exposure
from plans.models import (
    NEEDLE,
    Intervention,
    LifestyleMeasurement,
    Modality,
    TreatmentElsewhere,
)

Status = Intervention.Status
FUNCTION = "activity_limits"
CONSERVATIVE = (Modality.PHYSICAL_THERAPY, Modality.LIFESTYLE)
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
        return _day_of(self.injections[0]) if self.injections else self.until

    @property
    def last_on(self) -> date:
        return _day_of(self.injections[-1]) if self.injections else self.until

    @property
    def until(self) -> date:
        return _day_of(self.following) if self.following else self.today

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


def read(asked: Intervention, *, by: User) -> RepeatInjection:
    """Of the injection itself, or of the last one like it that was done before it.

    Its complaint and patient must be at hand. Kept that it was read.
    """
    audit.record(by=by, action="repeat_injection.read", about=asked)
    zone = asked.plan.complaint.patient.time_zone
    treatments, elsewhere = _treatments(asked, by), list(_elsewhere(asked, by))
    injections = _injections(asked, treatments)
    following = _following(injections, treatments)
    pain, function = _compared(asked, injections, following, by)
    return RepeatInjection(
        asked=asked,
        injections=injections,
        following=following,
        added=_added(injections, following, [*treatments, *elsewhere]),
        pain=pain,
        function=function,
        lasted=_lasted(pain, injections),
        care=[care for each in treatments for care in _care(each)],
        elsewhere=elsewhere,
        today=clock.today(zone),
    )


def _treatments(asked: Intervention, user: User) -> list[Intervention]:
    """All of the complaint that counts, in the order of days."""
    rows = Intervention.objects.visible_to(user).filter(
        plan__complaint=asked.plan.complaint_id,
        status__in=[Status.PERFORMED, Status.PLANNED],
    )
    measured = LifestyleMeasurement.objects.visible_to(user).order_by("measured_on")
    related = rows.select_related("plan", "step", "performed_by", "therapy")
    return list(
        related.prefetch_related(Prefetch("lifestyle_measurements", measured)).order_by(
            "performed_on", "pk"
        )
    )


def _injections(
    asked: Intervention, treatments: Sequence[Intervention]
) -> list[Intervention]:
    """The course it belongs to; of a planned one, the last course done before it."""
    done = [
        t
        for t in treatments
        if t.performed_on is not None and t.modality == asked.modality
    ]
    if asked.performed_on is None:
        last = done[-1] if done else None
    else:
        last = next((t for t in done if t.pk == asked.pk), None)
    if last is None:
        return []
    if last.series_number is None:
        return [last]
    return [t for t in done if _series_of(t) == _series_of(last)]


def _series_of(injection: Intervention) -> tuple[object, ...]:
    return (
        injection.plan_id,
        injection.course,
        injection.series_number is not None,
        injection.step and injection.step.key,
    )


def _following(
    injections: Sequence[Intervention], treatments: Iterable[Intervention]
) -> Intervention | None:
    if not injections:
        return None
    own, last = {i.pk for i in injections}, _day_of(injections[-1])
    after = (
        t
        for t in treatments
        if t.modality in NEEDLE and t.pk not in own and t.performed_on is not None
    )
    return next((t for t in after if _day_of(t) > last), None)


def _added(
    injections: Sequence[Intervention],
    following: Intervention | None,
    treatments: Iterable[Intervention | TreatmentElsewhere],
) -> tuple[Exposure, ...]:
    """What else began since, by the one rule of attribution."""
    if not injections:
        return ()
    course = exposure.Course(1, _day_of(injections[0]), _day_of(injections[-1]))
    until = _day_of(following) if following else date.max
    return exposure.added(course, until, _others(treatments))


def _others(
    treatments: Iterable[Intervention | TreatmentElsewhere],
) -> Iterator[Exposure]:
    for each in treatments:
        if isinstance(each, TreatmentElsewhere):
            yield exposure_rows.of_elsewhere(each)
        elif each.modality not in NEEDLE and each.performed_on is not None:
            yield exposure_rows.of_intervention(each)


def _elsewhere(asked: Intervention, user: User) -> QuerySet[TreatmentElsewhere]:
    return TreatmentElsewhere.objects.visible_to(user).filter(
        complaint=asked.plan.complaint_id, status=TreatmentElsewhere.Status.REPORTED
    )


def _when(treatment: TreatmentElsewhere) -> str:
    return partial_days.in_words(treatment.began_on, treatment.precision)


def _day_of(intervention: Intervention) -> date:
    return intervention.performed_on or intervention.planned_on or date.min


def _compared(
    asked: Intervention,
    injections: Sequence[Intervention],
    following: Intervention | None,
    user: User,
) -> tuple[Compared | None, Compared | None]:
    if not injections:
        return None, None
    first, last = _day_of(injections[0]), _day_of(injections[-1])
    until = _day_of(following) if following else date.max
    complaint = asked.plan.complaint
    scores = (
        Score.objects.visible_to(user)
        .filter(complaint=complaint)
        .filter(
            measured_on__gte=first - exposure.BASELINE_FOR,
            measured_on__lte=until,
        )
        .select_related("measure", "response__follow_up")
        .order_by(*facts.IN_TIME_ORDER)
    )
    found = _latest(scores)

    def of(measure: Measure | None) -> Compared | None:
        if measure is None:
            return None
        own = [score for score in found if score.measure == measure]
        after = [score for score in own if score.measured_on > last]
        before = facts.baseline_of(first, own)
        return Compared(measure, course.title_of(complaint, measure), before, after)

    measures = {score.measure for score in found}
    return of(_pain_of(measures)), of(
        next((m for m in measures if m.key == FUNCTION), None)
    )


def _latest(scores: Iterable[Score]) -> list[Score]:
    """Of the revisions of an answer the newest alone."""
    held: dict[tuple[object, object], Score] = {}
    for score in scores:
        asked = score.response.follow_up_id if score.response else score.pk
        held[asked, score.measure_id] = score
    return sorted(held.values(), key=lambda score: score.measured_on)


def _pain_of(measures: Iterable[Measure]) -> Measure | None:
    """Pain where the complaint is; else of the back."""
    named = (Measure.Role.SITE.value, Measure.Role.BACK.value)
    asked = [m for m in measures if m.role in named]
    return min(
        asked, key=lambda m: (named.index(m.role), m.position, m.name), default=None
    )


def _lasted(pain: Compared | None, injections: Sequence[Intervention]) -> Lasted:
    if pain is None or pain.measure.better_is != Measure.Better.LOWER:
        return relief.lasted(None, [])
    last = _day_of(injections[-1])
    answers = [
        Answer((score.measured_on - last).days, score.value) for score in pain.after
    ]
    return relief.lasted(pain.before.value if pain.before else None, answers)


def _care(treatment: Intervention) -> list[Care]:
    if treatment.modality not in CONSERVATIVE:
        return []
    measured = treatment.lifestyle_measurements.all()
    days = [treatment.performed_on, *(m.measured_on for m in measured)]
    began = min((day for day in days if day is not None), default=None)
    if began is None:
        return []
    detail = _sessions(treatment)
    return [Care(treatment.title, began, treatment.plan.ended_on, detail)]


def _sessions(treatment: Intervention) -> str:
    therapy = getattr(treatment, "therapy", None)
    if therapy is None or therapy.sessions_attended is None:
        return ""
    of = f" of {therapy.sessions_prescribed}" if therapy.sessions_prescribed else ""
    return f"{therapy.sessions_attended}{of} sessions attended"


def _with_before(compared: Compared | None) -> list[Score]:
    if compared is None:
        return []
    before = [compared.before] if compared.before else []
    return [*before, *(s for s in compared.after if s is not compared.before)]
