from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from clinic import access, clinical_words
from clinic.access import Act
from clinic.forms import say
from clinic.models import Clinic, Language
from clinic.requests import StaffRequest, carry_out, get_or_post, posted, workplace
from outcomes.follow_ups.channels.outcome import Verdict
from outcomes.follow_ups.wording import (
    defaults,
    editing,
    previews,
    rungs,
    texts,
    trying,
)
from outcomes.follow_ups.wording.defaults import Key
from outcomes.follow_ups.wording.forms import WordingForm
from outcomes.models.messages import Channel, Wording

# What the presses of the form are for, besides saving it.
PREVIEW, TEST = "preview", "test"
NO_LONGER_FITS = "to be looked at"


@dataclass(frozen=True, slots=True)
class Cell:
    """One text of the grid, and how it stands."""

    channel: Channel
    language: str
    language_name: str
    state: str


@require_GET
def wordings(request: StaffRequest) -> HttpResponse:
    access.require(request.user, Act.WRITE_WORDING)
    clinic = workplace(request)
    rows = Wording.objects.visible_to(request.user)
    own = {(row.channel, row.kind, row.language): row for row in rows}
    grid = [
        (sort, [_cells(clinic, own, channel, sort.value) for channel in Channel])
        for sort in rungs.sorts(clinic, own)
    ]
    context = {
        "channels": Channel,
        "grid": grid,
        "clinical": clinical_words.find(clinic.sender_name),
        "neutral": clinical_words.neutral(clinic.name),
    }
    return render(request, "outcomes/wording/grid.html", context)


def _cells(
    clinic: Clinic, own: dict[Key, Wording], channel: Channel, kind: str
) -> list[Cell]:
    found = []
    for language in Language:
        key = (channel.value, kind, language.value)
        state = _state(clinic, key, own.get(key))
        found.append(Cell(channel, language, language.label, state))
    return found


def _state(clinic: Clinic, key: Key, row: Wording | None) -> str:
    if row is None:
        return "ours" if rungs.whole(key) == key else "as the reminder"
    text = editing.text_of(row, key)
    return NO_LONGER_FITS if editing.objections(clinic, key, text) else "own"


@get_or_post
def wording(
    request: StaffRequest, channel: str, kind: str, language: str
) -> HttpResponse:
    key = _known(channel, kind, language)
    access.require(request.user, Act.WRITE_WORDING)
    clinic = workplace(request)
    standing = editing.find(clinic, key)
    text = editing.text_of(standing or editing.in_its_place(clinic, key), key)
    form = WordingForm(posted(request), channel=channel, text=text)
    step, seen = request.POST.get("step"), request.POST.get("seen", "")
    if step == TEST:
        _test(request, clinic, key, form)
    elif step is None and _saved(request, form, clinic, key, seen):
        messages.success(request, "Saved: messages go out with these words now.")
        return redirect("outcomes:wording", *key)
    preview = previews.of(clinic, key, form.typed)
    if step == PREVIEW and request.htmx:
        return render(request, "outcomes/wording/_preview.html", {"preview": preview})
    stands = editing.stamp(standing)
    has_clashed = step is None and request.method == "POST" and seen != stands
    context = {
        **_names(key),
        "form": form,
        "key": key,
        "standing": standing,
        "standing_text": text,
        # After a clash the next save replaces what is shown as standing.
        "seen": seen if step else stands,
        "has_clashed": has_clashed,
        "variables": texts.VARIABLES,
        "preview": preview,
        "can_test": channel in trying.HANDS_OVER,
        "to": request.POST.get("to", ""),
    }
    return render(request, "outcomes/wording/edit.html", context)


def _saved(
    request: StaffRequest, form: WordingForm, clinic: Clinic, key: Key, seen: str
) -> bool:
    saved = carry_out(request, form, editing.save, clinic, key=key, seen=seen)
    return saved is not None


def _known(channel: str, kind: str, language: str) -> Key:
    key = channel, kind, language
    if not rungs.sort_of(kind) or rungs.whole(key) not in defaults.load().texts:
        raise Http404("There is no such message.")
    return key


def _names(key: Key) -> dict[str, Any]:
    channel, kind, language = key
    return {
        "channel": Channel(channel),
        "kind": rungs.sort_of(kind),
        "is_of_rung": rungs.whole(key) != key,
        "language": Language(language),
        "other_language": next(one for one in Language if one != language),
    }


def _test(request: StaffRequest, clinic: Clinic, key: Key, form: WordingForm) -> None:
    """Sends what the form holds, and keeps it there."""
    if not form.is_valid():
        return
    to = request.POST.get("to", "")
    try:
        outcome = trying.send(
            clinic, key=key, to=to, by=request.user, **form.cleaned_data
        )
    except ValidationError as error:
        say(form, error)
        return
    if outcome.verdict == Verdict.ACCEPTED:
        where = request.user.email if key[0] == Channel.EMAIL else to
        messages.success(request, f"A test is on its way to {where}.")
    else:
        messages.warning(request, f"The test was not taken: {outcome.detail}.")


@require_POST
def reset(
    request: StaffRequest, channel: str, kind: str, language: str
) -> HttpResponse:
    key = _known(channel, kind, language)
    access.require(request.user, Act.WRITE_WORDING)
    seen = request.POST.get("seen", "")
    try:
        editing.reset(workplace(request), key=key, seen=seen, by=request.user)
        said = "ours" if rungs.whole(key) == key else "the reminder’s"
        messages.success(request, f"The words are {said} again.")
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    return redirect("outcomes:wording", *key)
