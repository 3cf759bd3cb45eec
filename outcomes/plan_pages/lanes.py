"""The lanes of one plan, from its rows."""

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal

from clinic import clock
from outcomes.follow_ups.labels import Label
from outcomes.models import FollowUp, Score
from outcomes.plan_pages.standing import Span
from outcomes.plan_pages.timeline import Entry, Kind, Lane, Look
from patients.models import RedFlag
from plans.course import confirmation, partial_days
from plans.models import Intervention, Modality, Plan, TreatmentElsewhere
from plans.procedures import catalogue

STYLES = {modality: place for place, modality in enumerate(Modality.values)}
ELSEWHERE_STYLE = 6

_DONE = {
    Intervention.Status.PERFORMED: ("done", Look.FILLED, "ok"),
    Intervention.Status.CANCELLED: ("cancelled", Look.STRUCK, ""),
    Intervention.Status.ENTERED_IN_ERROR: ("entered in error", Look.STRUCK, ""),
}
_ASKED = {
    Label.ANSWERED: Look.FILLED,
    Label.ANSWERED_LATE: Look.FILLED,
    Label.EXAMINED: Look.FILLED,
    Label.EXAMINATION_MISSING: Look.FILLED,
    Label.MISSED: Look.STRUCK,
    Label.CANCELLED: Look.STRUCK,
    Label.SUPERSEDED: Look.STRUCK,
    Label.UPCOMING: Look.HOLLOW,
    Label.WAITING: Look.HOLLOW,
    Label.ON_HOLD: Look.HOLLOW,
}


def standing(spans: Iterable[Span]) -> Lane:
    entries = tuple(
        Entry(
            what="Plan",
            state=span.words,
            on=span.on,
            until=span.until,
            look=Look.FILLED if span.status == Plan.Status.ACTIVE else Look.HOLLOW,
            short=span.words,
            detail=span.reason,
        )
        for span in spans
    )
    return Lane("plan", "Plan", Kind.WINDOWS, entries)


def treatments(interventions: Sequence[Intervention], today: date) -> list[Lane]:
    """One lane for each modality of the plan."""
    return [
        Lane(
            key=modality,
            title=Modality(modality).label,
            kind=Kind.MARKS,
            entries=tuple(
                treatment(each, today)
                for each in interventions
                if each.modality == modality and each.on is not None
            ),
            style=STYLES[modality],
        )
        for modality in Modality.values
    ]


def treatment(intervention: Intervention, today: date) -> Entry:
    state, look, tone = state_of(intervention, today)
    levels = catalogue.levels_in_words(intervention.levels)
    places = [intervention.target, *levels, _side(intervention)]
    return Entry(
        what=intervention.title,
        state=state,
        on=intervention.on or today,
        look=look,
        short=_short(intervention),
        detail=", ".join(place for place in places if place),
        tone=tone,
        is_index=intervention.is_index,
    )


def _short(intervention: Intervention) -> str:
    """Of a series the place alone, such as "3 of 8": the lane says of what."""
    _, comma, place = intervention.title.rpartition(", ")
    return place if comma and intervention.series_number else intervention.title


def state_of(intervention: Intervention, today: date) -> tuple[str, Look, str]:
    """The word, how it is drawn, and the colour beside the word."""
    if intervention.status in _DONE:
        return _DONE[Intervention.Status(intervention.status)]
    # The word of the list of procedures to confirm, for those that stand there.
    if confirmation.is_past_its_day(intervention, today):
        return "to confirm", Look.HOLLOW, "warn"
    planned_on = intervention.planned_on
    if planned_on is not None and planned_on <= today:
        return "due", Look.HOLLOW, "warn"
    return "planned", Look.HOLLOW, ""


def _side(intervention: Intervention) -> str:
    side = intervention.side
    return "" if side == "none" else str(intervention.get_side_display()).lower()


def follow_ups(rows: Iterable[FollowUp], today: date) -> Lane:
    """What was superseded by a moved date is left out: the moved one is there."""
    entries = tuple(
        follow_up(each, each.label_on(today))
        for each in rows
        if each.state != FollowUp.State.SUPERSEDED
    )
    return Lane("follow_ups", "Follow-ups", Kind.WINDOWS, entries, style=2)


def follow_up(row: FollowUp, label: Label) -> Entry:
    return Entry(
        what=row.label,
        state=str(label),
        on=row.opens_on,
        until=row.closes_on,
        due=row.due_on,
        look=_ASKED.get(label, Look.OPEN),
        short=row.label,
        detail="safety check" if row.is_safety else "",
    )


def answers(
    scores: Sequence[Score], title: str, level: Decimal | None = None, words: str = ""
) -> Lane:
    """The course of one measure; `level` is what a goal wants it to reach."""
    entries = tuple(
        Entry(
            what=title,
            state=score.get_provenance_display(),
            on=score.measured_on,
            look=Look.FILLED,
            value=score.value,
        )
        for score in scores
    )
    return Lane(
        "answers",
        title,
        Kind.VALUES,
        entries,
        style=0,
        level=level,
        level_words=words,
    )


def red_flags(rows: Iterable[RedFlag], today: date, zone: str) -> Lane:
    entries = tuple(_red_flag(each, today, zone) for each in rows)
    return Lane("flags", "Red flags", Kind.WINDOWS, entries, style=1)


def _red_flag(row: RedFlag, today: date, zone: str) -> Entry:
    raised = clock.day_of(row.raised_at, zone)
    closed = clock.day_of(row.closed_at, zone) if row.closed_at else today
    is_closed = row.state == RedFlag.State.CLOSED
    looks = {RedFlag.State.OPEN: Look.FILLED, RedFlag.State.CLOSED: Look.HOLLOW}
    return Entry(
        what=f"{row.tier} {row.rule.pathology}",
        state=str(row.get_state_display()).lower(),
        on=raised,
        until=max(closed, raised),
        look=looks.get(RedFlag.State(row.state), Look.OPEN),
        short=f"{row.tier} {row.rule.pathology}",
        tone="" if is_closed else "bad",
    )


def elsewhere(rows: Iterable[TreatmentElsewhere]) -> Lane:
    entries = tuple(
        Entry(
            what=each.what,
            state="elsewhere",
            on=each.began_on,
            look=Look.FILLED,
            short=each.what,
            detail=str(each.get_modality_display()),
            when=partial_days.in_words(each.began_on, each.precision),
        )
        for each in rows
    )
    return Lane("elsewhere", "Elsewhere", Kind.MARKS, entries, style=ELSEWHERE_STYLE)
