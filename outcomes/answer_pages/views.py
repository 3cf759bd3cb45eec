"""The page of what was answered at one follow-up."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from clinic import access, audit
from clinic.access import Act
from clinic.requests import StaffRequest
from outcomes.answer_pages import sheets
from outcomes.models import FollowUp


@require_GET
def answers(request: StaffRequest, follow_up_id: UUID) -> HttpResponse:
    visible = FollowUp.objects.visible_to(request.user).select_related(
        "patient__clinic", "patient__merged_into__clinic", "episode__complaint"
    )
    follow_up = get_object_or_404(visible, pk=follow_up_id)
    access.require(request.user, Act.READ_ANSWERS)
    audit.record(by=request.user, action="answers.read", about=follow_up)
    context = {
        "follow_up": follow_up,
        "patient": follow_up.patient.kept,
        "complaint": follow_up.episode.complaint,
        "sheets": sheets.of_follow_up(follow_up),
    }
    return render(request, "outcomes/answers.html", context)
