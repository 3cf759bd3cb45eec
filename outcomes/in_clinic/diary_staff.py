"""For staff: the QR code of a block diary, and the curve that comes of it."""

from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from clinic import access, audit, clock
from clinic.access import Act
from clinic.requests import StaffRequest, carry_out, get_or_post, posted
from clinic.settings_pages.forms import TimeOfDayField
from outcomes.in_clinic import diaries, diary_chart, ways
from outcomes.models import BlockDiary
from plans.models import Intervention


class DiaryForm(forms.Form):
    """Asks for the pain before where the injection's record has none."""

    injected_at = TimeOfDayField(
        label="Needle at", help_text="The eight hours and the curve begin here."
    )
    pain_before = forms.IntegerField(
        label="Pain right before",
        required=False,
        min_value=0,
        max_value=diaries.WORST,
        help_text="0 to 10, at the site. Without it the curve shows pain, not relief.",
    )

    def __init__(self, *args: Any, recorded: int | None, **options: Any) -> None:
        super().__init__(*args, **options)
        if recorded is not None:
            del self.fields["pain_before"]


@get_or_post
def page(request: StaffRequest, intervention_id: UUID) -> HttpResponse:
    intervention = _find(request, intervention_id)
    access.require(request.user, Act.READ_ANSWERS)
    if request.method == "POST":
        access.require(request.user, Act.RECORD_INTERVENTIONS)
    patient = intervention.plan.complaint.patient
    procedure = getattr(intervention, "procedure", None)
    recorded = None if procedure is None else procedure.pain_before
    now = clock.now().astimezone(ZoneInfo(patient.kept.time_zone))
    found = about(intervention)
    held: BlockDiary | None = found["diary"]
    form = DiaryForm(
        posted(request),
        recorded=recorded,
        initial={
            "injected_at": _local(held, patient.kept.time_zone) if held else now.time(),
            "pain_before": held.pain_before if held else None,
        },
    )
    address = carry_out(request, form, diaries.start, intervention)
    if address is not None:
        found = about(_find(request, intervention_id)) | {
            "qr_code": ways.drawn(address)
        }
    audit.record(by=request.user, action="block_diary.read", about=intervention)
    context = {
        **found,
        "form": form,
        "recorded": recorded,
        "plan": intervention.plan,
        "complaint": intervention.plan.complaint,
        "patient": patient,
        "refusal": diaries.refusal(intervention, clock.now()),
    }
    return render(request, "outcomes/in_clinic/block_diary.html", context)


@require_POST
def close(request: StaffRequest, intervention_id: UUID) -> HttpResponse:
    intervention = _find(request, intervention_id)
    access.require(request.user, Act.RECORD_INTERVENTIONS)
    diary = getattr(intervention, "block_diary", None)
    if diary is not None:
        diaries.close(diary, by=request.user)
        messages.success(request, "The diary is ended; what was tapped is kept.")
    return redirect("outcomes:block_diary", intervention.pk)


def about(intervention: Intervention) -> dict[str, Any]:
    """What the card of an injection shows, on whatever page."""
    diary: BlockDiary | None = getattr(intervention, "block_diary", None)
    found: dict[str, Any] = {
        "intervention": intervention,
        "is_block": diary is not None or diaries.is_block(intervention),
        "diary": diary,
        "state": _state(diary),
        "is_open": diary is not None and diary.is_open(clock.now()),
    }
    taps = diaries.taps_of(diary) if diary is not None else []
    if diary is not None and taps:
        before = diaries.pain_before(diary)
        found["words"] = diaries.summed(diary).words
        found["chart"] = diary_chart.drawn(f"block-{diary.pk}", before, taps)
    return found


def _state(diary: BlockDiary | None) -> str:
    if diary is None:
        return ""
    zone = diary.person.time_zone
    if diary.closed_at is not None:
        return "ended by staff"
    if diary.is_locked:
        return "locked after five wrong dates of birth: make a new code"
    if diary.is_open(clock.now()):
        return f"open until {diary.ends_at.astimezone(ZoneInfo(zone)):%H:%M}"
    return "ended"


def _local(diary: BlockDiary, zone: str) -> Any:
    return timezone.localtime(diary.injected_at, ZoneInfo(zone)).time()


def _find(request: StaffRequest, intervention_id: UUID) -> Intervention:
    related = Intervention.objects.visible_to(request.user).select_related(
        *("procedure", "injection", "block_diary__clinic"),
        "plan__complaint__patient__clinic",
        "plan__complaint__patient__merged_into__clinic",
    )
    return get_object_or_404(
        related.prefetch_related("block_diary__taps"), pk=intervention_id
    )
