"""The list of what needs a person, and what is done to many of its rows at once."""

from datetime import date
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from clinic import access, audit, clock
from clinic.access import Act
from clinic.forms import say
from clinic.models import User
from clinic.requests import StaffRequest, get_or_post, posted, workplace
from outcomes.follow_ups.worklist import (
    assignments,
    bulk,
    filters,
    listing,
    procedures,
)
from outcomes.follow_ups.worklist.filters import Filter
from outcomes.follow_ups.worklist.forms import ReassignForm
from outcomes.models import FollowUp
from patients.triage import early_intervention
from plans.course import confirmation

# More would push the follow-ups off the first screen.
CONFIRM_SHOWN = 12
CONFIRM_PAGE_SIZE = 50
# Stands in the address of the pages that show all of them, with the page's number.
ALL_TO_CONFIRM = "all-to-confirm"
MOST_PAGES = 10_000
NOBODY = "nobody"


@require_GET
def follow_ups(request: StaffRequest) -> HttpResponse:
    access.require(request.user, Act.READ_FOLLOW_UPS)
    clinic = workplace(request)
    today = clock.today(clinic.zone)
    chosen = filters.chosen(request.GET.get("show", ""))
    page = listing.page(request.user, clinic, chosen, today, _number(request))
    lines = listing.lines(request.user, clinic, page, today)
    confirm = _to_confirm(request)
    shown = procedures.to_confirm(confirm, clock.now())
    people = [line.follow_up.patient.kept for line in lines]
    people += [line.patient for line in shown]
    early_intervention.attach_clocks(people, user=request.user)
    audit.record(
        by=request.user,
        action="follow_ups.listed",
        about=clinic,
        patients=[person.pk for person in people],
        show=chosen,
        page=page.number,
    )
    context = {
        "lines": lines,
        "page": page,
        "chosen": chosen,
        "groups": _groups(request.user, today),
        "rest": filters.REST,
        "people": _people(request),
        "here": _here(request.GET),
        "today": today,
        "to_confirm": shown,
        "to_confirm_page": confirm,
        "pages_to_confirm": ALL_TO_CONFIRM in request.GET,
        "to_confirm_count": confirm.paginator.count,
    }
    return render(request, "outcomes/follow_ups/worklist.html", context)


def _groups(user: User, today: date) -> list[tuple[str, list[tuple[Filter, str]]]]:
    """The filters as the page offers them, with how many each shows."""
    counts = listing.counts(user, today, filters.COUNTED)
    return [
        (title, [(name, listing.count_in_words(counts[name])) for name in names])
        for title, names in filters.GROUPS
    ]


def _number(request: StaffRequest) -> int:
    text = request.GET.get("page", "")
    is_one = text.isascii() and text.isdecimal() and len(text) <= len(str(MOST_PAGES))
    return min(max(int(text), 1), MOST_PAGES) if is_one else 1


def _to_confirm(request: StaffRequest) -> Page:
    """The first few, or a page of all of them."""
    waiting = confirmation.waiting(request.user, clock.now())
    if ALL_TO_CONFIRM not in request.GET:
        few = list(waiting[: CONFIRM_SHOWN + 1])
        # Only where there are more than are shown, they are counted.
        known = few if len(few) <= CONFIRM_SHOWN else waiting
        return Paginator(known, CONFIRM_SHOWN).page(1)
    return Paginator(waiting, CONFIRM_PAGE_SIZE).get_page(request.GET[ALL_TO_CONFIRM])


def _people(request: StaffRequest) -> list[tuple[UUID, str]]:
    """To whom rows can be given here; nobody where that is not this role's act."""
    if not access.can(request.user, Act.ASSIGN_TASKS):
        return []
    return assignments.names(workplace(request))


def _here(asked: QueryDict) -> str:
    """Which part of the list this is, for the way back to it."""
    kept = QueryDict(mutable=True)
    kept["show"] = filters.chosen(asked.get("show", "")).value
    page = str(asked.get("page", ""))
    if page.isdecimal():
        kept["page"] = page
    return kept.urlencode()


def _back(request: StaffRequest) -> HttpResponse:
    here = _here(QueryDict(request.POST.get("here", "")))
    return redirect(f"{reverse('outcomes:follow_ups')}?{here}")


@require_POST
def act(request: StaffRequest) -> HttpResponse:
    """What was chosen for the rows that were ticked."""
    access.require(request.user, Act.CALL_PATIENTS)
    rows, seen = _ticked(request)
    if not rows:
        messages.error(request, "Nothing was done: choose at least one row.")
        return _back(request)
    wanted = request.POST.get("do", "")
    result = bulk.carry_out(rows, _verb(request, wanted, seen))
    audit.record(
        by=request.user,
        action="follow_ups.acted_on",
        about=workplace(request),
        patients=[row.patient.kept_id for row in rows],
        act=wanted,
        done=result.done,
        refused=result.refused.total(),
    )
    tell = messages.warning if result.refused else messages.success
    tell(request, result.words)
    return _back(request)


def _ticked(request: StaffRequest) -> tuple[list[FollowUp], dict[UUID, str]]:
    """The rows, and of each the last call that the list was shown with."""
    seen: dict[UUID, str] = {}
    for value in request.POST.getlist("row")[: bulk.MOST]:
        row, _, call = value.partition(".")
        try:
            seen[UUID(row)] = call
        except ValueError:
            raise Http404("There is no such row.") from None
    visible = FollowUp.objects.visible_to(request.user)
    related = visible.select_related(
        *("request", "clinic", "episode__complaint"),
        *("patient__clinic", "patient__merged_into__clinic"),
    )
    return list(related.filter(pk__in=seen)), seen


def _verb(request: StaffRequest, wanted: str, seen: dict[UUID, str]) -> bulk.Verb:
    by = request.user
    if wanted == "take":
        return lambda row: assignments.assign(row, to=by, by=by)
    if wanted == "assign":
        to = _chosen_person(request)
        return lambda row: assignments.assign(row, to=to, by=by)
    if wanted == "new_link":
        access.require(by, Act.SEND_LINKS)
        return bulk.new_link(by, clock.now())
    if wanted == "no_answer":
        return bulk.no_answer(by, seen)
    raise Http404("There is no such act.")


def _chosen_person(request: StaffRequest) -> User | None:
    text = request.POST.get("to", NOBODY)
    if text == NOBODY:
        return None
    access.require(request.user, Act.ASSIGN_TASKS)
    try:
        wanted = UUID(text)
    except ValueError:
        raise Http404("There is no such person.") from None
    return get_object_or_404(assignments.people(workplace(request)), pk=wanted)


@get_or_post
def reassign(request: StaffRequest) -> HttpResponse:
    """All of somebody's tasks to another person, or spread: first how many, then so."""
    access.require(request.user, Act.ASSIGN_TASKS)
    clinic = workplace(request)
    form = ReassignForm(
        posted(request),
        holders=_holders(request),
        people=assignments.people(clinic),
    )
    preview: dict[User, int] = {}
    if request.method == "POST" and form.is_valid():
        wanted = form.cleaned_data
        try:
            if "confirm" in request.POST:
                return _reassigned(request, wanted["away"], wanted["to"])
            held = assignments.held_by(request.user, wanted["away"])
            kinds = dict(held.values_list("pk", "kind"))
            shares = assignments.shares_of(clinic, held=kinds, **wanted)
            preview = {person: len(mine) for person, mine in shares.items() if mine}
        except ValidationError as error:
            say(form, error)
    audit.record(by=request.user, action="tasks.counted", about=clinic)
    context = {
        "form": form,
        "preview": preview,
        "is_asked": form.is_bound and form.is_valid(),
        "loads": _loads(request),
    }
    return render(request, "outcomes/follow_ups/reassign.html", context)


def _holders(request: StaffRequest) -> QuerySet[User]:
    """Who has anything, though they may work here no more."""
    ids = set(assignments.loads(request.user))
    return User.objects.filter(pk__in=ids).order_by("name", "pk")


def _loads(request: StaffRequest) -> list[tuple[str, int]]:
    loads = assignments.loads(request.user)
    names = dict(User.objects.filter(pk__in=loads).values_list("pk", "name"))
    people = assignments.people(workplace(request)).values_list("pk", "name")
    everybody = {**names, **dict(people)}
    rows = [(name, loads.get(pk, 0)) for pk, name in everybody.items()]
    return sorted(rows, key=lambda row: (-row[1], row[0]))


def _reassigned(
    request: StaffRequest, away: User | None, to: User | None
) -> HttpResponse:
    moved = assignments.reassign(workplace(request), away=away, to=to, by=request.user)
    count = sum(moved.values())
    people = sum(1 for each in moved.values() if each)
    messages.success(
        request,
        f"{count} task{'' if count == 1 else 's'} handed over to "
        f"{people} {'person' if people == 1 else 'people'}.",
    )
    return redirect("outcomes:reassign")
