"""For staff: the clinic's tablets, and a survey that is answered here and now."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from clinic import access, audit, clock
from clinic.access import Act
from clinic.models import Location
from clinic.requests import StaffRequest, carry_out, get_or_post, posted, workplace
from outcomes.in_clinic import codes, device, opening, tablets, ways
from outcomes.in_clinic.forms import TabletForm
from outcomes.models import SurveyRequest, Tablet
from patients.models import Patient


@dataclass(frozen=True, slots=True)
class TabletLine:
    """A tablet as staff see it: whether it is there, and whether it is free."""

    tablet: Tablet
    at: datetime

    @property
    def is_away(self) -> bool:
        seen = self.tablet.seen_at
        return seen is None or seen < self.at - tablets.AWAY_AFTER

    @property
    def is_in_use(self) -> bool:
        """Somebody answers on it, or is about to."""
        held = self.tablet.request
        is_open = held is not None and held.state == SurveyRequest.State.OPEN
        if not is_open:
            return False
        if self.tablet.begun_at is None:
            return tablets.waiting(self.tablet, self.at) is not None
        return self.tablet.begun_at > self.at - ways.GOOD_FOR

    @property
    def state(self) -> str:
        if self.tablet.enrolled_at is None:
            return "not set up"
        if self.is_in_use:
            return "in use"
        return "not reached" if self.is_away else "free"

    @property
    def tone(self) -> str:
        return {"free": "ok", "in use": "", "not reached": "warn"}.get(
            self.state, "warn"
        )


def lines(request: StaffRequest) -> list[TabletLine]:
    visible = Tablet.objects.visible_to(request.user).filter(revoked_at=None)
    related = visible.select_related(
        "location", "request__patient__clinic", "request__patient__merged_into__clinic"
    )
    now = clock.now()
    return [TabletLine(tablet, now) for tablet in related]


@get_or_post
def listed(request: StaffRequest) -> HttpResponse:
    """Add a tablet; the code to set it up is shown this once."""
    access.require(request.user, Act.MANAGE_CLINIC)
    form = TabletForm(
        posted(request), locations=Location.objects.visible_to(request.user)
    )
    added = carry_out(request, form, tablets.add, workplace(request))
    if added is not None:
        return _listed(request, TabletForm(locations=_places(request)), *added)
    return _listed(request, form)


def _places(request: StaffRequest) -> Any:
    return Location.objects.visible_to(request.user)


def _listed(
    request: StaffRequest,
    form: TabletForm,
    added: Tablet | None = None,
    code: str = "",
) -> HttpResponse:
    context: dict[str, Any] = {"form": form, "lines": lines(request), "added": added}
    if code:
        path = reverse("outcomes:tablet_new", args=[code])
        context |= {
            "code": codes.shown(code),
            "qr_code": ways.drawn(f"{settings.SITE_URL}{path}"),
            "address": f"{settings.SITE_URL}{reverse('outcomes:tablet')}",
        }
    return render(request, "outcomes/in_clinic/tablets.html", context)


@require_POST
def renew(request: StaffRequest, tablet_id: UUID) -> HttpResponse:
    tablet = _find(request, tablet_id)
    try:
        code = tablets.renew_code(tablet, by=request.user)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return redirect("outcomes:tablets")
    return _listed(request, TabletForm(locations=_places(request)), tablet, code)


@require_POST
def revoke(request: StaffRequest, tablet_id: UUID) -> HttpResponse:
    tablet = tablets.revoke(_find(request, tablet_id), by=request.user)
    messages.success(request, f"{tablet} is no tablet of the clinic any more.")
    return redirect("outcomes:tablets")


def _find(request: StaffRequest, tablet_id: UUID) -> Tablet:
    tablet = get_object_or_404(Tablet.objects.visible_to(request.user), pk=tablet_id)
    access.require(request.user, Act.MANAGE_CLINIC)
    return tablet


@get_or_post
def answer_here(request: StaffRequest, patient_id: UUID) -> HttpResponse:
    """The ways to answer in the clinic; each press opens one of them."""
    visible = Patient.objects.visible_to(request.user).select_related(
        "clinic", "merged_into__clinic"
    )
    person = get_object_or_404(visible, pk=patient_id).kept
    access.require(request.user, Act.SEND_LINKS)
    way = WAYS.get(request.POST.get("way", ""))
    given: dict[str, Any] = {}
    if request.method == "POST":
        try:
            if way is None:
                raise ValidationError("Choose how the patient is to answer.")
            given = way(request, person)
        except ValidationError as error:
            given = {"fault": " ".join(error.messages)}
    if "response" in given:
        response: HttpResponse = given["response"]
        return response
    audit.record(by=request.user, action="survey.hand_over_asked", about=person)
    context = {
        "patient": person,
        "offer": opening.offer(person),
        "lines": lines(request),
        "hour": clock.now() + ways.GOOD_FOR,
        **given,
    }
    return render(request, "outcomes/in_clinic/answer_here.html", context)


def _on_tablet(request: StaffRequest, person: Patient) -> dict[str, Any]:
    tablet = ways.checked_tablet(request.user, request.POST.get("tablet", ""))
    ways.hand_to(person, tablet=tablet, by=request.user)
    messages.success(request, f"It opens on {tablet}, and asks for the date of birth.")
    return {"response": redirect("outcomes:answer_here", person.pk)}


def _by_qr(request: StaffRequest, person: Patient) -> dict[str, Any]:
    return {"qr_code": ways.drawn(ways.qr_address(person, by=request.user))}


def _by_code(request: StaffRequest, person: Patient) -> dict[str, Any]:
    return {"code": codes.shown(ways.desk_code(person, by=request.user))}


def _on_this_screen(request: StaffRequest, person: Patient) -> dict[str, Any]:
    token = ways.hand_screen(person, by=request.user)
    # Whoever holds the screen now is no member of staff.
    logout(request)
    response = redirect("outcomes:enter", token)
    # Nobody is signed in any more, who else would have it kept nowhere.
    response["Cache-Control"] = "no-store"
    device.share(response, ways.GOOD_FOR)
    return {"response": response}


Way = Callable[[StaffRequest, Patient], dict[str, Any]]
WAYS: dict[str, Way] = {
    "tablet": _on_tablet,
    "qr": _by_qr,
    "code": _by_code,
    "screen": _on_this_screen,
}


@require_POST
def take_off(request: StaffRequest, tablet_id: UUID) -> HttpResponse:
    """Back to waiting, whatever it shows; what was answered is kept."""
    tablet = get_object_or_404(
        Tablet.objects.visible_to(request.user).select_related("request"), pk=tablet_id
    )
    access.require(request.user, Act.SEND_LINKS)
    if tablets.take_back(tablet, by=request.user):
        messages.success(request, f"{tablet} goes back to its waiting page.")
    patient = request.POST.get("patient", "")
    try:
        return redirect("outcomes:answer_here", UUID(patient))
    except ValueError:
        return redirect("outcomes:today")
