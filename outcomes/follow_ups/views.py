import contextlib
import re
from datetime import timedelta
from typing import cast
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.forms import Form
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from clinic import access, audit, clock
from clinic.access import Act
from clinic.requests import (
    StaffRequest,
    carry_out,
    get_or_post,
    posted,
    workplace,
)
from outcomes.follow_ups.channels import mailbox as files
from outcomes.follow_ups.engine import links
from outcomes.follow_ups.planning import ending
from outcomes.models import FollowUp, Message, SurveyRequest
from plans.course.forms import ReasonForm
from plans.models import Plan


@require_POST
def new_link(request: StaffRequest, request_id: UUID) -> HttpResponse:
    """A fresh link for a patient who lost theirs or is locked out."""
    asked = get_object_or_404(
        SurveyRequest.objects.visible_to(request.user), pk=request_id
    )
    access.require(request.user, Act.SEND_LINKS)
    try:
        links.send_new_link(asked, by=request.user, now=clock.now())
        messages.success(request, "A new link goes out now; older links are dead.")
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    call = _call_about(request, asked)
    if call is not None:
        # Whoever talks to the patient goes on talking.
        return redirect("outcomes:call", call.pk)
    return redirect("outcomes:patient", asked.patient_id)


def _call_about(request: StaffRequest, asked: SurveyRequest) -> FollowUp | None:
    """The follow-up on whose call page the link was asked for."""
    with contextlib.suppress(ValueError):
        return asked.follow_ups.filter(pk=UUID(request.POST.get("call", ""))).first()
    return None


@get_or_post
def asking(request: StaffRequest, plan_id: UUID) -> HttpResponse:
    """Whether the patient is asked about a plan: end that, or go on."""
    visible = Plan.objects.visible_to(request.user)
    plan = get_object_or_404(
        visible.select_related("complaint__patient__clinic"), pk=plan_id
    )
    access.require(request.user, Act.WRITE_PLANS)
    resumes = "resume" in request.POST
    form = Form(posted(request)) if resumes else ReasonForm(posted(request))
    verb = ending.resume_follow_up if resumes else ending.end_follow_up
    if carry_out(request, form, verb, plan) is not None:
        words = "asked again" if resumes else "not asked any more"
        messages.success(request, f"About this plan the patient is {words}.")
        return redirect("outcomes:plan", plan.pk)
    audit.record(by=request.user, action="plan.read", about=plan)
    context = {
        "form": form,
        "plan": plan,
        "complaint": plan.complaint,
        "patient": plan.complaint.patient,
        "episodes": plan.episodes.order_by("course"),
        "is_asked": plan.episodes.filter(status="active").exists(),
        "can_resume": ending.can_resume(plan),
    }
    return render(request, "outcomes/follow_ups/asking.html", context)


@require_GET
def mailbox(request: StaffRequest) -> HttpResponse:
    """The messages that a demo clinic really sent, with links that work."""
    access.require(request.user, Act.READ_MAILBOX)
    clinic = workplace(request)
    if not clinic.is_demo:
        raise Http404("Only a demo clinic keeps its mail here.")
    mails = files.read(clinic.pk)
    sent = Message.objects.filter(
        clinic=clinic, pk__in=[mail.message_id for mail in mails]
    )
    audit.record(
        by=request.user,
        action="mailbox.read",
        about=clinic,
        patients=sent.values_list("request__patient_id", flat=True),
    )
    tick = cast(timedelta, settings.CELERY_BEAT_SCHEDULE["tick"]["schedule"])
    context = {
        "mails": [(mail, _pieces(mail.text)) for mail in mails],
        "tick_seconds": int(tick.total_seconds()),
        "shown": files.SHOWN,
    }
    return render(request, "outcomes/follow_ups/mailbox.html", context)


def _pieces(text: str) -> list[tuple[str, str]]:
    """The text cut at links to this site: each piece with its path, or without."""
    link = re.compile(rf"({re.escape(settings.SITE_URL)}/[\w\-/]*)")
    return [
        (piece, urlsplit(piece).path if number % 2 else "")
        for number, piece in enumerate(link.split(text))
        if piece
    ]
