"""The clinic's adverse events: the list, how many of how many, and a file of them."""

from collections.abc import Sequence

from django.core.paginator import Page, Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from clinic import access, audit, spreadsheets
from clinic.access import Act
from clinic.requests import StaffRequest, workplace
from outcomes.harm_pages import denominators, filters
from outcomes.harm_pages.filters import FilterForm
from patients.triage import early_intervention
from plans.models import AdverseEvent

PAGE_SIZE = 50
COLUMNS = (
    "mrn",
    "patient",
    "category",
    "began_on",
    "procedure",
    "procedure_on",
    "modality",
    "grade",
    "relatedness",
    "raters",
    "raters_differ_in",
    "needs_second_rater",
    "serious",
    "expected",
    "outcome",
    "resolved_on",
    "reported_to",
    "status",
    "description",
)


@require_GET
def adverse_events(request: StaffRequest) -> HttpResponse:
    access.require(request.user, Act.READ_PLANS)
    form = FilterForm(request.GET)
    if not form.is_valid():
        return refused(request, form)
    found = filters.events(request.user, form.chosen)
    page: Page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    people = [event.patient.kept for event in page]
    early_intervention.attach_clocks(people, user=request.user)
    note(request, form, list(page))
    context = {
        "form": FilterForm(initial=form.cleaned_data),
        "is_filtered": bool(form.chosen),
        "page": page,
        "denominators": denominators.of_clinic(
            request.user, form.cleaned_data["since"]
        ),
        "since": form.cleaned_data["since"],
    }
    return render(request, "outcomes/adverse_events.html", context)


@require_GET
def adverse_events_csv(request: StaffRequest) -> HttpResponse:
    """All that the list shows with the same address."""
    access.require(request.user, Act.READ_PLANS)
    form = FilterForm(request.GET)
    if not form.is_valid():
        return refused(request, form)
    events = list(filters.events(request.user, form.chosen))
    note(request, form, events, action="adverse_events.exported")
    return spreadsheets.download("adverse-events.csv", COLUMNS, map(cells, events))


def refused(request: StaffRequest, form: FilterForm) -> HttpResponse:
    context = {"form": form}
    return render(request, "outcomes/adverse_events_refused.html", context, status=400)


def note(
    request: StaffRequest,
    form: FilterForm,
    events: Sequence[AdverseEvent],
    action: str = "adverse_events.listed",
) -> None:
    audit.record(
        by=request.user,
        action=action,
        about=workplace(request),
        patients=[event.patient.kept_id for event in events],
        asked={key: str(value) for key, value in form.chosen.items()},
    )


def cells(event: AdverseEvent) -> Sequence[object]:
    done, held = event.intervention, event.held
    return (
        event.patient.kept.mrn,
        event.patient.kept,
        event.category_words,
        event.onset_on,
        done and done.title,
        done and done.performed_on,
        done and done.get_modality_display(),
        event.worst_grade,
        "; ".join(rating.get_relatedness_display() for rating in held),
        len(held),
        "; ".join(event.disagreement),
        yes_or_no(event.lacks_second_rater),
        yes_or_no(event.is_serious),
        yes_or_no(event.is_expected),
        event.get_outcome_display(),
        event.resolved_on,
        event.reported_to_words,
        event.get_status_display(),
        event.description,
    )


def yes_or_no(value: bool | None) -> str:
    return {True: "yes", False: "no", None: ""}[value]
