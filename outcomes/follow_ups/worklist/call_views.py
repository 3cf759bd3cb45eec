"""One call: whom, about what, what to say, and what came of it."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from clinic import access, audit, clock
from clinic.access import Act
from clinic.requests import StaffRequest, carry_out, get_or_post, posted
from outcomes.follow_ups.engine import calling
from outcomes.follow_ups.worklist import calls, contacts, script, tasks
from outcomes.follow_ups.worklist.forms import CallForm, DeathForm, RefusalForm
from outcomes.in_clinic import entering
from outcomes.models import FollowUp
from outcomes.survey import pages
from patients.models import ContactPoint, Patient
from plans.models import Timepoint

SAID = {
    calls.Outcome.NO_ANSWER: "Nobody answered",
    calls.Outcome.CALL_BACK: "To be called again",
    calls.Outcome.WRONG_NUMBER: "The number is marked as wrong; nothing goes there",
}


@get_or_post
def call(request: StaffRequest, follow_up_id: UUID) -> HttpResponse:
    follow_up = find(request, follow_up_id)
    form = CallForm(posted(request))
    attempt = carry_out(request, form, calls.log, follow_up)
    if attempt is not None:
        task = tasks.first_call(follow_up)
        again = f"; next call {clock.in_words(task.due_on)}" if task else ""
        told = SAID[calls.Outcome(attempt.outcome)]
        messages.success(request, f"{told}{again}.")
        return redirect("outcomes:follow_ups")
    context = about(request, follow_up, form) | {
        "script": script.of(follow_up.patient.kept, request.user),
        "why_no_answers": entering.refusal(follow_up),
    }
    return shown(request, "call", follow_up, context)


@get_or_post
def refused(request: StaffRequest, follow_up_id: UUID) -> HttpResponse:
    follow_up = find(request, follow_up_id)
    form = RefusalForm(posted(request))
    if carry_out(request, form, calls.refuse, follow_up) is not None:
        messages.success(request, "Kept; the patient is asked no more about it.")
        return redirect("outcomes:follow_ups")
    return shown(request, "refused", follow_up, about(request, follow_up, form))


@get_or_post
def died(request: StaffRequest, follow_up_id: UUID) -> HttpResponse:
    follow_up = find(request, follow_up_id)
    form = DeathForm(posted(request))
    if carry_out(request, form, calls.record_death, follow_up) is not None:
        messages.success(
            request,
            "Recorded; nothing is sent any more. A clinician or an admin confirms it.",
        )
        return redirect("outcomes:follow_ups")
    return shown(request, "died", follow_up, about(request, follow_up, form))


def find(request: StaffRequest, follow_up_id: UUID) -> FollowUp:
    visible = FollowUp.objects.visible_to(request.user)
    related = visible.select_related(
        *("clinic", "request", "patient__clinic", "patient__merged_into__clinic"),
        *("episode__plan", "episode__complaint"),
    )
    follow_up = get_object_or_404(related, pk=follow_up_id)
    access.require(request.user, Act.CALL_PATIENTS)
    return follow_up


def about(request: StaffRequest, follow_up: FollowUp, form: Form) -> dict[str, Any]:
    """Whom the call is to; read after a refusal, so it is as things stand now."""
    follow_up.refresh_from_db(fields=["state", "state_reason", "answered_at"])
    person, last = follow_up.patient.kept, calls.last_of(follow_up)
    phone = phone_of(person)
    return {
        "form": form,
        "follow_up": follow_up,
        "patient": person,
        "phone": phone,
        "dial": pages.Call("", phone.value).address if phone else "",
        "seen": str(last.pk) if last else "",
        "refusal": calls.refusal(follow_up),
        "tried": tried(request, follow_up),
        "task": tasks.first_call(follow_up),
        "now": clock.now(),
        "emergency": person.clinic.emergency_text(person.language),
        "is_for_clinic": follow_up.who == Timepoint.Who.CLINICIAN,
    }


def phone_of(person: Patient) -> ContactPoint | None:
    """The number to dial."""
    return calling.numbers(person).first()


def tried(request: StaffRequest, follow_up: FollowUp) -> list[tuple[str, str, str]]:
    """Each message and call: what, who called and what they noted."""
    written = contacts.sent(request.user, [follow_up.request_id])
    messages_sent = contacts.about(
        written.get(follow_up.request_id, []), follow_up.asked_at
    )
    zone = follow_up.clinic.zone
    lines = [(one, "", "") for one in contacts.history(messages_sent, [])]
    for attempt in follow_up.contact_attempts.select_related("by"):
        found = contacts.history([], [attempt])[0]
        lines.append((found, attempt.by.name, attempt.note))
    lines.sort(key=lambda line: line[0].at)
    return [(one.words(zone), who, note) for one, who, note in lines]


def shown(
    request: StaffRequest, name: str, follow_up: FollowUp, context: dict[str, Any]
) -> HttpResponse:
    audit.record(
        by=request.user,
        action="call.prepared",
        about=follow_up,
        timepoint=follow_up.timepoint_key,
    )
    return render(request, f"outcomes/follow_ups/{name}.html", context)
