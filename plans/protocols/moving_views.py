"""Who still goes by an older version, what moving them changes, and moving them."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from clinic import access, audit
from clinic.access import Act
from clinic.forms import say
from clinic.requests import StaffRequest, get_or_post, posted
from plans.models import Protocol
from plans.protocols import forms, moving, stored

# One page of plans: each is compared with the new version.
MOST = 25
# What the button is called that moves more than one page shows.
EVERY = "every"


@get_or_post
def move(request: StaffRequest, protocol_id: UUID) -> HttpResponse:
    visible = Protocol.objects.visible_to(request.user)
    protocol = get_object_or_404(
        visible.prefetch_related(*stored.PARTS), pk=protocol_id
    )
    access.require(request.user, Act.MANAGE_PROTOCOLS)
    running = moving.movable(protocol, request.user)
    is_all = EVERY in request.POST
    form = forms.MoveForm(None if is_all else posted(request), running=running)
    if is_all:
        move_all(request, protocol)
        return redirect("plans:protocol", protocol.pk)
    if request.method == "POST" and form.is_valid() and moved(request, form, protocol):
        return redirect("plans:protocol", protocol.pk)
    plans = list(moving.with_steps(running)[:MOST])
    audit.record(
        by=request.user,
        action="protocol.plans_listed",
        about=protocol,
        patients=[plan.audit_subject for plan in plans],
    )
    context = {
        "protocol": protocol,
        "form": form,
        "moves": moving.preview(plans, protocol),
        "number": running.count(),
        "most": MOST,
        "chosen": set(request.POST.getlist("plans")),
    }
    return render(request, "plans/protocol_move.html", context)


def moved(request: StaffRequest, form: forms.MoveForm, protocol: Protocol) -> bool:
    plans = moving.with_steps(form.cleaned_data["plans"])
    try:
        number = moving.move(list(plans), protocol=protocol, by=request.user)
    except ValidationError as error:
        say(form, error)
        return False
    messages.success(request, said(number, protocol))
    return True


def move_all(request: StaffRequest, protocol: Protocol) -> None:
    """Those that can be; interrupted, it is pressed again and goes on."""
    number, left = moving.move_all(protocol, by=request.user)
    messages.success(request, said(number, protocol))
    if left:
        words = f"{left:,} plan{'' if left == 1 else 's'} cannot be moved; see why."
        messages.warning(request, words)


def said(number: int, protocol: Protocol) -> str:
    words = f"{number:,} plan{'' if number == 1 else 's'}"
    return f"{words} moved to version {protocol.version}."
