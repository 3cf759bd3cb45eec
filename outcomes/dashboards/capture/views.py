"""How many answer, and the follow-ups behind each number."""

from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from clinic import access, audit, clock
from clinic.access import Act
from clinic.requests import StaffRequest, workplace
from outcomes.dashboards.capture import listing
from outcomes.dashboards.capture import page as capture_page
from outcomes.dashboards.capture.choices import CellForm, ChoicesForm, dimensions_of


@require_GET
def report(request: StaffRequest) -> HttpResponse:
    access.require(request.user, Act.READ_CAPTURE)
    clinic = workplace(request)
    form = ChoicesForm(request.GET, dimensions=dimensions_of(request.user))
    is_fixed = not capture_page.sees_rows(request.user)
    if not form.is_valid() or (is_fixed and not form.is_of_everything):
        return _refused(request, form, is_fixed=is_fixed)
    choices = capture_page.FIXED if is_fixed else form.chosen
    page = capture_page.build(request.user, clinic, choices, clock.today(clinic.zone))
    audit.record(
        by=request.user,
        action="capture.read",
        about=clinic,
        asked=choices.address(),
    )
    return render(request, "outcomes/capture.html", {"form": form, "page": page})


@require_GET
def listed(request: StaffRequest) -> HttpResponse:
    access.require(request.user, Act.READ_FOLLOW_UPS)
    clinic = workplace(request)
    form = CellForm(request.GET, dimensions=dimensions_of(request.user))
    if not form.is_valid():
        return _refused(request, form, is_fixed=False)
    page = listing.page(request.user, clinic, form, clock.today(clinic.zone))
    audit.record(
        by=request.user,
        action="follow_ups.listed",
        about=clinic,
        patients=[row.patient_id for row in page.listed.rows],
        asked=form.chosen.address(**form.cell),
        page=page.listed.number,
    )
    return render(request, "outcomes/capture_list.html", {"page": page})


def _refused(request: StaffRequest, form: Form, *, is_fixed: bool) -> HttpResponse:
    context = {"form": form, "is_fixed": is_fixed}
    return render(request, "outcomes/capture_refused.html", context, status=400)
