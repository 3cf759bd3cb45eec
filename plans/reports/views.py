"""The report on plans, its file, and the lists behind its numbers."""

import csv

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from clinic import access, audit, spreadsheets
from clinic.access import Act
from clinic.requests import StaffRequest, workplace
from patients.triage import early_intervention
from plans.reports import listed, page
from plans.reports.choices import (
    ChoicesForm,
    ComplaintsForm,
    InterventionsForm,
    ListForm,
    PlansForm,
)


@require_GET
def reports(request: StaffRequest) -> HttpResponse:
    access.require(request.user, Act.READ_PLANS)
    form = ChoicesForm(request.GET, user=request.user)
    if not form.is_valid():
        return _refused(request, form, "plans/reports.html")
    shown = _read(request, form)
    return render(request, "plans/reports.html", {"form": form, "page": shown})


@require_GET
def reports_file(request: StaffRequest) -> HttpResponse:
    access.require(request.user, Act.READ_PLANS)
    form = ChoicesForm(request.GET, user=request.user)
    if not form.is_valid():
        return _refused(request, form, "plans/reports.html")
    shown = _read(request, form)
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="plans.csv"'
    # Without the mark, Excel takes the file for its own encoding.
    response.write("\ufeff")
    writer = csv.writer(response)
    writer.writerow(page.HEADINGS)
    for line in page.lines(shown):
        writer.writerow(spreadsheets.inert(cell) for cell in line)
    return response


def _read(request: StaffRequest, form: ChoicesForm) -> page.ReportPage:
    shown = page.build(request.user, form.chosen)
    audit.record(
        by=request.user,
        action="plan_report.read",
        about=workplace(request),
        asked=form.chosen.query,
    )
    return shown


@require_GET
def plans(request: StaffRequest) -> HttpResponse:
    access.require(request.user, Act.READ_PLANS)
    form = PlansForm(request.GET, user=request.user)
    return _list(request, listed.PLANS, form)


@require_GET
def interventions(request: StaffRequest) -> HttpResponse:
    access.require(request.user, Act.READ_PLANS)
    form = InterventionsForm(request.GET, user=request.user)
    return _list(request, listed.INTERVENTIONS, form)


@require_GET
def complaints(request: StaffRequest) -> HttpResponse:
    access.require(request.user, Act.READ_PLANS)
    access.require(request.user, Act.READ_CLINICAL)
    form = ComplaintsForm(request.GET, user=request.user)
    return _list(request, listed.COMPLAINTS, form)


def _list(request: StaffRequest, kind: listed.Kind, form: ListForm) -> HttpResponse:
    if not form.is_valid():
        return _refused(request, form, "plans/listed.html", kind=kind)
    number = form.cleaned_data["page"] or 1
    found, lines = listed.page(kind, request.user, form.chosen, form.cell, number)
    people = [line.patient for line in lines]
    early_intervention.attach_clocks(people, user=request.user)
    audit.record(
        by=request.user,
        action=f"{kind.name}.listed",
        about=workplace(request),
        patients=[person.pk for person in people],
        asked={**form.chosen.query, **form.cell},
        page=found.number,
    )
    context = {
        "kind": kind,
        "form": form,
        "page": found,
        "lines": lines,
        "report": form.chosen.address(),
    }
    return render(request, "plans/listed.html", context)


def _refused(
    request: StaffRequest, form: ChoicesForm, template: str, **more: object
) -> HttpResponse:
    return render(request, template, {"form": form, **more}, status=400)
