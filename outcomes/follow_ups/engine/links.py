"""The links that are out: written, replaced, and the tries that they have.

A new link kills those before it, and the date of birth gets its tries back.
"""

from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction

from clinic import audit, doorbell
from clinic.audit import By
from outcomes.follow_ups import outbox, staff_tasks
from outcomes.follow_ups.channels import reach
from outcomes.follow_ups.engine import messages, requests
from outcomes.follow_ups.engine.asking import Letter
from outcomes.models import Message, StaffTask, SurveyRequest
from patients.models import Patient

# Between two presses that mean one.
TWO_PRESSES = timedelta(minutes=2)


def write(
    request: SurveyRequest, rung: str, now: datetime, *, kind: str, channel: str = ""
) -> Message:
    """A message in the outbox with a link of its own; the worker is told.

    By the patient's preferred channel, where none is named.
    """
    channel = channel or next(iter(reach.addresses(request.person)))
    draft = messages.Draft(request, Letter(kind, channel, rung))
    (message,) = messages.write_all([draft], now)
    is_text = message.channel == Message.Channel.SMS
    doorbell.ring(f"outcomes.send_{'text' if is_text else 'message'}", message.pk)
    return message


@transaction.atomic
def send_new_link(
    request: SurveyRequest, *, by: By, now: datetime, channel: str = ""
) -> Message:
    """Replace the links that are out, and give the date of birth its tries back.

    By the patient's preferred channel, where none is named. ValidationError where the
    survey is over or the patient cannot be reached.
    """
    patient = requests.lock(request.patient_id)
    request.refresh_from_db()
    if request.state != SurveyRequest.State.OPEN or not patient.is_in_follow_up:
        raise ValidationError("This survey is not open any more; nothing was sent.")
    check_can_be_written_to(patient)
    ways = reach.addresses(patient)
    if channel and channel not in ways:
        raise ValidationError("Nothing was sent: this way is not open to the patient.")
    channel = channel or next(iter(ways))
    if _was_pressed_twice(request, channel, now):
        raise ValidationError("A new link went out just now; nothing more was sent.")
    outbox.cancel(request, outbox.REPLACED)
    request.links.filter(revoked_at=None).update(revoked_at=now)
    give_tries_back(request, "a new link was sent", now)
    message = write(request, "manual", now, kind=Message.Kind.NEW_LINK, channel=channel)
    audit.record(
        by=by,
        action="survey.link_renewed",
        about=request,
        tries_before=request.birth_date_tries,
    )
    return message


def check_can_be_written_to(patient: Patient) -> None:
    """ValidationError where somebody has to do something before a message can go."""
    if patient.is_on_hold:
        raise ValidationError("Nothing was sent: the patient is on hold. End it first.")
    reason = requests.obstacle(patient)
    if reason:
        raise ValidationError(f"Nothing was sent: {reason}. Edit the patient first.")


def give_tries_back(request: SurveyRequest, why: str, now: datetime) -> None:
    """Nothing of an earlier miss is held against the patient; the row itself knows."""
    SurveyRequest.objects.filter(pk=request.pk).update(
        birth_date_tries=0, is_swap_forgiven=False
    )
    if request.is_locked:
        staff_tasks.cancel(
            request.follow_ups.values_list("pk", flat=True),
            why,
            now,
            reason=StaffTask.Reason.LOCKED,
        )


def _was_pressed_twice(request: SurveyRequest, channel: str, now: datetime) -> bool:
    """A second press would kill the link of the first; one that is locked needs it."""
    fresh = request.messages.filter(
        kind=Message.Kind.NEW_LINK, channel=channel, created_at__gt=now - TWO_PRESSES
    )
    is_out = fresh.exclude(state__in=outbox.UNDELIVERED).exists()
    return is_out and not request.is_locked
