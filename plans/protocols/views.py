from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from clinic import access
from clinic.access import Act
from clinic.requests import StaffRequest
from plans.models import Protocol, ProtocolDraft
from plans.protocols import (
    comparison,
    definition,
    library,
    measures,
    moving,
    offered,
    step_days,
    stored,
)


@require_GET
def protocols(request: StaffRequest) -> HttpResponse:
    access.require(request.user, Act.READ_PLANS)
    held = offered.all_of(request.user)
    newest = offered.newest_versions(held)
    retired = [p for p in newest if p.retired_at is not None]
    groups = offered.by_purpose(p for p in newest if p not in retired)
    drafts = list(
        ProtocolDraft.objects.visible_to(request.user).select_related("changed_by")
    )
    by_key = {draft.key: draft for draft in drafts}
    context = {
        "groups": {
            heading: [(p, by_key.get(p.key)) for p in sorted(some, key=_title)]
            for heading, some in (groups | {"Retired": retired}).items()
        },
        "is_empty": not held and not drafts,
        "older": [p for p in held if p not in newest],
        "unpublished": [d for d in drafts if d.key not in {p.key for p in held}],
    }
    return render(request, "plans/protocols.html", context)


def _title(protocol: Protocol) -> str:
    return protocol.title.casefold()


@require_GET
def protocol(request: StaffRequest, protocol_id: UUID) -> HttpResponse:
    shown = find(request, protocol_id)
    of_key = Protocol.objects.visible_to(request.user).filter(key=shown.key)
    versions = list(of_key.select_related("published_by").order_by("-version"))
    keys = {*shown.sources, *(k for t in shown.timepoints.all() for k in t.sources)}
    known = library.sources()
    context = {
        "protocol": shown,
        "steps": with_days(shown),
        "versions": versions,
        "newest": versions[0],
        "draft": ProtocolDraft.objects.visible_to(request.user)
        .filter(key=shown.key)
        .first(),
        "condition": definition.CONDITIONS.get(shown.condition, ""),
        "sources": {key: known[key] for key in sorted(keys) if key in known},
        "measures": measures.vocabulary(),
        "ladders": {
            "Follow-ups": [r for r in shown.rungs.all() if not r.is_safety],
            "Safety checks": [r for r in shown.rungs.all() if r.is_safety],
        },
        "to_move": moving.movable(versions[0], request.user).count()
        if shown == versions[0]
        else 0,
    }
    return render(request, "plans/protocol.html", context)


def with_days(protocol: Protocol) -> list[tuple[object, list[int], str]]:
    """Each step, the days of the plan on which it is, and what it comes after."""
    steps = list(protocol.steps.all())
    days = step_days.days(steps)
    titles = {step.key: step.title for step in steps}
    return [(step, days[step.key], titles.get(step.after, "")) for step in steps]


@require_GET
def compare(request: StaffRequest, protocol_id: UUID, other_id: UUID) -> HttpResponse:
    """From the first to the second, whichever is newer."""
    shown, other = find(request, protocol_id), find(request, other_id)
    context = {
        "old": shown,
        "new": other,
        "differences": comparison.differences(
            stored.definition_of(shown), stored.definition_of(other)
        ),
    }
    return render(request, "plans/protocol_compare.html", context)


def find(request: StaffRequest, protocol_id: UUID) -> Protocol:
    """With all its parts."""
    visible = Protocol.objects.visible_to(request.user)
    related = visible.select_related("published_by").prefetch_related(*stored.PARTS)
    return get_object_or_404(related, pk=protocol_id)
