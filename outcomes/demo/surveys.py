"""The rows of a story's follow-up: what the calendar wanted and what became of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from clinic.models import Clinic
from outcomes.demo import parts
from outcomes.demo.asking import Asking, Fate, why_left
from outcomes.demo.records import PlanRows
from outcomes.demo.stories import PatientStory, Template
from outcomes.follow_ups.planning import calendar
from outcomes.follow_ups.planning.calendar import SendingHours
from outcomes.models import Episode, FollowUp
from patients.models import Patient


@dataclass(frozen=True, slots=True)
class Subject:
    """The patient that rows are made for."""

    clinic: Clinic
    patient: Patient
    story: PatientStory


@dataclass(frozen=True, slots=True)
class Asked:
    """A follow-up's row with what it came from."""

    row: FollowUp
    fate: Fate
    rows: PlanRows


def asked_of(
    subject: Subject,
    asking: Asking,
    plans: Sequence[PlanRows],
    templates: Mapping[str, Template],
    hours: SendingHours,
) -> list[Asked]:
    """Every follow-up of every plan, unsaved, each with its unsaved episode."""
    asked = []
    for rows in plans:
        story = rows.story
        episode = _episode(subject, rows)
        for wanted in calendar.desired(
            templates[story.treatment].timepoints,
            story.anchor_on,
            hours,
            str(subject.patient.pk),
            story.series_began_on,
        ):
            fate = _fate(subject, asking, rows, wanted)
            row = _follow_up(subject, episode, fate)
            parts.give(row, fate, asking.moment, rows.plan.provider)
            asked.append(Asked(row, fate, rows))
    return asked


def _fate(
    subject: Subject, asking: Asking, rows: PlanRows, wanted: calendar.Desired
) -> Fate:
    if wanted.who == calendar.CLINICIAN:
        return parts.fate(subject.story, rows.story, wanted, asking.moment)
    return asking.fate(rows.about.course, rows.story, wanted)


def _episode(subject: Subject, rows: PlanRows) -> Episode:
    has_left = subject.story.left_on is not None
    ended_by = why_left(subject.story) if has_left else Episode.EndedBy.NOTHING
    return Episode(
        clinic=subject.clinic,
        patient=subject.patient,
        complaint=rows.complaint,
        plan=rows.plan,
        anchor=rows.protocol.anchor,
        anchor_intervention=rows.index,
        anchor_on=rows.story.anchor_on,
        series_began_on=rows.story.series_began_on,
        is_provisional=rows.story.is_performed is False,
        status=Episode.Status.ENDED if has_left else Episode.Status.ACTIVE,
        ended_by=ended_by,
        end_reason=ended_by.label if has_left else "",
        created_at=rows.plan.created_at,
    )


def _follow_up(subject: Subject, episode: Episode, fate: Fate) -> FollowUp:
    wanted = fate.desired
    return FollowUp(
        clinic=subject.clinic,
        patient=subject.patient,
        episode=episode,
        timepoint_key=wanted.key,
        label=wanted.label,
        offset_days=wanted.offset_days,
        open_day=wanted.open_day,
        close_day=wanted.close_day,
        ask_day=wanted.ask_day,
        opens_on=wanted.opens_on,
        due_on=wanted.due_on,
        closes_on=wanted.closes_on,
        is_baseline=wanted.is_baseline,
        is_safety=wanted.is_safety,
        who=wanted.who,
        state=fate.state,
        state_reason=fate.reason,
        next_action_at=fate.next_action_at,
        created_at=episode.created_at,
    )
