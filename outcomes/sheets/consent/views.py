"""The sheet before a procedure: a page, a PDF, or why there is none."""

from dataclasses import asdict
from http import HTTPStatus
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.template.loader import render_to_string
from django.views.decorators.http import require_GET

from clinic import access, audit
from clinic.access import Act
from clinic.models import Language
from clinic.requests import StaffRequest
from outcomes.sheets.consent import sheet, similar
from outcomes.sheets.consent.sheet import Found, Sheet
from outcomes.sheets.typesetting import drawings, replies
from plans.models import Intervention


@require_GET
def show(request: StaffRequest, intervention_id: UUID) -> HttpResponse:
    intervention = _find(request, intervention_id)
    access.require(request.user, Act.READ_ANSWERS)
    found = _looked(request, intervention)
    if isinstance(found, HttpResponse):
        return found
    _keep(request, intervention, found, "consent_sheet.read")
    return render(
        request,
        "outcomes/sheets/consent.html",
        {**_about(intervention), "sheet": found, "languages": Language.choices},
    )


@require_GET
def download(request: StaffRequest, intervention_id: UUID) -> HttpResponse:
    intervention = _find(request, intervention_id)
    access.require(request.user, Act.READ_ANSWERS)
    found = _looked(request, intervention)
    if isinstance(found, HttpResponse):
        return found
    reply = replies.made(
        request,
        "consent",
        {**asdict(found), "drawing": _drawing(found)},
        clinic=intervention.plan.complaint.patient.kept.clinic,
        language=found.language,
    )
    if reply.status_code == HTTPStatus.OK:
        _keep(request, intervention, found, "consent_sheet.downloaded")
    return reply


def _drawing(found: Sheet) -> str:
    """The marks as the page draws them."""
    drawn = render_to_string("outcomes/sheets/_people.svg", {"people": found.people})
    return drawings.standing_alone(drawn)


def _find(request: StaffRequest, intervention_id: UUID) -> Intervention:
    visible = Intervention.objects.visible_to(request.user).select_related(
        "plan__complaint__patient__clinic",
        "plan__complaint__patient__merged_into__clinic",
    )
    return get_object_or_404(visible, pk=intervention_id)


def _looked(request: StaffRequest, intervention: Intervention) -> Sheet | HttpResponse:
    """The sheet in the language asked for, or the page that says why there is none."""
    patient = intervention.plan.complaint.patient.kept
    language = request.GET.get("language", "") or patient.language
    if language not in Language.values:
        known = " or ".join(Language.values)
        words = f"There is no sheet in “{language[:20]}”; use {known}."
        return _refused(request, intervention, words, HTTPStatus.BAD_REQUEST)
    if not intervention.is_needle or intervention.status != Intervention.Status.PLANNED:
        words = "The sheet is for a procedure that is planned and not done yet."
        return _refused(request, intervention, words, HTTPStatus.CONFLICT)
    found = sheet.look(request.user, intervention)
    if found.chosen is None:
        return _refused(request, intervention, _too_few(found), HTTPStatus.CONFLICT)
    return sheet.of(intervention, found.chosen, language)


def _too_few(found: Found) -> str:
    return (
        f"A sheet needs {similar.LEAST} people who had the same treatment here and "
        f"answered 3 months later; there are {found.most_answered}. Fewer would say "
        "next to nothing, and could show single people."
    )


def _refused(
    request: StaffRequest, intervention: Intervention, words: str, status: int
) -> HttpResponse:
    context = {**_about(intervention), "words": words}
    return render(
        request, "outcomes/sheets/consent_refused.html", context, status=status
    )


def _about(intervention: Intervention) -> dict[str, object]:
    complaint = intervention.plan.complaint
    return {
        "intervention": intervention,
        "complaint": complaint,
        "patient": complaint.patient.kept,
    }


def _keep(
    request: StaffRequest, intervention: Intervention, found: Sheet, action: str
) -> None:
    audit.record(
        by=request.user,
        action=action,
        about=intervention,
        language=found.language,
        likeness=found.likeness,
    )
