"""Letters to print: the list, the sheets, and that they were posted."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from clinic import access, audit, clock
from clinic.access import Act
from clinic.requests import StaffRequest, workplace
from outcomes.follow_ups.channels import letter as post
from outcomes.models import Message
from outcomes.models.messages import Channel


@require_GET
def letters(request: StaffRequest) -> HttpResponse:
    """Who waits for a letter, and whose is not to go any more."""
    return _page(request, "outcomes/follow_ups/letters.html", "letters.listed")


@require_GET
def print_letters(request: StaffRequest) -> HttpResponse:
    """All that are to go, a sheet each."""
    return _page(request, "outcomes/follow_ups/letter_sheets.html", "letters.opened")


@require_GET
def print_letter(request: StaffRequest, message_id: UUID) -> HttpResponse:
    message = get_object_or_404(_letters(request), pk=message_id)
    access.require(request.user, Act.SEND_LINKS)
    found = post.read([message])
    audit.record(
        by=request.user,
        action="letter.opened",
        about=message,
        patients=[found[0].person.pk],
    )
    context = {
        "letters": [one for one in found if not one.objection],
        "withheld": [one for one in found if one.objection],
        "is_printed": message.state not in Message.CLAIMABLE,
    }
    return render(request, "outcomes/follow_ups/letter_sheets.html", context)


@require_POST
def mark_printed(request: StaffRequest) -> HttpResponse:
    """Those that were shown: what came since then still waits."""
    access.require(request.user, Act.SEND_LINKS)
    wanted = _ids(request)
    found = list(_letters(request).filter(pk__in=wanted))
    if len(found) != len(wanted):
        raise Http404("No such letter.")
    try:
        marked = post.mark_printed(found, by=request.user, now=clock.now())
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return redirect("outcomes:letters")
    if marked:
        word = "1 letter is" if marked == 1 else f"{marked} letters are"
        messages.success(request, f"{word} marked as printed and posted.")
    else:
        messages.info(request, "They were marked as printed already.")
    return redirect("outcomes:letters")


def _letters(request: StaffRequest) -> QuerySet[Message]:
    """With those that were printed: a second press finds them too."""
    found = Message.objects.visible_to(request.user).filter(channel=Channel.LETTER)
    return found.select_related(*post.WHOSE)


def _page(request: StaffRequest, template: str, action: str) -> HttpResponse:
    access.require(request.user, Act.SEND_LINKS)
    clinic = workplace(request)
    waiting = post.waiting(request.user)
    found = post.read(waiting[: post.MOST])
    audit.record(
        by=request.user,
        action=action,
        about=clinic,
        patients=[one.person.pk for one in found],
    )
    context = {
        "letters": [one for one in found if not one.objection],
        "withheld": [one for one in found if one.objection],
        "count": waiting.count(),
        "most": post.MOST,
    }
    return render(request, template, context)


def _ids(request: StaffRequest) -> set[UUID]:
    try:
        return {UUID(text) for text in request.POST.getlist("letters")}
    except ValueError:
        raise Http404("No such letter.") from None
