"""A recall: who was treated with it, how they did, and whom to call."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST

from clinic import access, audit, spreadsheets
from clinic.access import Act
from clinic.models import User
from clinic.requests import StaffRequest, workplace
from outcomes.recall import contacts, rows
from outcomes.recall.contacts import Contact
from outcomes.recall.forms import ContactsForm, SearchForm
from patients.triage import early_intervention
from plans.harm import recall as search
from plans.harm.recall import Match

PAGE_SIZE = 50
PAGE_DIGITS = 6
COLUMNS = (
    "mrn",
    "patient",
    "birth_date",
    "phone",
    "email",
    "language",
    "state",
    "treated_on",
)


@require_GET
def recall(request: StaffRequest) -> HttpResponse:
    access.require(request.user, Act.READ_PLANS)
    form = SearchForm(request.GET)
    context: dict[str, Any] = {
        "form": form,
        "contacts_form": ContactsForm(initial=request.GET.dict()),
    }
    if form.is_valid() and form.cleaned_data["q"]:
        context |= searched(request, form)
    status = 200 if form.is_valid() else 400
    return render(request, "outcomes/recall.html", context, status=status)


@require_POST
def recall_contacts(request: StaffRequest) -> HttpResponseBase:
    """The contact list, on a page or as a file; asked why, and kept."""
    access.require(request.user, Act.READ_PLANS)
    access.require(request.user, Act.READ_PATIENTS)
    form = ContactsForm(request.POST)
    match = matched(request.user, form)[1] if form.is_valid() else None
    if match is None:
        if form.is_valid():
            form.add_error(None, "Nothing is found by this any more; search again.")
        refused = {"contacts_form": form, "form": form}
        return render(request, "outcomes/recall_contacts.html", refused)
    found = search.interventions(request.user, match)
    people = contacts.people(found, request.user)
    if "file" in request.POST:
        ids = list(people.values_list("pk", flat=True))
        _note(request, form, match, "recall.contacts_exported", ids)
        listed = contacts.in_parts(ids, found, request.user)
        return spreadsheets.stream("recall.csv", COLUMNS, map(cells, listed))
    page = Paginator(people, PAGE_SIZE).get_page(request.POST.get("page"))
    shown = contacts.of(page, found, request.user)
    ids = [contact.patient.pk for contact in shown]
    _note(request, form, match, "recall.contacts_read", ids)
    context = {"contacts": shown, "page": page, "form": form, "match": match}
    return render(request, "outcomes/recall_contacts.html", context)


def _note(
    request: StaffRequest,
    form: ContactsForm,
    match: Match,
    action: str,
    patients: Sequence[UUID],
) -> None:
    """Before anything is shown or sent, with all whom it names."""
    audit.record(
        by=request.user,
        action=action,
        about=workplace(request),
        patients=patients,
        searched=form.cleaned_data["q"],
        by_what=match.by.value,
        purpose=form.cleaned_data["purpose"],
    )


def cells(contact: Contact) -> Sequence[object]:
    person = contact.patient
    return (
        person.mrn,
        person,
        person.birth_date,
        contact.phone,
        contact.email,
        person.get_language_display(),
        contact.state,
        "; ".join(day.isoformat() for day in contact.days),
    )


def matched(user: User, form: SearchForm) -> tuple[list[Match], Match | None]:
    """All ways in which it was found, and the one that is shown."""
    wanted, operator = form.cleaned_data["by"], form.cleaned_data["operator"]
    ways = search.matches(user, form.cleaned_data["q"])
    chosen = [
        way
        for way in ways
        if wanted in ("", way.by) and operator in (None, way.operator)
    ]
    usable = [way for way in chosen if not way.is_too_wide]
    return ways, usable[0] if usable else None


def page_number(request: StaffRequest) -> int:
    """The first for anything that is no page."""
    text = request.GET.get("page", "")
    is_one = text.isascii() and text.isdecimal() and len(text) <= PAGE_DIGITS
    return max(int(text), 1) if is_one else 1


def searched(request: StaffRequest, form: SearchForm) -> dict[str, Any]:
    ways, match = matched(request.user, form)
    alike = search.beginning_so if match else search.resembling
    number = page_number(request)
    shown: list[rows.Row] = []
    context: dict[str, Any] = {
        "q": form.cleaned_data["q"],
        "ways": ways,
        "match": match,
        "alike": alike(request.user, form.cleaned_data["q"]),
        "most_alike": search.MOST_ALIKE,
    }
    if match is not None:
        found = search.interventions(request.user, match)
        start = (number - 1) * PAGE_SIZE
        wanted = rows.with_all(found, request.user)[start : start + PAGE_SIZE + 1]
        some = rows.rows(wanted, request.user)
        shown = some[:PAGE_SIZE]
        people = [row.patient for row in shown]
        early_intervention.attach_clocks(people, user=request.user)
        context |= {
            "rows": shown,
            "reach": search.reach(request.user, match),
            "first": start + 1,
            "last": start + len(shown),
            "previous": number - 1,
            "next": number + 1 if len(some) > PAGE_SIZE else None,
        }
    audit.record(
        by=request.user,
        action="recall.searched",
        about=workplace(request),
        patients=[row.patient.pk for row in shown],
        searched=form.cleaned_data["q"],
    )
    return context
