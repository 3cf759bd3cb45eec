"""The letter that tells a referrer how a treatment went: written, printed, sent out.

Staff may add a sentence; it travels with the form and is kept nowhere.
"""

from dataclasses import asdict, replace
from http import HTTPStatus
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.html import escape
from django.utils.safestring import SafeString

from clinic import access, audit
from clinic.access import Act
from clinic.models import Language
from clinic.requests import StaffRequest, get_or_post, posted
from outcomes.sheets.letter import drawn, letter
from outcomes.sheets.letter.forms import LetterForm
from outcomes.sheets.letter.letter import Letter
from outcomes.sheets.typesetting import drawings, replies
from plans.models import Plan


@get_or_post
def write(request: StaffRequest, plan_id: UUID) -> HttpResponse:
    plan = _find(request, plan_id)
    access.require(request.user, Act.READ_ANSWERS)
    form = LetterForm(posted(request))
    found = _letter(request, plan, form)
    audit.record(by=request.user, action="outcome_letter.read", about=plan)
    context = {
        "letter": found,
        "drawing": _drawn(found),
        "form": form,
        "plan": plan,
        "complaint": plan.complaint,
        "patient": plan.complaint.patient.kept,
    }
    return render(request, "outcomes/sheets/letter.html", context)


@get_or_post
def download(request: StaffRequest, plan_id: UUID) -> HttpResponse:
    plan = _find(request, plan_id)
    access.require(request.user, Act.READ_ANSWERS)
    form = LetterForm(posted(request))
    if form.is_bound and not form.is_valid():
        said = " ".join(str(e) for errors in form.errors.values() for e in errors)
        return replies.refused(request, said, HTTPStatus.BAD_REQUEST)
    found = _letter(request, plan, form)
    if not found.to:
        return replies.refused(
            request,
            "Nobody is entered who sent the patient, so there is nobody to write to.",
            HTTPStatus.CONFLICT,
        )
    reply = replies.made(
        request,
        "letter",
        _on_paper(found),
        clinic=plan.complaint.patient.kept.clinic,
        language=found.language,
    )
    if reply.status_code == HTTPStatus.OK:
        audit.record(
            by=request.user,
            action="outcome_letter.downloaded",
            about=plan,
            language=found.language,
            has_own_words=bool(found.added),
        )
    return reply


def _find(request: StaffRequest, plan_id: UUID) -> Plan:
    visible = Plan.objects.visible_to(request.user).select_related(
        *("provider", "protocol"),
        *("complaint__patient__clinic", "complaint__patient__merged_into__clinic"),
    )
    return get_object_or_404(
        visible.exclude(status=Plan.Status.ENTERED_IN_ERROR), pk=plan_id
    )


def _letter(request: StaffRequest, plan: Plan, form: LetterForm) -> Letter:
    """As the form says; in English and without a sentence where it says nothing."""
    said = form.cleaned_data if form.is_bound and form.is_valid() else {}
    return letter.of(
        request.user,
        plan,
        language=said.get("language", Language.ENGLISH),
        added=said.get("added", ""),
    )


def _drawn(found: Letter) -> SafeString:
    if found.chart is None:
        return SafeString()
    return drawn.drawn(found.chart, found.language, escape(found.chart_words))


def _on_paper(found: Letter) -> dict[str, object]:
    chart = None
    if found.chart is not None:
        chart = drawings.of_course(_drawn(found), found.chart_words)
    return {**asdict(replace(found, chart=None)), "chart": chart}
