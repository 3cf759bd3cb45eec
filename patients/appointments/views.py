"""The pages that take a schedule in: hand in a file, look, confirm.

The file that waits is named in the session, never in an address.
"""

from dataclasses import dataclass
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_POST

from clinic import access, audit, clock, uploads
from clinic.access import Act
from clinic.requests import StaffRequest, get_or_post, posted, workplace
from patients.appointments import importing, mapping, sheets
from patients.appointments.elsewhere import ElsewhereError
from patients.appointments.forms import ScheduleForm, UploadForm
from patients.appointments.importing import Foreseen
from patients.appointments.sheets import Sheet
from patients.record.imports.refusals import ImportFileError

WAITING = "schedule"
GONE = "The file is no longer here; hand it in again."
SHOWN = 12
REFUSED_SHOWN = 100


@dataclass(frozen=True, slots=True)
class Waiting:
    file_id: UUID
    sheet: Sheet


# The token stands in the body, and looking for it reads all of it: only when the size
# is known to be bounded is it looked for.
@csrf_exempt
@get_or_post
def hand_in(request: StaffRequest) -> HttpResponse:
    access.require(request.user, Act.IMPORT_APPOINTMENTS)
    if request.method == "POST":
        if not uploads.is_within(request, sheets.MOST_BYTES):
            form = UploadForm({})
            form.errors["file"] = form.error_class([sheets.TOO_LARGE])
            return shown_upload(request, form, status=413)
        request.upload_handlers = [uploads.InMemoryUpload(request)]
        return handed_in(request)
    return shown_upload(request, UploadForm())


@csrf_protect
def handed_in(request: StaffRequest) -> HttpResponse:
    form = UploadForm(request.POST, request.FILES)
    if form.is_valid():
        raw = form.cleaned_data["file"].read()
        try:
            sheets.read(raw)
        except ImportFileError as error:
            form.add_error("file", str(error))
        else:
            forget(request)
            file_id = sheets.keep(workplace(request), raw)
            request.session[WAITING] = str(file_id)
            note(request, "handed_in")
            return redirect("patients:look_at_appointments")
    return shown_upload(request, form)


def shown_upload(
    request: StaffRequest, form: UploadForm, status: int = 200
) -> HttpResponse:
    context = {"form": form, "is_waiting": WAITING in request.session}
    return render(request, "patients/appointments/hand_in.html", context, status=status)


def waiting(request: StaffRequest) -> Waiting | None:
    """The file that this person handed in for the clinic they work in now."""
    held = request.session.get(WAITING)
    raw = sheets.kept(workplace(request), UUID(held)) if held else None
    return Waiting(UUID(held), sheets.read(raw)) if raw else None


def forget(request: StaffRequest) -> None:
    held = request.session.pop(WAITING, None)
    if held:
        sheets.discard(workplace(request), UUID(held))


def note(request: StaffRequest, what: str) -> None:
    clinic = workplace(request)
    audit.record(by=request.user, action=f"appointments.{what}", about=clinic)


@get_or_post
def look(request: StaffRequest) -> HttpResponse:
    """The choices with what would come of them; a POST takes it in."""
    access.require(request.user, Act.IMPORT_APPOINTMENTS)
    found = waiting(request)
    if found is None:
        return lost(request)
    form = form_of(request, found)
    if request.method == "POST" and form.is_valid():
        try:
            return taken_in(request, found, form)
        except ElsewhereError as error:
            form.add_error("takes_unknown", str(error))
    return shown(request, found, form)


def taken_in(request: StaffRequest, found: Waiting, form: ScheduleForm) -> HttpResponse:
    clinic = workplace(request)
    chosen = form.standing
    done = importing.take_in(
        clinic,
        importing.told(found.sheet, chosen, zone=clinic.zone),
        by=request.user,
        source=chosen.source,
        takes_unknown=form.cleaned_data["takes_unknown"],
        cancels_missing=form.cleaned_data["cancels_missing"],
    )
    sheets.remember(clinic, chosen)
    forget(request)
    context = {"found": done, "refused": done.refused[:REFUSED_SHOWN]}
    return render(request, "patients/appointments/outcome.html", context)


@require_POST
def preview(request: StaffRequest) -> HttpResponse:
    """What the choices would come to; nothing is stored."""
    access.require(request.user, Act.IMPORT_APPOINTMENTS)
    found = waiting(request)
    if found is None:
        return lost(request)
    form = form_of(request, found)
    form.is_valid()
    return shown(request, found, form)


@require_POST
def discard(request: StaffRequest) -> HttpResponse:
    access.require(request.user, Act.IMPORT_APPOINTMENTS)
    forget(request)
    note(request, "discarded")
    messages.success(request, "The file is deleted; nothing was taken in.")
    return redirect("patients:import_appointments")


def lost(request: StaffRequest) -> HttpResponse:
    if request.session.pop(WAITING, None) or request.method == "POST":
        note(request, "file_missed")
        messages.error(request, GONE)
    return redirect("patients:import_appointments")


def form_of(request: StaffRequest, found: Waiting) -> ScheduleForm:
    clinic, sheet = workplace(request), found.sheet
    held = sheets.guess(sheet, clinic, today=clock.today(clinic.zone))
    form = ScheduleForm(posted(request), header=list(sheet.header), held=held)
    form.ask_words(mapping.words_of(form.standing, sheet.header, sheet.cells))
    return form


def shown(request: StaffRequest, found: Waiting, form: ScheduleForm) -> HttpResponse:
    clinic = workplace(request)
    lacking = form.standing.missing()
    foreseen = None if lacking else foresee(request, found, form)
    context = {
        "form": form,
        "sheet": found.sheet,
        "lacking": lacking,
        "found": foreseen,
        "lines": foreseen.lines[:SHOWN] if foreseen else [],
        "refused": foreseen.refused[:REFUSED_SHOWN] if foreseen else [],
        "zone": clinic.zone,
    }
    page = "_looked_at.html" if request.htmx else "look.html"
    return render(request, f"patients/appointments/{page}", context)


def foresee(request: StaffRequest, found: Waiting, form: ScheduleForm) -> Foreseen:
    clinic, chosen = workplace(request), form.standing
    rows = importing.told(found.sheet, chosen, zone=clinic.zone)
    foreseen = importing.foresee(clinic, rows, source=chosen.source)
    importing.note_preview(foreseen, clinic, by=request.user)
    return foreseen
