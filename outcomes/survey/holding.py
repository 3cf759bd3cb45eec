"""Holds a survey that is open, with its patient, until the transaction ends."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from django.db.models import Exists, OuterRef, Q, QuerySet

from outcomes.follow_ups.engine import requests
from outcomes.models import (
    FollowUp,
    Intake,
    Message,
    Response,
    SurveyRequest,
)
from outcomes.survey import (
    questionnaire,
)
from outcomes.survey.sealing import NotOpenError
from patients.models import Patient


class Rest(NamedTuple):
    """What may have to be done besides when a survey is sent."""

    has_intake: bool
    # A follow-up that came to the survey after its answers were begun.
    has_joined: bool
    has_message: bool

    @property
    def is_all(self) -> bool:
        """Whether what was begun is all that is asked."""
        return not (self.has_intake or self.has_joined)


_OF_REQUEST = Q(request=OuterRef("pk"))
_REST = (
    Exists(Intake.objects.filter(_OF_REQUEST, state__in=Intake.OPEN)),
    Exists(
        FollowUp.objects.filter(
            _OF_REQUEST, FollowUp.WAITS_FOR_PATIENT, state__in=questionnaire.ANSWERABLE
        ).exclude(
            Exists(
                Response.objects.filter(
                    follow_up=OuterRef("pk"), state=Response.State.OPEN
                )
            )
        )
    ),
    Exists(Message.objects.filter(_OF_REQUEST, state__in=Message.CLAIMABLE)),
)


def hold(request: SurveyRequest, at: datetime) -> Patient:
    """Keeps the survey as it is until the transaction ends; raises if it is over."""
    patient, _ = _held(request, at)
    return patient


def hold_to_send(request: SurveyRequest, at: datetime) -> tuple[Patient, Rest]:
    patient, flags = _held(request, at, *_REST)
    return patient, Rest(*flags)


def _held(
    request: SurveyRequest, at: datetime, *also: Exists
) -> tuple[Patient, Sequence[bool]]:
    """Its `taps` are as they stand now, whoever answers beside."""
    patient = requests.hold_person(request.patient_id)
    found = still_open(request, at).values_list("taps", *also).first()
    if found is None or not patient.is_in_follow_up:
        raise NotOpenError
    request.taps, *flags = found
    return patient, flags


def still_open(request: SurveyRequest, at: datetime) -> QuerySet[SurveyRequest]:
    """No join: PostgreSQL would not look at it again after waiting for the row."""
    return SurveyRequest.objects.filter(
        pk=request.pk, state=SurveyRequest.State.OPEN, closes_at__gt=at
    )
