from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET

from clinic import access, audit, clock
from clinic.access import Act
from clinic.forms import say
from clinic.requests import StaffRequest, get_or_post, posted
from outcomes.baselines import capture, missing
from outcomes.baselines.forms import BaselineForm
from outcomes.models import FollowUp
from plans.models import Intervention


@require_GET
def of_intervention(request: StaffRequest, intervention_id: UUID) -> HttpResponse:
    """To the baseline that this procedure lacks, or on to its plan."""
    visible = Intervention.objects.visible_to(request.user)
    related = visible.select_related("plan__complaint__patient__clinic")
    intervention = get_object_or_404(related, pk=intervention_id)
    access.require(request.user, Act.RECORD_INTERVENTIONS)
    patient = intervention.plan.complaint.patient
    on = intervention.performed_on or clock.today(patient.time_zone)
    lacking = missing.baseline_of(intervention, on)
    if lacking is None:
        return redirect("outcomes:plan", intervention.plan_id)
    return redirect("outcomes:baseline", lacking.pk)


@get_or_post
def baseline(request: StaffRequest, follow_up_id: UUID) -> HttpResponse:
    """The three questions, on the screen that is at hand."""
    follow_up = find(request, follow_up_id)
    access.require(request.user, Act.RECORD_INTERVENTIONS)
    patient = follow_up.patient.kept
    after = capture.is_after(follow_up)
    form = BaselineForm(
        posted(request),
        items=capture.questions(follow_up),
        language=patient.language,
        site_phrase=follow_up.episode.complaint.site_phrase(patient.language),
        asks_memory=after is None,
    )
    if request.method == "POST" and form.is_valid() and taken(request, follow_up, form):
        return onwards(follow_up)
    audit.record(by=request.user, action="baseline.asked", about=follow_up)
    context = {
        "form": form,
        "follow_up": follow_up,
        "patient": patient,
        "complaint": follow_up.episode.complaint,
        "refusal": capture.refusal(follow_up),
        "intro": capture.intro(follow_up, after),
        "is_after": after,
        "onwards": onwards(follow_up).url,
    }
    return render(request, "outcomes/baseline.html", context)


def find(request: StaffRequest, follow_up_id: UUID) -> FollowUp:
    visible = FollowUp.objects.visible_to(request.user).filter(is_baseline=True)
    related = visible.select_related(
        *("patient__clinic", "patient__merged_into__clinic"),
        *("episode__complaint__patient__clinic", "episode__anchor_intervention"),
    )
    return get_object_or_404(related, pk=follow_up_id)


def taken(request: StaffRequest, follow_up: FollowUp, form: BaselineForm) -> bool:
    try:
        response = capture.take(follow_up, by=request.user, **form.taken)
    except ValidationError as error:
        say(form, error)
        return False
    how = "as recalled" if response.is_recalled else "to compare with"
    messages.success(request, f"The baseline is kept, {how}.")
    return True


def onwards(follow_up: FollowUp) -> HttpResponseRedirect:
    """Back to recording the procedure, or to its plan once it is recorded."""
    waiting = missing.next_needle(follow_up.episode)
    if waiting is not None:
        return HttpResponseRedirect(reverse("plans:perform", args=[waiting.pk]))
    plan = reverse("outcomes:plan", args=[follow_up.episode.plan_id])
    return HttpResponseRedirect(plan)
