from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from clinic import access
from clinic.access import Act
from clinic.requests import StaffRequest
from outcomes.plan_pages import repeat_injection, repeat_reading
from plans.models import Intervention


@require_GET
def show(request: StaffRequest, intervention_id: UUID) -> HttpResponse:
    visible = Intervention.objects.visible_to(request.user).select_related(
        "plan__complaint__patient__clinic",
        "plan__complaint__patient__merged_into__clinic",
    )
    asked = get_object_or_404(visible, pk=intervention_id)
    access.require(request.user, Act.READ_ANSWERS)
    if not asked.is_needle:
        raise Http404("Only an injection is repeated.")
    complaint = asked.plan.complaint
    context = {
        "repeat": repeat_reading.read(asked, by=request.user),
        "intervention": asked,
        "plan": asked.plan,
        "complaint": complaint,
        "patient": complaint.patient.kept,
        "caveat": repeat_injection.CAVEAT,
    }
    return render(request, "outcomes/repeat_injection.html", context)
