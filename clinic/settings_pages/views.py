from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from clinic import (
    access,
    clinical_words,
    locations,
    reference_data,
)
from clinic import (
    clinic_settings as settings_of,
)
from clinic.access import Act
from clinic.consequences import Effect
from clinic.models import Clinic, Location
from clinic.requests import StaffRequest, carry_out, get_or_post, posted, workplace
from clinic.settings_pages.forms import LocationForm, SettingsForm

# A press that asks for a sender's name, and keeps what else was typed.
SUGGEST = "suggest"


@get_or_post
def clinic_settings(request: StaffRequest) -> HttpResponse:
    access.require(request.user, Act.MANAGE_CLINIC)
    clinic = workplace(request)
    form = SettingsForm(posted(request), clinic=clinic)
    effect = Effect()
    if request.POST.get("step") == SUGGEST:
        form = _with_neutral_sender(request, clinic)
    elif request.method == "POST" and form.is_valid():
        effect = settings_of.foresee(clinic, by=request.user, **form.cleaned_data)
        if _is_told(request, effect) and _saved(request, form, clinic):
            messages.success(request, "The settings are saved.")
            return redirect("clinic:settings")
    sender = str(form["sender_name"].value() or "")
    context = {
        "form": form,
        "seen": settings_of.stamp(clinic),
        "effect": effect,
        "foreseen": _fingerprint(effect),
        "clinical": clinical_words.find(sender),
        "neutral": clinical_words.neutral(clinic.name),
        "standing": _standing(form, clinic),
    }
    return render(request, "clinic/settings/clinic.html", context)


def _is_told(request: StaffRequest, effect: Effect) -> bool:
    """Whether what it would do was shown as it would now be done."""
    return not effect.sentences or (
        request.POST.get("foreseen", "") == _fingerprint(effect)
    )


def _fingerprint(effect: Effect) -> str:
    return reference_data.fingerprint(effect.sentences) if effect.sentences else ""


def _saved(request: StaffRequest, form: SettingsForm, clinic: Clinic) -> bool:
    seen = request.POST.get("seen", "")
    return carry_out(request, form, settings_of.update, clinic, seen=seen) is not None


def _with_neutral_sender(request: StaffRequest, clinic: Clinic) -> SettingsForm:
    typed = request.POST.copy()
    typed["sender_name"] = clinical_words.neutral(typed.get("name") or clinic.name)
    return SettingsForm(typed, clinic=clinic)


def _standing(form: SettingsForm, clinic: Clinic) -> list[tuple[str, Any]]:
    """What stands now where the form says something else, after a clash."""
    if not form.non_field_errors():
        return []
    changed = settings_of.changed_fields(clinic, form.cleaned_data)
    return [(str(form[name].label), getattr(clinic, name)) for name in changed]


@get_or_post
def clinic_locations(request: StaffRequest) -> HttpResponse:
    access.require(request.user, Act.MANAGE_CLINIC)
    form = LocationForm(posted(request))
    added = carry_out(request, form, locations.add, workplace(request))
    if added is not None:
        messages.success(request, f"{added.name} is added.")
        return redirect("clinic:locations")
    context = {"form": form, "locations": Location.objects.visible_to(request.user)}
    return render(request, "clinic/settings/locations.html", context)


@get_or_post
def rename_location(request: StaffRequest, location_id: UUID) -> HttpResponse:
    visible = Location.objects.visible_to(request.user).select_related("clinic")
    location = get_object_or_404(visible, pk=location_id)
    access.require(request.user, Act.MANAGE_CLINIC)
    before = location.name
    form = LocationForm(posted(request), initial={"name": before})
    if carry_out(request, form, locations.rename, location) is not None:
        messages.success(request, f"{before} is now {location.name}.")
        return redirect("clinic:locations")
    context = {"form": form, "name": before}
    return render(request, "clinic/settings/rename_location.html", context)
