"""A survey answered on a screen of the clinic: staff sign out and hand it over."""

import secrets
from datetime import timedelta
from uuid import UUID

from django.contrib.auth import logout
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from clinic import access, audit, clock
from clinic.access import Act
from clinic.audit import By
from clinic.requests import StaffRequest, get_or_post
from outcomes.follow_ups.channels import tokens
from outcomes.models import Link, SurveyRequest

# Long enough to answer; the date of birth is asked all the same.
GOOD_FOR = timedelta(hours=1)
OVER = "This survey is not open any more."


@get_or_post
def hand_over(request: StaffRequest, request_id: UUID) -> HttpResponse:
    visible = SurveyRequest.objects.visible_to(request.user)
    asked = get_object_or_404(
        visible.select_related(
            "clinic", "patient__clinic", "patient__merged_into__clinic"
        ),
        pk=request_id,
    )
    access.require(request.user, Act.SEND_LINKS)
    refusal = why_not(asked)
    if request.method == "POST" and not refusal:
        token = make_link(asked, by=request.user)
        # Whoever holds the screen now is no member of staff.
        logout(request)
        response = redirect("outcomes:enter", token)
        # Nobody is signed in any more, who else would have it kept nowhere.
        response["Cache-Control"] = "no-store"
        return response
    audit.record(by=request.user, action="survey.hand_over_asked", about=asked)
    context = {"asked": asked, "patient": asked.person, "refusal": refusal}
    return render(request, "outcomes/hand_over.html", context)


def why_not(asked: SurveyRequest) -> str:
    is_open = asked.state == SurveyRequest.State.OPEN
    if not is_open or not asked.person.is_in_follow_up:
        return OVER
    return "It is locked after five wrong dates of birth." if asked.is_locked else ""


@transaction.atomic
def make_link(asked: SurveyRequest, *, by: By) -> str:
    """A way in beside those that were sent, which stay good."""
    now = clock.now()
    held = SurveyRequest.objects.select_for_update().get(pk=asked.pk)
    if held.state != SurveyRequest.State.OPEN:
        raise ValidationError(OVER)
    token = secrets.token_urlsafe(tokens.TOKEN_BYTES)
    Link.objects.create(
        clinic_id=asked.clinic_id,
        request=asked,
        token_sha256=tokens.sha256_of(token),
        expires_at=min(asked.closes_at, now + GOOD_FOR),
        created_at=now,
    )
    audit.record(by=by, action="survey.handed_over", about=asked)
    return token
