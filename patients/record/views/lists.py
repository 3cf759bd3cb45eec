from django.db.models import Prefetch, QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from clinic import access, audit
from clinic.access import Act
from clinic.requests import StaffRequest, workplace
from patients.models import Complaint, Patient
from patients.record.forms.search import SearchForm
from patients.triage import early_intervention

PAGE_SIZE = 50


@require_GET
def patients(request: StaffRequest) -> HttpResponse:
    access.require(request.user, Act.READ_PATIENTS)
    form = SearchForm(request.GET)
    form.is_valid()
    query, page = form.cleaned_data.get("q", ""), form.cleaned_data.get("page") or 1
    first = (page - 1) * PAGE_SIZE
    found = list(listed(request, query)[first : first + PAGE_SIZE + 1])
    for patient in found:
        # Joined in, it would keep SQLite from walking the index in the list's order.
        patient.clinic = workplace(request)
    shown = found[:PAGE_SIZE]
    early_intervention.attach_clocks(shown, user=request.user)
    audit.record(
        by=request.user,
        action="patients.listed",
        about=workplace(request),
        patients=[patient.pk for patient in shown],
        page=page,
        was_search=bool(query),
    )
    context = {
        "patients": shown,
        "query": query,
        "page": page,
        "first": first + 1,
        "last": first + len(shown),
        "has_more": len(found) > PAGE_SIZE,
    }
    return render(request, "patients/list.html", context)


def listed(request: StaffRequest, query: str) -> QuerySet[Patient]:
    """Found patients by name, with what this reader may know of their care.

    A merged record is not listed: its name and its MRN lead to the kept one.
    """
    visible = Patient.objects.visible_to(request.user)
    found = visible.not_merged().search(query)
    if access.can(request.user, Act.READ_CLINICAL):
        complaints = Complaint.objects.filter(closed_on=None)
        found = found.prefetch_related(
            Prefetch("complaints", complaints), "complaints__hypotheses"
        )
    if access.can(request.user, Act.READ_PLANS):
        # By name: the plans app stands above this one.
        found = found.prefetch_related("complaints__plans")
    return found.order_by("family_name", "given_name", "pk")
