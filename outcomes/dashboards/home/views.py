"""The first page: what needs a person today."""

from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from clinic import access, audit, clock
from clinic.access import Act
from clinic.requests import StaffRequest
from outcomes.dashboards.home import days, mine, today


@require_GET
def overview(request: StaffRequest) -> HttpResponse:
    """The first page: what needs a person today."""
    if request.user.membership is None:
        return redirect("clinic:choose")
    if not access.can(request.user, Act.READ_FOLLOW_UPS):
        return redirect("outcomes:population")
    clinic = request.user.membership.clinic
    now_on = clock.today(clinic.zone)
    try:
        day = days.asked(request.GET.get("day", ""), now_on)
        whose = mine.asked(request.GET.get("whose", ""), request.user)
    except ValidationError as error:
        context = {"error": " ".join(error.messages)}
        return render(request, "outcomes/today_refused.html", context, status=400)
    found = today.overview(request.user, clinic, now_on, day, whose)
    audit.record(
        by=request.user,
        action="today.read",
        about=clinic,
        patients=today.patients_shown(found),
        day=str(day),
        whose=str(whose),
    )
    found["days"] = days.Days(day, now_on)
    return render(request, "outcomes/today.html", found)
