"""The pages of an import: hand in a file, confirm, watch, see what was refused."""

import csv
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_GET, require_POST

from clinic import access, spreadsheets
from clinic.access import Act
from clinic.forms import say
from clinic.requests import StaffRequest, get_or_post, posted, workplace
from patients.models import PatientImport
from patients.record.imports import forms, reading, runs
from patients.record.imports.fhir_glance import READ
from patients.record.imports.mapping import Mapping
from patients.record.imports.refusals import ImportFileError
from patients.record.imports.uploads import Incoming, LimitedUpload

RUNS_SHOWN = 50
REFUSED_SHOWN = 100


# The token is looked for when the upload has a place to go: that reads all of it.
@csrf_exempt
@get_or_post
def imports(request: StaffRequest) -> HttpResponse:
    access.require(request.user, Act.IMPORT_PATIENTS)
    if request.method == "POST":
        handler = LimitedUpload(request)
        request.upload_handlers = [handler]
        return receive(request, handler)
    return list_of_runs(request, forms.UploadForm())


@csrf_protect
def receive(request: StaffRequest, handler: LimitedUpload) -> HttpResponse:
    form = forms.UploadForm(request.POST, request.FILES)
    if handler.is_too_large:
        form.refuse(handler.too_large)
    elif form.is_valid():
        try:
            return redirect("patients:import", received(request, form).pk)
        except ImportFileError as error:
            form.refuse(str(error))
    return list_of_runs(request, form)


def received(request: StaffRequest, form: forms.UploadForm) -> PatientImport:
    upload: Incoming = form.cleaned_data["file"]
    return runs.receive(
        workplace(request),
        by=request.user,
        upload=upload.path,
        file_name=upload.name or "",
    )


def list_of_runs(request: StaffRequest, form: forms.UploadForm) -> HttpResponse:
    found = PatientImport.objects.visible_to(request.user)
    context = {"form": form, "runs": found.select_related("started_by")[:RUNS_SHOWN]}
    return render(request, "patients/imports/list.html", context)


@get_or_post
def patient_import(request: StaffRequest, import_id: UUID) -> HttpResponse:
    run = find(request, import_id)
    if run.state == PatientImport.State.UPLOADED:
        return look(request, run) if reading.is_here(run) else lost(request)
    if request.method == "POST":
        messages.error(request, reading.CONFIRMED_BEFORE)
        return redirect("patients:import", run.pk)
    return outcome(request, run)


def find(request: StaffRequest, import_id: UUID) -> PatientImport:
    visible = PatientImport.objects.visible_to(request.user)
    run = get_object_or_404(
        visible.select_related("clinic", "started_by"), pk=import_id
    )
    access.require(request.user, Act.IMPORT_PATIENTS)
    return run


def look(request: StaffRequest, run: PatientImport) -> HttpResponse:
    """The choices with what would come of them; a POST confirms them."""
    form = form_of(run, request)
    if request.method == "POST" and form.is_valid():
        try:
            runs.confirm(run, by=request.user, chosen=form.mapping)
        except ValidationError as error:
            say(form, error)
        else:
            return redirect("patients:import", run.pk)
    return shown(request, run, form)


@require_POST
def preview_import(request: StaffRequest, import_id: UUID) -> HttpResponse:
    """What the choices would come to; nothing is kept."""
    run = find(request, import_id)
    if run.state != PatientImport.State.UPLOADED:
        return redirect("patients:import", run.pk)
    if not reading.is_here(run):
        return lost(request)
    form = form_of(run, request)
    form.is_valid()
    return shown(request, run, form)


def lost(request: StaffRequest) -> HttpResponse:
    messages.error(request, reading.GONE)
    return redirect("patients:imports")


def form_of(
    run: PatientImport, request: StaffRequest
) -> forms.ListForm | forms.FhirForm:
    held = Mapping.from_json(run.mapping)
    if run.kind == PatientImport.Kind.FHIR:
        systems = run.contents["systems"]
        return forms.FhirForm(posted(request), systems=systems, held=held)
    form = forms.ListForm(posted(request), header=run.contents["header"], held=held)
    form.ask_words(runs.words(run, form.standing))
    return form


def shown(
    request: StaffRequest, run: PatientImport, form: forms.ListForm | forms.FhirForm
) -> HttpResponse:
    context: dict[str, Any] = {"run": run, "form": form}
    if isinstance(form, forms.FhirForm):
        types = run.contents["types"].items()
        context["types"] = [(name, number, name in READ) for name, number in types]
        return render(request, "patients/imports/fhir.html", context)
    found = reading.look(run, form.standing, by=request.user)
    context |= {"preview": found, "missing": form.standing.missing()}
    page = "_looked_at.html" if request.htmx else "list_of_patients.html"
    return render(request, f"patients/imports/{page}", context)


def outcome(request: StaffRequest, run: PatientImport) -> HttpResponse:
    refused = list(run.refused_rows.all()[:REFUSED_SHOWN])
    reading.note(run, "read", by=request.user, refused=refused)
    page = "_outcome.html" if request.htmx else "outcome.html"
    return render(request, f"patients/imports/{page}", {"run": run, "refused": refused})


@require_POST
def stop_import(request: StaffRequest, import_id: UUID) -> HttpResponse:
    run = find(request, import_id)
    try:
        runs.stop(run, by=request.user)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, "Stopped; the file is deleted.")
    return redirect("patients:import", run.pk)


@require_GET
def refused_rows(request: StaffRequest, import_id: UUID) -> HttpResponse:
    run = find(request, import_id)
    refused = list(run.refused_rows.all())
    reading.note(run, "refused_rows_taken", by=request.user, refused=refused)
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="refused-rows.csv"'
    # Without the mark, Excel takes the file for its own encoding.
    response.write("\ufeff")
    writer = csv.writer(response)
    columns = run.contents.get("header", ["resource"])
    writer.writerow(spreadsheets.inert(name) for name in ("row", "why", *columns))
    for row in refused:
        cells = (str(row.number), row.why, *row.cells)
        writer.writerow(spreadsheets.inert(cell) for cell in cells)
    return response
