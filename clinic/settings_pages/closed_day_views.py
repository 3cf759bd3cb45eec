from datetime import date
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from clinic import access, clock, closed_days, us_holidays
from clinic.access import Act
from clinic.models import ClosedDay, Location
from clinic.requests import StaffRequest, carry_out, get_or_post, posted, workplace
from clinic.settings_pages.forms import ClosedDaysForm

# Past days are kept for good; this many of them are shown.
PAST_SHOWN = 60


@get_or_post
def days(request: StaffRequest) -> HttpResponse:
    access.require(request.user, Act.MANAGE_CLINIC)
    clinic = workplace(request)
    places = Location.objects.visible_to(request.user)
    form = ClosedDaysForm(posted(request), locations=places)
    added = carry_out(request, form, closed_days.add, clinic)
    if added is not None:
        messages.success(request, _in_words(len(added)))
        return redirect("clinic:closed_days")
    today = clock.today(clinic.zone)
    closed = ClosedDay.objects.visible_to(request.user).select_related("location")
    context = {
        "form": form,
        "to_come": closed.filter(day__gte=today).order_by("day", "location__name"),
        "past": closed.filter(day__lt=today).order_by("-day")[:PAST_SHOWN],
        "past_shown": PAST_SHOWN,
        "years": [(year, _next_holidays(year, today)) for year in _years(today)],
    }
    return render(request, "clinic/settings/closed_days.html", context)


def _years(today: date) -> list[int]:
    return [today.year, today.year + 1]


def _next_holidays(year: int, today: date) -> int:
    return sum(holiday.day >= today for holiday in us_holidays.federal(year))


def _in_words(count: int) -> str:
    return f"{count} closed day{'s are' if count != 1 else ' is'} added."


@require_POST
def add_holidays(request: StaffRequest) -> HttpResponse:
    access.require(request.user, Act.MANAGE_CLINIC)
    typed = request.POST.get("year", "")
    year = int(typed) if typed.isascii() and typed.isdecimal() and len(typed) < 5 else 0
    try:
        added = closed_days.add_holidays(workplace(request), year=year, by=request.user)
        messages.success(request, f"{_in_words(len(added))} Look through them below.")
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    return redirect("clinic:closed_days")


@require_POST
def remove(request: StaffRequest, closed_day_id: UUID) -> HttpResponse:
    visible = ClosedDay.objects.visible_to(request.user).select_related("clinic")
    closed = get_object_or_404(visible, pk=closed_day_id)
    access.require(request.user, Act.MANAGE_CLINIC)
    try:
        closed_days.remove(closed, by=request.user)
        messages.success(request, f"{clock.in_words(closed.day)} is open again.")
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    return redirect("clinic:closed_days")
