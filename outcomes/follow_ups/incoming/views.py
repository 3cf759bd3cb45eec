from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from clinic import access, audit, clock
from clinic.access import Act
from clinic.requests import StaffRequest, workplace
from outcomes.follow_ups.incoming import inbox as read
from outcomes.models import InboundMessage

PAGE_SIZE = 50


@require_GET
def inbox(request: StaffRequest) -> HttpResponse:
    access.require(request.user, Act.CALL_PATIENTS)
    clinic = workplace(request)
    paginator = Paginator(read.rows(request.user), PAGE_SIZE)
    page = paginator.get_page(request.GET.get("page"))
    lines = read.lines(clinic, page.object_list)
    audit.record(
        by=request.user,
        action="inbound_messages.listed",
        about=clinic,
        patients=[one.pk for line in lines for one in line.people],
        page=page.number,
    )
    context = {
        "lines": lines,
        "page": page,
        "unread": read.unread_count(request.user),
    }
    return render(request, "outcomes/follow_ups/inbox.html", context)


@require_POST
def mark_read(request: StaffRequest, message_id: UUID) -> HttpResponse:
    message = get_object_or_404(
        InboundMessage.objects.visible_to(request.user), pk=message_id
    )
    access.require(request.user, Act.CALL_PATIENTS)
    if not read.mark_read(message, by=request.user, now=clock.now()):
        messages.info(request, "Somebody had read this message already.")
    # Only a number comes back: an address from a form leads anywhere.
    page = request.POST.get("page", "")
    query = f"?page={page}" if page.isascii() and page.isdecimal() else ""
    return redirect(reverse("outcomes:inbox") + query)
