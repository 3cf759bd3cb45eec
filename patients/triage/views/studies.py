"""The pages of studies: the list of open ones, an order, one study and its acts."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django import forms as django_forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from clinic import access, audit, clock
from clinic.access import Act
from clinic.forms import say
from clinic.requests import (
    StaffRequest,
    carry_out,
    get_or_post,
    posted,
    posted_revision,
    workplace,
)
from patients import rows
from patients.catalogue import study_words
from patients.models import Complaint, Study
from patients.triage import studies, study_list
from patients.triage.forms import studies as study_forms
from patients.triage.study_files import file_types

PAGE_SIZE = 50


@require_GET
def open_studies(request: StaffRequest) -> HttpResponse:
    access.require(request.user, Act.READ_CLINICAL)
    clinic = workplace(request)
    today = clock.today(clinic.zone)
    known = {str(each): each for each in study_list.Filter}
    chosen = known.get(request.GET.get("show", ""), study_list.Filter.OPEN)
    paginator = Paginator(study_list.rows(request.user, chosen, today), PAGE_SIZE)
    page = paginator.get_page(request.GET.get("page"))
    audit.record(
        by=request.user,
        action="studies.listed",
        about=clinic,
        patients=[study.complaint.patient_id for study in page],
        show=chosen,
        page=page.number,
    )
    context = {
        "studies": page.object_list,
        "page": page,
        "chosen": chosen,
        "filters": study_list.counts(request.user, today),
        "today": today,
    }
    return render(request, "patients/studies.html", context)


@get_or_post
def order(request: StaffRequest, complaint_id: UUID) -> HttpResponse:
    complaint = rows.find_complaint(request, complaint_id)
    access.require(request.user, Act.RECORD_FINDINGS)
    form = study_forms.OrderForm(posted(request), complaint=complaint, by=request.user)
    made = carry_out(request, form, studies.order, complaint)
    if made is not None:
        day = f", to be booked by {clock.in_words(made.due_on)}" if made.due_on else ""
        messages.success(request, f"Ordered: {made}{day}.")
        return redirect("patients:study", made.pk)
    context = {"form": form, "complaint": complaint, "patient": complaint.patient}
    audit.record(by=request.user, action="complaint.read", about=complaint)
    return render(request, "patients/order_study.html", context)


@get_or_post
def take_in(request: StaffRequest, complaint_id: UUID) -> HttpResponse:
    """First what it is, then, in the words of that kind of study, what it shows."""
    complaint = rows.find_complaint(request, complaint_id)
    access.require(request.user, Act.RECORD_FINDINGS)
    sent = request.POST if request.method == "POST" else request.GET
    asked = sent if "kind" in sent else None
    which = study_forms.StudyForm(asked)
    form = draft = None
    if asked and which.is_valid() and fits(which):
        draft = Study(complaint=complaint, **which.cleaned_data)
        form = study_forms.ResultForm(posted(request), study=draft)
        made = carry_out(
            request, form, studies.take_in, complaint, **which.cleaned_data
        )
        if made is not None:
            messages.success(request, f"In the record: {made}. It waits for review.")
            return redirect("patients:study", made.pk)
    context = {
        "which": which,
        "form": form,
        "draft": draft,
        "complaint": complaint,
        "patient": complaint.patient,
    }
    audit.record(by=request.user, action="complaint.read", about=complaint)
    return render(request, "patients/take_in_study.html", context)


def fits(which: django_forms.Form) -> bool:
    kind, region = which.cleaned_data["kind"], which.cleaned_data["region"]
    if region in {known.key for known in study_words.regions_for(kind)}:
        return True
    label = study_words.region_label(region)
    which.add_error("region", f"There is no {Study.Kind(kind).label} of the {label}.")
    return False


@require_GET
def study(request: StaffRequest, study_id: UUID) -> HttpResponse:
    return shown(request, rows.find_study(request, study_id))


@require_POST
def schedule(request: StaffRequest, study_id: UUID) -> HttpResponse:
    return take(request, study_id, "schedule")


@require_POST
def done(request: StaffRequest, study_id: UUID) -> HttpResponse:
    return take(request, study_id, "done")


@require_POST
def result(request: StaffRequest, study_id: UUID) -> HttpResponse:
    return take(request, study_id, "result")


@require_POST
def review(request: StaffRequest, study_id: UUID) -> HttpResponse:
    return take(request, study_id, "review", Act.SIGN_EVALUATIONS)


@require_POST
def cancel(request: StaffRequest, study_id: UUID) -> HttpResponse:
    return take(request, study_id, "cancel")


@require_POST
def in_error(request: StaffRequest, study_id: UUID) -> HttpResponse:
    return take(request, study_id, "in_error", Act.SIGN_EVALUATIONS)


@require_POST
def owner(request: StaffRequest, study_id: UUID) -> HttpResponse:
    return take(request, study_id, "owner")


# What each form of the page of a study does, and what is said when it is done.
VERBS: dict[str, tuple[Callable[..., Study], str]] = {
    "schedule": (studies.schedule, "Booked."),
    "done": (studies.record_done, "Recorded as done; the result is waited for."),
    "result": (studies.receive, "The result is in the record and waits for review."),
    "review": (studies.review, "Reviewed. It can be cited in the source ledger."),
    "cancel": (studies.cancel, "Cancelled."),
    "in_error": (studies.enter_in_error, "Marked as entered in error; it is kept."),
    "owner": (studies.hand_over, "Handed over."),
}


def take(
    request: StaffRequest, study_id: UUID, name: str, act: Act = Act.RECORD_FINDINGS
) -> HttpResponse:
    found = rows.find_study(request, study_id)
    access.require(request.user, act)
    form = forms_of(found, {name: request.POST})[name]
    verb, said = VERBS[name]
    if form.is_valid():
        try:
            seen = posted_revision(request)
            verb(found, by=request.user, seen=seen, **form.cleaned_data)
        except ValidationError as error:
            say(form, error)
        else:
            messages.success(request, said)
            return redirect("patients:study", found.pk)
    # The verb has put what was typed on the row; the page shows what is stored.
    return shown(request, rows.find_study(request, study_id), {name: form})


def shown(
    request: StaffRequest,
    found: Study,
    bound: dict[str, django_forms.Form] | None = None,
    *,
    file_error: str = "",
    status: int = 200,
) -> HttpResponse:
    audit.record(by=request.user, action="study.read", about=found)
    complaint: Complaint = found.complaint
    context = {
        "study": found,
        "complaint": complaint,
        "patient": complaint.patient,
        "forms": {**forms_of(found), **(bound or {})},
        "failed": next(iter(bound), "") if bound else "",
        # What refuses it may also have taken its form off the page.
        "failed_form": next(iter(bound.values()), None) if bound else None,
        "can": studies.MOVES[found.state],
        "files": found.files.select_related("uploaded_by"),
        "cited": found.cited_in.select_related("hypothesis"),
        "file_error": file_error,
        "accepted": file_types.ACCEPTED,
        "today": clock.today(complaint.patient.time_zone),
    }
    return render(request, "patients/study.html", context, status=status)


def forms_of(
    found: Study, sent: dict[str, Any] | None = None
) -> dict[str, django_forms.Form]:
    sent = sent or {}
    today = clock.today(found.complaint.patient.time_zone)
    done_on = found.scheduled_for or today
    return {
        "schedule": study_forms.ScheduleForm(
            sent.get("schedule"), initial={"scheduled_for": found.scheduled_for}
        ),
        "done": study_forms.DoneForm(
            sent.get("done"), initial={"performed_on": min(done_on, today)}
        ),
        "result": study_forms.ResultForm(sent.get("result"), study=found),
        "review": study_forms.ReviewForm(sent.get("review")),
        "cancel": study_forms.ReasonForm(sent.get("cancel"), auto_id="cancel_%s"),
        "in_error": study_forms.ReasonForm(sent.get("in_error"), auto_id="error_%s"),
        "owner": study_forms.OwnerForm(sent.get("owner"), study=found),
    }
