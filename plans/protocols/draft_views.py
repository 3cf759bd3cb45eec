"""Drafts of protocols: begin, edit, publish, discard; retire what is published."""

from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from clinic import access
from clinic.access import Act
from clinic.requests import (
    StaffRequest,
    carry_out,
    get_or_post,
    posted,
    posted_revision,
)
from plans.models import Protocol, ProtocolDraft
from plans.protocols import (
    checks,
    comparison,
    documents,
    drafts,
    editor,
    forms,
    gone,
    offered,
    stored,
)

SAVE = "save"


@get_or_post
def new(request: StaffRequest) -> HttpResponse:
    access.require(request.user, Act.MANAGE_PROTOCOLS)
    form = forms.BeginForm(posted(request))
    draft = carry_out(request, form, drafts.begin, None)
    if draft is not None:
        return redirect("plans:draft", draft.pk)
    return render(request, "plans/draft_new.html", {"form": form})


@require_POST
def begin(request: StaffRequest, protocol_id: UUID) -> HttpResponse:
    protocol = find_protocol(request, protocol_id)
    access.require(request.user, Act.MANAGE_PROTOCOLS)
    draft = drafts.begin(offered.newest_of(protocol), by=request.user)
    return redirect("plans:draft", draft.pk)


@get_or_post
def edit(request: StaffRequest, draft_id: UUID) -> HttpResponse:
    """Every button of the page keeps what was typed; so nothing needs JavaScript."""
    draft = find_draft(request, draft_id)
    if draft is None:
        return gone_page(request, draft_id)
    access.require(request.user, Act.MANAGE_PROTOCOLS)
    content, refused = draft.content, []
    if request.method == "POST":
        act = request.POST.get("do", SAVE)
        typed = editor.posted(request.POST, draft.content)
        content, where = editor.changed_rows(typed, act)
        try:
            drafts.save(
                draft, content, revision=posted_revision(request) or 0, by=request.user
            )
            return after_saving(request, draft, act, where)
        except ValidationError as error:
            refused = error.messages
    reading = documents.read(content, key=draft.key, version=1)
    problems = checks.problems(reading)
    context = {
        "draft": draft,
        "title": content.get("title") or "Untitled protocol",
        "head": editor.head(content, problems),
        "sections": editor.sections(content, problems),
        "faults": editor.faults(content, problems),
        "refused": refused,
        "revision": posted_revision(request) or draft.revision,
        **editor.vocabulary(),
    }
    return render(request, "plans/draft.html", context)


def after_saving(
    request: StaffRequest, draft: ProtocolDraft, act: str, where: str
) -> HttpResponse:
    if act == "publish":
        return redirect("plans:draft_publish", draft.pk)
    if act == SAVE:
        messages.success(request, "The draft is saved.")
    address = reverse("plans:draft", args=[draft.pk])
    return redirect(f"{address}#{where}" if where else address)


@get_or_post
def publish(request: StaffRequest, draft_id: UUID) -> HttpResponse:
    draft = find_draft(request, draft_id)
    if draft is None:
        return gone_page(request, draft_id)
    access.require(request.user, Act.MANAGE_PROTOCOLS)
    form = forms.PublishForm(posted(request), initial={"revision": draft.revision})
    protocol = carry_out(request, form, drafts.publish, draft)
    if protocol is not None:
        messages.success(request, f"{protocol} is published.")
        return redirect("plans:protocol", protocol.pk)
    reading = drafts.read(draft)
    problems = checks.problems(reading)
    context: dict[str, Any] = {
        "draft": draft,
        "form": form,
        "definition": reading.definition,
        "faults": editor.faults(draft.content, problems),
        "warnings": [] if problems else checks.warnings(reading.definition),
        "differences": [],
        "running": 0,
    }
    if draft.based_on is not None:
        newest = offered.newest_of(draft.based_on)
        context["differences"] = comparison.differences(
            stored.definition_of(newest), reading.definition
        )
    return render(request, "plans/draft_publish.html", context)


@require_POST
def discard(request: StaffRequest, draft_id: UUID) -> HttpResponse:
    draft = find_draft(request, draft_id)
    if draft is None:
        return gone_page(request, draft_id)
    access.require(request.user, Act.MANAGE_PROTOCOLS)
    try:
        drafts.discard(draft, by=request.user)
        messages.success(request, "The draft is discarded.")
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    return redirect("plans:protocols")


@require_POST
def retire(request: StaffRequest, protocol_id: UUID) -> HttpResponse:
    return set_offered(request, protocol_id, drafts.retire, "is retired")


@require_POST
def bring_back(request: StaffRequest, protocol_id: UUID) -> HttpResponse:
    return set_offered(request, protocol_id, drafts.bring_back, "is offered again")


def set_offered(
    request: StaffRequest, protocol_id: UUID, verb: Any, words: str
) -> HttpResponse:
    protocol = find_protocol(request, protocol_id)
    access.require(request.user, Act.MANAGE_PROTOCOLS)
    try:
        verb(protocol, by=request.user)
        messages.success(request, f"{protocol.title} {words}.")
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    return redirect("plans:protocol", protocol.pk)


def find_draft(request: StaffRequest, draft_id: UUID) -> ProtocolDraft | None:
    """None where there is none, or none any more."""
    visible = ProtocolDraft.objects.visible_to(request.user)
    return visible.select_related("based_on", "changed_by").filter(pk=draft_id).first()


def gone_page(request: StaffRequest, draft_id: UUID) -> HttpResponse:
    """What became of the draft, and what was sent in for it and is kept nowhere."""
    if not access.can(request.user, Act.MANAGE_PROTOCOLS):
        raise Http404
    fate = gone.fate(draft_id, for_user=request.user)
    if fate is None:
        raise Http404
    context: dict[str, Any] = {
        "fate": fate,
        "change_note": request.POST.get("change_note", ""),
    }
    # Only the form of the draft sends this along.
    if "title" in request.POST:
        typed = editor.posted(request.POST, {})
        problems = documents.read(typed, key=fate.definition.key, version=1).problems
        context["is_typed"] = True
        context["faults"] = editor.faults(typed, problems)
        context["differences"] = comparison.differences(
            fate.definition, gone.beside(typed, fate.definition)
        )
    return render(request, "plans/draft_gone.html", context, status=HTTPStatus.GONE)


def find_protocol(request: StaffRequest, protocol_id: UUID) -> Protocol:
    visible = Protocol.objects.visible_to(request.user)
    return get_object_or_404(visible, pk=protocol_id)
