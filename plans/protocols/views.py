from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from clinic import access
from clinic.access import Act
from clinic.requests import StaffRequest
from plans.models import Protocol
from plans.protocols import library, offered


@require_GET
def protocols(request: StaffRequest) -> HttpResponse:
    access.require(request.user, Act.READ_PLANS)
    held = offered.all_of(request.user)
    context = {"protocols": held, "newest": offered.newest(held)}
    return render(request, "plans/protocols.html", context)


@require_GET
def protocol(request: StaffRequest, protocol_id: UUID) -> HttpResponse:
    visible = Protocol.objects.visible_to(request.user)
    shown = get_object_or_404(
        visible.prefetch_related("steps", "timepoints"), pk=protocol_id
    )
    keys = {*shown.sources, *(k for t in shown.timepoints.all() for k in t.sources)}
    known = library.sources()
    cited = {key: known[key] for key in sorted(keys) if key in known}
    context = {"protocol": shown, "sources": cited}
    return render(request, "plans/protocol.html", context)
