"""Pages of a clinic's own questionnaires: bring, look at, try, publish, use."""

import contextlib
from collections.abc import Callable, Sequence
from typing import Any, cast
from uuid import UUID

from csp.constants import SELF
from csp.decorators import csp_replace, csp_update
from django import forms as django_forms
from django.core.exceptions import ValidationError
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from clinic import access, audit
from clinic.access import Act
from clinic.forms import say
from clinic.requests import (
    StaffRequest,
    carry_out,
    get_or_post,
    posted,
    posted_revision,
    workplace,
)
from outcomes.instruments import definitions
from outcomes.instruments.definition import InstrumentDefinition
from outcomes.instruments.fhir import score_writing
from outcomes.instruments.findings import Finding
from outcomes.models import Instrument, InstrumentDraft, InstrumentUse
from outcomes.own_instruments import (
    drafts,
    files,
    forms,
    listed,
    preview,
    publishing,
    uses,
)

# Typed for views that take nothing but the request.
_framing: Any = csp_update({"frame-src": [SELF]})


@require_GET
def index(request: StaffRequest) -> HttpResponse:
    access.require(request.user, Act.MANAGE_PROTOCOLS)
    clinic = workplace(request)
    context = {
        **listed.of(clinic),
        "drafts": InstrumentDraft.objects.visible_to(request.user),
    }
    return render(request, "outcomes/instruments/list.html", context)


@get_or_post
def bring(request: StaffRequest) -> HttpResponse:
    access.require(request.user, Act.MANAGE_PROTOCOLS)
    form = forms.BringForm(posted(request), request.FILES or None)
    found: Sequence[Finding] = ()
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            made = drafts.bring(
                workplace(request),
                given["file"],
                file_name=str(request.FILES["file"]),
                form=given["form"],
                key=given["key"],
                language=given["language"] or "en",
                by=request.user,
            )
        except drafts.NothingReadError as error:
            found = error.found
        except ValidationError as error:
            say(form, error)
        else:
            if len(made) == 1:
                return redirect("outcomes:instrument_draft", made[0].pk)
            return redirect("outcomes:instruments")
    context = {"form": form, "found": found}
    return render(request, "outcomes/instruments/bring.html", context)


@require_GET
@_framing
def draft(request: StaffRequest, draft_id: UUID) -> HttpResponse:
    return _draft_page(request, find_draft(request, draft_id))


def _draft_page(
    request: StaffRequest, row: InstrumentDraft, **bound: django_forms.Form
) -> HttpResponse:
    content = drafts.read(row)
    definition = content.definition
    context: dict[str, Any] = {
        "draft": row,
        "content": content,
        "definition": definition,
        "questions": listed.questions(definition) if definition else [],
        "scores": listed.scores(row, content),
        "version": publishing.next_version(row),
        "file_form": forms.ScoreFileForm(),
        "publish_form": forms.PublishForm(
            initial={"holder": definition.copyright[:200] if definition else ""}
        ),
    }
    if definition:
        context["score_form"] = forms.ScoreForm(definition=definition)
    return render(request, "outcomes/instruments/draft.html", context | bound)


@require_POST
@_framing
def score(request: StaffRequest, draft_id: UUID) -> HttpResponse:
    """Put in a score, complete one that the file brought, or take one away."""
    row = find_draft(request, draft_id)
    definition = drafts.read(row).definition
    revision = posted_revision(request) or 0
    gone = request.POST.get("remove", "")
    if gone:
        return _done(
            request,
            row,
            lambda: drafts.remove_score(row, gone, by=request.user, revision=revision),
            django_forms.Form(request.POST),
            "score_form",
        )
    key = request.POST.get("key", "")
    held: dict[str, Any] = next((s for s in row.scores if s.get("key") == key), {})
    is_brought = held.get("method") == "formula"
    form: django_forms.Form
    if is_brought or definition is None:
        form = forms.RangeForm(request.POST)
    else:
        form = forms.ScoreForm(request.POST, definition=definition)
    name = "range_form" if is_brought else "score_form"
    return _done(
        request,
        row,
        lambda: drafts.set_score(
            row, {**held, **forms.spec_of(form)}, by=request.user, revision=revision
        ),
        form,
        name,
    )


@require_POST
@_framing
def score_file(request: StaffRequest, draft_id: UUID) -> HttpResponse:
    row = find_draft(request, draft_id)
    form = forms.ScoreFileForm(request.POST, request.FILES)
    revision = posted_revision(request) or 0
    return _done(
        request,
        row,
        lambda: drafts.set_scores_of_file(
            row, form.cleaned_data["file"], by=request.user, revision=revision
        ),
        form,
        "file_form",
    )


def _done(
    request: StaffRequest,
    row: InstrumentDraft,
    verb: Callable[[], object],
    form: django_forms.Form,
    name: str,
) -> HttpResponse:
    """Back to the draft, or the draft with the form that was refused."""
    if form.is_valid():
        try:
            verb()
            return redirect("outcomes:instrument_draft", row.pk)
        except ValidationError as error:
            say(form, error)
    row.refresh_from_db()
    return _draft_page(request, row, **{name: form})


@require_POST
@_framing
def publish(request: StaffRequest, draft_id: UUID) -> HttpResponse:
    row = find_draft(request, draft_id)
    form = forms.PublishForm(request.POST)
    if form.is_valid():
        made = carry_out(request, form, publishing.publish, row)
        if made is not None:
            return redirect("outcomes:instrument", made.pk)
    return _draft_page(request, row, publish_form=form)


@require_POST
def discard(request: StaffRequest, draft_id: UUID) -> HttpResponse:
    drafts.discard(find_draft(request, draft_id), by=request.user)
    return redirect("outcomes:instruments")


@require_GET
@_framing
def instrument(request: StaffRequest, instrument_id: UUID) -> HttpResponse:
    return _page(request, find(request, instrument_id), forms.UseForm())


def _page(
    request: StaffRequest, row: Instrument, form: django_forms.Form
) -> HttpResponse:
    definition = definitions.of(row)
    context = {
        "instrument": row,
        "definition": definition,
        "questions": listed.questions(definition),
        "measures": listed.measures(row, definition),
        "versions": listed.versions(row),
        "uses": [u for u in uses.of(row.clinic) if u.instrument_key == row.key],
        "unsaid": score_writing.unsaid(definition),
        "form": form,
    }
    return render(request, "outcomes/instruments/instrument.html", context)


@require_POST
@_framing
def use(request: StaffRequest, instrument_id: UUID) -> HttpResponse:
    row = find(request, instrument_id)
    form = forms.UseForm(request.POST)
    if carry_out(request, form, uses.begin, row) is not None:
        return redirect("outcomes:instrument", row.pk)
    return _page(request, row, form)


@require_POST
def end_use(request: StaffRequest, use_id: UUID) -> HttpResponse:
    row = get_object_or_404(InstrumentUse.objects.visible_to(request.user), pk=use_id)
    access.require(request.user, Act.MANAGE_PROTOCOLS)
    # Ended by somebody else meanwhile is what was wanted.
    with contextlib.suppress(ValidationError):
        uses.end(row, by=request.user)
    return redirect("outcomes:instruments")


@require_GET
def export(request: StaffRequest, instrument_id: UUID) -> HttpResponse:
    """The questionnaire as FHIR R4, for another system."""
    row = find(request, instrument_id)
    found = files.written(row)
    audit.record(by=request.user, action="instrument.exported", about=row, key=row.key)
    name = f'attachment; filename="{row.key}-{row.version}.json"'
    return JsonResponse(
        found,
        content_type="application/fhir+json",
        headers={"Content-Disposition": name},
        json_dumps_params={"indent": 2, "ensure_ascii": False},
    )


# --- In a phone ----------------------------------------------------------------------


def _in_a_frame(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Only our own page may frame it; and as it changes nothing, no token is asked."""
    framing: Any = csp_replace({"frame-ancestors": [SELF]})
    framed: Any = get_or_post(csrf_exempt(framing(xframe_options_sameorigin(view))))
    return cast("Callable[..., HttpResponse]", framed)


@_in_a_frame
def draft_phone(request: StaffRequest, draft_id: UUID) -> HttpResponse:
    definition = drafts.read(find_draft(request, draft_id)).definition
    if definition is None:
        return HttpResponse(status=404)
    return _play(request, definition)


@_in_a_frame
def phone(request: StaffRequest, instrument_id: UUID) -> HttpResponse:
    return _play(request, definitions.of(find(request, instrument_id)))


def _play(request: StaffRequest, definition: InstrumentDefinition) -> HttpResponse:
    clinic = workplace(request)
    language = preview.language_of(request.GET.get("language"), definition)
    if request.method == "POST":
        return preview.answered(clinic, definition, language, request.POST)
    return preview.first(clinic, definition, language)


def find_draft(request: StaffRequest, draft_id: UUID) -> InstrumentDraft:
    rows = InstrumentDraft.objects.visible_to(request.user).select_related("clinic")
    return get_object_or_404(rows, pk=draft_id)


def find(request: StaffRequest, instrument_id: UUID) -> Instrument:
    rows = Instrument.objects.visible_to(request.user).select_related(
        "clinic", "published_by"
    )
    row = get_object_or_404(rows, pk=instrument_id)
    access.require(request.user, Act.MANAGE_PROTOCOLS)
    return row
