from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from clinic import access
from clinic.access import Act
from clinic.requests import StaffRequest, workplace
from outcomes.simulator import page, staging
from outcomes.simulator.forms import SimulationForm, defaults
from plans.models import Protocol


@require_GET
def simulate(request: StaffRequest, protocol_id: UUID) -> HttpResponse:
    """What a protocol would send to a pretend patient; nothing is sent or kept."""
    visible = Protocol.objects.visible_to(request.user)
    protocol = get_object_or_404(
        visible.prefetch_related("timepoints", "rungs", "steps"), pk=protocol_id
    )
    access.require(request.user, Act.READ_PLANS)
    clinic = workplace(request)
    given = request.GET.dict() or defaults(protocol, clinic)
    form = SimulationForm(given, protocol=protocol, clinic=clinic)
    context = {"form": form, "protocol": protocol}
    if form.is_valid():
        context |= _shown(protocol, form)
    return render(request, "outcomes/simulator/page.html", context)


def _shown(protocol: Protocol, form: SimulationForm) -> dict[str, object]:
    who, clinic = form.pretended, form.clinic
    play = staging.simulate(clinic, protocol, who)
    days = form.cleaned_data.get("moves_by") or 0
    other = staging.simulate(clinic, protocol, who.moved(days)) if days else None
    lines = page.lines(play, who.zone, other)
    return {
        "play": play,
        "zone": who.zone,
        "lines": page.parted(page.by_month(lines, who.zone), play),
        "windows": page.windows(play),
        "counts": page.counts(play),
        "compared": page.compared(play, other) if other else [],
        "other": other,
        "months": page.parted(page.months_of(play, who.zone), play),
        "moves_by": days,
        "moved": page.changes(lines) if days else None,
    }
