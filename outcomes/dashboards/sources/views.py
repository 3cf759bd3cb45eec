"""The report on pain sources, and the complaints behind each of its numbers."""

from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from clinic import access, audit
from clinic.access import Act
from clinic.requests import StaffRequest, workplace
from outcomes.dashboards.sources import listing, rows
from outcomes.dashboards.sources import page as sources_page
from outcomes.dashboards.sources.choices import CellForm, ChoicesForm
from patients.triage import early_intervention


@require_GET
def sources(request: StaffRequest) -> HttpResponse:
    """Counts of few people stand here, so it is for those who treat them only."""
    access.require(request.user, Act.READ_CLINICAL)
    access.require(request.user, Act.READ_PLANS)
    form = ChoicesForm(request.GET)
    if not form.is_valid():
        return _refused(request, form)
    page = sources_page.build(request.user, form.chosen)
    audit.record(
        by=request.user,
        action="sources.read",
        about=workplace(request),
        asked=form.chosen.address(),
    )
    form = ChoicesForm(initial=form.cleaned_data)
    context = {"form": form, "page": page}
    return render(request, "outcomes/sources.html", context)


@require_GET
def complaints(request: StaffRequest) -> HttpResponse:
    access.require(request.user, Act.READ_CLINICAL)
    access.require(request.user, Act.READ_PLANS)
    form = CellForm(request.GET)
    if not form.is_valid():
        return _refused(request, form)
    found = rows.listed(request.user, form.chosen, form.cell)
    page = listing.page(found, form)
    people = [row.patient.kept for row in page.listed.rows]
    early_intervention.attach_clocks(people, user=request.user)
    audit.record(
        by=request.user,
        action="complaints.listed",
        about=workplace(request),
        patients=[row.patient_id for row in page.listed.rows],
        asked=form.chosen.address(**form.cell),
        page=page.listed.number,
    )
    return render(request, "outcomes/source_complaints.html", {"page": page})


def _refused(request: StaffRequest, form: Form) -> HttpResponse:
    context = {"form": form}
    return render(request, "outcomes/sources_refused.html", context, status=400)
