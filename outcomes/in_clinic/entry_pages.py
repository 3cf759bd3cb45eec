"""One page on which staff enter what a patient answered; nobody reads it back."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from clinic import access, audit
from clinic.access import Act
from clinic.forms import say
from clinic.requests import StaffRequest, get_or_post, posted
from outcomes.follow_ups.worklist import calls
from outcomes.in_clinic import entering
from outcomes.in_clinic.answers_form import AnswersForm
from outcomes.models import FollowUp, PaperForm, Provenance


@get_or_post
def answers(request: StaffRequest, follow_up_id: UUID) -> HttpResponse:
    """The survey's questions, empty; what was answered before is not shown."""
    follow_up = find(request, follow_up_id)
    person = follow_up.patient.kept
    sheet = _sheet(request, follow_up)
    form = AnswersForm(
        posted(request),
        asked=entering.questions(follow_up),
        initial={
            "language": sheet.language if sheet else person.language,
            "how": request.GET.get("how", Provenance.PHONE),
            "sheet": sheet.pk if sheet else None,
        },
    )
    if request.method == "POST" and form.is_valid() and kept(request, follow_up, form):
        messages.success(request, "Saved.")
        is_paper = form.given.how == Provenance.PAPER
        return redirect("outcomes:find_paper" if is_paper else "outcomes:follow_ups")
    audit.record(
        by=request.user,
        action="answers.entry_opened",
        about=follow_up,
        timepoint=follow_up.timepoint_key,
    )
    last = calls.last_of(follow_up)
    asked_now = [question.key for question in form.asked]
    context: dict[str, Any] = {
        "form": form,
        "follow_up": follow_up,
        "patient": person,
        "seen": str(last.pk) if last else "",
        "refusal": entering.refusal(follow_up),
        "emergency": person.clinic.emergency_text(person.language),
        "sheet": sheet,
        "is_other_sheet": sheet is not None and sheet.asked != asked_now,
        "is_late": follow_up.state == FollowUp.State.EXPIRED,
    }
    return render(request, "outcomes/in_clinic/answers.html", context)


def kept(request: StaffRequest, follow_up: FollowUp, form: AnswersForm) -> bool:
    try:
        entering.accept(
            follow_up,
            answers=form.taken,
            language=form.cleaned_data["language"],
            given=form.given,
            seen=form.cleaned_data["seen"],
            note=form.cleaned_data["call_note"],
            sheet=_sheet(request, follow_up),
            by=request.user,
        )
    except ValidationError as error:
        say(form, error)
        return False
    return True


def find(request: StaffRequest, follow_up_id: UUID) -> FollowUp:
    visible = FollowUp.objects.visible_to(request.user)
    related = visible.select_related(
        *("clinic", "request", "patient__clinic", "patient__merged_into__clinic"),
        *("episode__plan", "episode__complaint"),
    )
    follow_up = get_object_or_404(related, pk=follow_up_id)
    access.require(request.user, Act.ENTER_ANSWERS)
    return follow_up


def _sheet(request: StaffRequest, follow_up: FollowUp) -> PaperForm | None:
    """The paper that it is typed from; of this follow-up, or none."""
    given = request.POST.get("sheet") or request.GET.get("sheet") or ""
    try:
        wanted = UUID(given)
    except ValueError:
        return None
    visible = PaperForm.objects.visible_to(request.user)
    found: PaperForm | None = visible.filter(pk=wanted, follow_up=follow_up).first()
    return found
