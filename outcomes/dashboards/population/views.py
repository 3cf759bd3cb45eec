"""The outcomes of groups, and the people behind each of its figures."""

from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from clinic import access, audit
from clinic.access import Act
from clinic.requests import StaffRequest, workplace
from outcomes.dashboards.population import listing, missing_page, page
from patients.triage import early_intervention


@require_GET
def population(request: StaffRequest) -> HttpResponse:
    access.require(request.user, Act.READ_COHORT)
    try:
        found = page.build(request.user, request.GET)
    except ValidationError as error:
        return _refused(request, error)
    audit.record(
        by=request.user,
        action="cohort.read",
        about=workplace(request),
        # Not the address itself: what nobody asked for could stand there.
        asked=found.figures.chosen.address(),
    )
    return render(request, "outcomes/population.html", {"page": found})


@require_GET
def missing(request: StaffRequest) -> HttpResponse:
    """Counts of few people stand here, so it is for those who treat them only."""
    for act in (Act.READ_COHORT, Act.READ_ANSWERS):
        access.require(request.user, act)
    try:
        found = missing_page.build(request.user, request.GET)
    except ValidationError as error:
        return _refused(request, error)
    audit.record(
        by=request.user,
        action="missing.read",
        about=workplace(request),
        asked=found.found.chosen.address(),
    )
    return render(request, "outcomes/missing.html", {"page": found})


@require_GET
def people(request: StaffRequest) -> HttpResponse:
    """Names stand here: for those who may read patients and their answers."""
    for act in (Act.READ_COHORT, Act.READ_PATIENTS, Act.READ_ANSWERS):
        access.require(request.user, act)
    try:
        found = listing.build(request.user, request.GET)
    except ValidationError as error:
        return _refused(request, error)
    shown = [line.patient for line in found.lines]
    early_intervention.attach_clocks(shown, user=request.user)
    audit.record(
        by=request.user,
        action="outcomes.listed",
        about=workplace(request),
        patients=[patient.pk for patient in shown],
        asked=found.chosen.address(part=found.part),
        page=found.listed.number,
    )
    return render(request, "outcomes/outcome_list.html", {"page": found})


def _refused(request: StaffRequest, error: ValidationError) -> HttpResponse:
    context = {"error": error}
    return render(request, "outcomes/population_refused.html", context, status=400)
