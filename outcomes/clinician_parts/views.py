from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from clinic import access, audit, clock
from clinic.access import Act
from clinic.forms import say
from clinic.requests import StaffRequest, get_or_post, posted
from outcomes.clinician_parts import (
    block_response,
    catalogue,
    known,
    recording,
    revisions,
    sheet,
)
from outcomes.clinician_parts.forms import ExaminationForm
from outcomes.clinician_parts.sheet import Sheet
from outcomes.models import FollowUp, Response

RELATED = (
    *("patient__clinic", "patient__merged_into__clinic", "examined_by"),
    *("episode__complaint__patient__clinic", "episode__plan__protocol"),
    "episode__anchor_intervention",
)


@get_or_post
def clinician_part(request: StaffRequest, follow_up_id: UUID) -> HttpResponse:
    """What the clinic is to find at a time point, and what the record has already."""
    visible = FollowUp.objects.visible_to(request.user).select_related(*RELATED)
    follow_up = get_object_or_404(visible, pk=follow_up_id)
    access.require(request.user, Act.RECORD_FINDINGS)
    today = clock.today(follow_up.patient.kept.time_zone)
    found = sheet.of(follow_up, today)
    kept = revisions.of(follow_up)
    form = ExaminationForm(
        posted(request),
        sheet=found,
        held=revisions.values_of(kept[0]) if kept else None,
        initial=_initial(follow_up, kept, found),
    )
    if request.method == "POST" and form.is_valid():
        if _recorded(request, follow_up, form):
            return redirect("outcomes:clinician_part", follow_up.pk)
        follow_up.refresh_from_db()
    audit.record(by=request.user, action="examination.read", about=follow_up)
    context = _context(follow_up, found, kept, form)
    return render(request, "outcomes/clinician_parts/page.html", context)


def _recorded(
    request: StaffRequest, follow_up: FollowUp, form: ExaminationForm
) -> bool:
    try:
        recording.record(follow_up, by=request.user, **form.taken)
    except ValidationError as error:
        say(form, error)
        return False
    messages.success(request, _told(follow_up))
    return True


def _told(follow_up: FollowUp) -> str:
    if follow_up.state == FollowUp.State.COMPLETED:
        return "Recorded. This time point is complete."
    if follow_up.state == FollowUp.State.EXPIRED:
        return "Recorded after its window; it is kept, and counts as late."
    return "Recorded. The patient’s own answers are still to come."


def _initial(follow_up: FollowUp, kept: list[Response], found: Sheet) -> dict[str, Any]:
    if not kept:
        return {"examined_on": min(found.today, follow_up.closes_on)}
    zone = follow_up.patient.kept.time_zone
    pain = [a for a in kept[0].answers.all() if a.link_id in catalogue.READ_AT_A_TIME]
    read_at = pain[0].answered_at.astimezone(ZoneInfo(zone)).time() if pain else None
    return {"examined_on": kept[0].answered_on, "read_at": read_at}


def _context(
    follow_up: FollowUp, found: Sheet, kept: list[Response], form: ExaminationForm
) -> dict[str, Any]:
    patient = follow_up.patient.kept
    asks_procedure = any(p.how == catalogue.How.PROCEDURE for p in found.lacking)
    return {
        "form": form,
        "follow_up": follow_up,
        "patient": patient,
        "complaint": follow_up.episode.complaint,
        "sheet": found,
        "label": follow_up.label_on(found.today),
        "refusal": recording.refusal(follow_up, found.today),
        "recorded": _recorded_values(found, kept[0]) if kept else [],
        "corrections": max(len(kept) - 1, 0),
        "block_response": block_response.of(found, kept[0] if kept else None),
        "procedure": follow_up.episode.anchor_intervention,
        "done": next(iter(known.procedures(follow_up)), None)
        if asks_procedure
        else None,
    }


def _recorded_values(found: Sheet, latest: Response) -> list[tuple[str, str]]:
    parts = {part.key: part for part in found.parts}
    return [
        (parts[key].name, _words(parts[key], value))
        for key, value in revisions.values_of(latest).items()
        if key in parts
    ]


def _words(part: catalogue.Part, value: Decimal) -> str:
    if part.how != catalogue.How.NUMBER:
        return part.steps.get(int(value), "")
    return f"{value.normalize():f} {part.unit}".strip()
