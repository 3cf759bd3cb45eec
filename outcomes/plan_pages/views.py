"""The page of one plan."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from clinic import access, audit
from clinic.requests import StaffRequest
from outcomes.plan_pages import gathered, plan_page
from plans.models import Plan


@require_safe
def plan(request: StaffRequest, plan_id: UUID) -> HttpResponse:
    """What is planned and done, what was asked and answered, on one axis."""
    visible = Plan.objects.visible_to(request.user).select_related(
        *("protocol", "provider"),
        *("complaint__patient__clinic", "complaint__patient__merged_into__clinic"),
    )
    shown = get_object_or_404(visible, pk=plan_id)
    found = gathered.gather(request.user, shown)
    audit.record(by=request.user, action="plan.read", about=shown)
    context = plan_page.context(found, access.acts_of(request.user))
    return render(request, "outcomes/plan/page.html", context)
