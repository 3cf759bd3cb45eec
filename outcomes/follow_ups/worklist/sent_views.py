"""The number or address stands in the body of the form and never in an address."""

from uuid import UUID

from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render

from clinic import access, audit, clock
from clinic.access import Act
from clinic.forms import say
from clinic.requests import StaffRequest, get_or_post, posted, workplace
from outcomes.follow_ups.worklist import sent
from outcomes.follow_ups.worklist.forms import SentForm
from outcomes.models import SurveyRequest


@get_or_post
def messages_to(request: StaffRequest) -> HttpResponse:
    """Is this message real? The answer is shown at once, without a redirect."""
    access.require(request.user, Act.READ_FOLLOW_UPS)
    form = SentForm(posted(request))
    found: list[sent.Found] = []
    done = ""
    if form.is_bound and form.is_valid():
        done = resent(request, form)
        clinic, text = workplace(request), form.cleaned_data["q"]
        found = sent.search(request.user, clinic, text)
        audit.record(
            by=request.user,
            action="messages.looked_up",
            about=clinic,
            patients=[one.patient.pk for one in found],
            system="email" if "@" in text else "phone",
        )
    context = {
        "form": form,
        "found": found,
        "is_asked": form.is_bound and "q" in getattr(form, "cleaned_data", {}),
        "done": done,
    }
    return render(request, "outcomes/follow_ups/sent.html", context)


def resent(request: StaffRequest, form: SentForm) -> str:
    """What was done, in words; what refused it stands on the form."""
    if "resend" not in request.POST:
        return ""
    access.require(request.user, Act.SEND_LINKS)
    visible = SurveyRequest.objects.visible_to(request.user)
    try:
        wanted = UUID(request.POST["resend"])
    except ValueError:
        raise Http404("There is no such survey.") from None
    asked = get_object_or_404(visible, pk=wanted)
    try:
        message = sent.resend(
            asked,
            channel=request.POST.get("channel", ""),
            seen=request.POST.get("seen", ""),
            by=request.user,
            now=clock.now(),
        )
    except ValidationError as error:
        say(form, error)
        return ""
    how = message.get_channel_display()
    return f"A new link goes out now by {how}; older links are dead."
