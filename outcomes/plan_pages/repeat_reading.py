"""Gathers what was done and answered about an injection that may be repeated."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from django.db.models import Prefetch, QuerySet

from clinic import audit, clock
from clinic.models import User
from outcomes.dashboards import facts
from outcomes.dashboards.one_patient import course
from outcomes.models import Measure, Score
from outcomes.plan_pages import relief
from outcomes.plan_pages.conservative_care import Care
from outcomes.plan_pages.relief import Answer, Lasted
from outcomes.plan_pages.repeat_injection import Compared, RepeatInjection, day_of
from plans.course import exposure, exposure_rows
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
    own, last = {i.pk for i in injections}, day_of(injections[-1])
    after = (
        t
        for t in treatments
        if t.modality in NEEDLE and t.pk not in own and t.performed_on is not None
    )
    return next((t for t in after if day_of(t) > last), None)


def _added(
    injections: Sequence[Intervention],
    following: Intervention | None,
    treatments: Iterable[Intervention | TreatmentElsewhere],
) -> tuple[Exposure, ...]:
    """What else began since, by the one rule of attribution."""
    if not injections:
        return ()
    course = exposure.Course(1, day_of(injections[0]), day_of(injections[-1]))
    until = day_of(following) if following else date.max
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


def _compared(
    asked: Intervention,
    injections: Sequence[Intervention],
    following: Intervention | None,
    user: User,
) -> tuple[Compared | None, Compared | None]:
    if not injections:
        return None, None
    first, last = day_of(injections[0]), day_of(injections[-1])
    until = day_of(following) if following else date.max
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
    last = day_of(injections[-1])
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
