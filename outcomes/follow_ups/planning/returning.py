"""Asking again after a patient came back, and after two records were separated."""

from typing import Any

from django.db import transaction
from django.db.models import F, QuerySet

from clinic import clock
from clinic.audit import By
from outcomes.follow_ups.engine import requests
from outcomes.follow_ups.planning import courses, schedule
from outcomes.intake import endings
from outcomes.models import Episode, FollowUp, Intake
from patients.models import Patient
from plans.models import Timepoint

SEPARATED = "the records were separated"


@transaction.atomic
def patient_returned(patient: Patient, *, by: By, **_: Any) -> None:
    """Plan again what was cancelled when the patient left and is not over yet."""
    person = requests.lock(patient.pk)
    # Who withdrew as well as died is not back when one of the two is taken back.
    if person.is_in_follow_up:
        _ask_again(person, by)


def _ask_again(person: Patient, by: By) -> None:
    for episode in _ended_by_leaving(person):
        Episode.objects.filter(pk=episode.pk).update(
            status=Episode.Status.ACTIVE,
            ended_by=Episode.EndedBy.NOTHING,
            end_reason="",
        )
        schedule.apply(episode, by=by)
        # A repeat may have been performed while they were away.
        courses.hand_over(episode.plan, by)


def preview_returned(patient: Patient, **_: Any) -> list[str]:
    return [
        sentence
        for episode in _ended_by_leaving(patient)
        for sentence in schedule.preview(episode).in_words()
    ]


def _ended_by_leaving(patient: Patient) -> QuerySet[Episode]:
    return Episode.objects.filter(
        patient__in=patient.record_ids,
        status=Episode.Status.ENDED,
        ended_by__in=Episode.BY_LEAVING,
    )


@transaction.atomic
def records_separated(kept: Patient, *, merged: Patient, by: By, **_: Any) -> None:
    """Take back what one of the two was asked in the other's survey, and ask anew.

    Who is still in follow-up is asked again what ended because the other one left.
    """
    now = clock.now()
    people = [requests.lock(patient.pk) for patient in (merged, kept)]
    strays = list(
        FollowUp.objects.filter(patient__in=people, request__isnull=False)
        .filter(FollowUp.WAITS_FOR_PATIENT)
        .exclude(request__patient=F("patient"))
        .select_related("episode")
    )
    for row in strays:
        requests.finish(row, FollowUp.State.SUPERSEDED, SEPARATED, now)
    for episode in {row.episode_id: row.episode for row in strays}.values():
        schedule.apply(episode, by=by)
    intakes = Intake.objects.filter(patient__in=people)
    strays_asked = intakes.exclude(request__patient=F("patient"))
    endings.end(strays_asked, SEPARATED, by=by)
    for person in people:
        if person.is_in_follow_up:
            _ask_again(person, by)
        else:
            requests.leave(person, now, by=by)
        requests.settle(person, now)


def held_of(patient: Patient, **_: Any) -> list[str]:
    """What a record has here, for who is about to merge it; nothing of it moves."""
    follow_ups = FollowUp.objects.filter(patient=patient).exclude(
        who=Timepoint.Who.CLINICIAN
    )
    asked = follow_ups.exclude(state=FollowUp.State.SUPERSEDED).count()
    answered = follow_ups.filter(FollowUp.ANSWERED).count()
    if not asked:
        return []
    return [f"{asked} follow-up{'' if asked == 1 else 's'}, {answered} answered"]
