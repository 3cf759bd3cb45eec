"""The pages of an export: say what for, watch it being written, take it."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET

from clinic import access
from clinic.access import Act
from clinic.forms import say
from clinic.requests import StaffRequest, get_or_post, posted, workplace
from outcomes.dashboards.export import giving, page, runs
from outcomes.models import OutcomeExport


@get_or_post
def exports(request: StaffRequest) -> HttpResponse:
    access.require(request.user, Act.EXPORT_OUTCOMES)
    clinic = workplace(request)
    try:
        shown = page.build(request.user, clinic, request.GET, posted(request))
    except ValidationError as error:
        context = {"error": error}
        return render(request, "outcomes/export_refused.html", context, status=400)
    status = 200
    if request.method == "POST":
        run = _started(request, shown.form)
        if run is not None:
            return redirect("outcomes:export", run.pk)
        status = 400
    return render(request, "outcomes/exports.html", {"page": shown}, status=status)


def _started(request: StaffRequest, form: page.ExportForm) -> OutcomeExport | None:
    """None where it was refused; why stands on the form."""
    if not form.is_valid():
        return None
    try:
        return runs.start(
            request.user,
            workplace(request),
            purpose=form.cleaned_data["purpose"],
            data=page.data_of(request.GET, form),
        )
    except ValidationError as error:
        known = hasattr(error, "error_dict") and set(error.error_dict) <= {"purpose"}
        say(form, error if known else ValidationError(error.messages))
    return None


@require_GET
def progress(request: StaffRequest, export_id: UUID) -> HttpResponse:
    run = _find(request, export_id)
    template = "_export_state.html" if request.htmx else "export.html"
    return render(request, f"outcomes/{template}", {"run": run})


@require_GET
def archive(request: StaffRequest, export_id: UUID) -> HttpResponseBase:
    run = _find(request, export_id)
    response = giving.given_out(run, by=request.user) if run.is_there else None
    if response is None:
        messages.error(request, runs.NOT_READY if run.is_under_way else runs.GONE)
        return redirect("outcomes:export", run.pk)
    return response


def _find(request: StaffRequest, export_id: UUID) -> OutcomeExport:
    visible = OutcomeExport.objects.visible_to(request.user)
    run = get_object_or_404(visible.select_related("started_by"), pk=export_id)
    access.require(request.user, Act.EXPORT_OUTCOMES)
    return run
