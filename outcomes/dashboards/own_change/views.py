from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from clinic import access, audit
from clinic.access import Act
from clinic.requests import StaffRequest, workplace
from outcomes.dashboards.own_change import page


@require_GET
def important_change(request: StaffRequest) -> HttpResponse:
    """What change matters to this clinic's patients, beside what is published."""
    access.require(request.user, Act.READ_COHORT)
    shown = page.build(request.user)
    audit.record(
        by=request.user, action="important_change.read", about=workplace(request)
    )
    return render(request, "outcomes/important_change.html", {"page": shown})
