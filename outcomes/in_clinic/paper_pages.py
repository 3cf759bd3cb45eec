"""For staff: print the questions, and find the follow-up of a sheet that came back."""

from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET

from clinic import access, audit
from clinic.access import Act
from clinic.forms import say
from clinic.models import Language
from clinic.requests import StaffRequest, carry_out, get_or_post, posted
from outcomes.in_clinic import codes, entering, paper
from outcomes.models import FollowUp, PaperForm, Provenance
from outcomes.survey import texts

WHOSE = ("patient__clinic", "patient__merged_into__clinic")


class PrintForm(forms.Form):
    language = forms.ChoiceField(
        label="In", choices=Language.choices, widget=forms.RadioSelect
    )
    names_patient = forms.BooleanField(
        label="Print the name on it",
        required=False,
        help_text="Without it the code alone says whose it is.",
    )


class CodeForm(forms.Form):
    code = forms.CharField(
        max_length=20,
        label="Code of the sheet",
        widget=forms.TextInput({"autocomplete": "off", "spellcheck": "false"}),
        error_messages={"required": "Type the code that stands on the sheet."},
    )


@get_or_post
def print_form(request: StaffRequest, follow_up_id: UUID) -> HttpResponse:
    visible = FollowUp.objects.visible_to(request.user).select_related(
        "clinic", "request", "episode__plan", *WHOSE
    )
    follow_up = get_object_or_404(visible, pk=follow_up_id)
    access.require(request.user, Act.SEND_LINKS)
    person = follow_up.patient.kept
    form = PrintForm(posted(request), initial={"language": person.language})
    printed = carry_out(request, form, paper.print_form, follow_up)
    if printed is not None:
        return redirect("outcomes:paper_form", printed.pk)
    audit.record(by=request.user, action="follow_up.read", about=follow_up)
    context = {
        "form": form,
        "follow_up": follow_up,
        "patient": person,
        "refusal": entering.refusal(follow_up),
    }
    return render(request, "outcomes/in_clinic/print_paper.html", context)


@require_GET
def show(request: StaffRequest, form_id: UUID) -> HttpResponse:
    """The sheet itself; no paper size, so A4 and Letter both hold it."""
    visible = PaperForm.objects.visible_to(request.user).select_related(
        "follow_up__request", *(f"follow_up__{name}" for name in WHOSE)
    )
    form = get_object_or_404(visible, pk=form_id)
    access.require(request.user, Act.SEND_LINKS)
    audit.record(by=request.user, action="paper_form.opened", about=form)
    person = form.follow_up.patient.kept
    context: dict[str, Any] = {
        "paper": form,
        "code": codes.shown(form.code),
        "questions": paper.sheet(form),
        "patient": person,
        "practice": person.clinic,
        "emergency": person.clinic.emergency_text(form.language),
        "t": texts.phrases(form.language),
    }
    return render(request, "outcomes/in_clinic/paper.html", context)


@get_or_post
def find(request: StaffRequest) -> HttpResponse:
    """From the code on a sheet to the page on which it is typed in."""
    access.require(request.user, Act.ENTER_ANSWERS)
    form = CodeForm(posted(request))
    if request.method == "POST" and form.is_valid():
        try:
            found = paper.find(request.user, form.cleaned_data["code"])
        except ValidationError as error:
            say(form, error)
        else:
            audit.record(by=request.user, action="paper_form.found", about=found)
            path = reverse("outcomes:enter_answers", args=[found.follow_up_id])
            return redirect(f"{path}?how={Provenance.PAPER}&sheet={found.pk}")
    return render(request, "outcomes/in_clinic/find_paper.html", {"form": form})
