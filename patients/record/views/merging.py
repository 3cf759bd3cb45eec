from collections.abc import Collection
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from clinic import access, audit, consequences
from clinic.access import Act
from clinic.forms import say
from clinic.requests import StaffRequest, get_or_post, posted
from patients import rows
from patients.models import Consent, Patient, PatientMerge
from patients.models.searching import fold
from patients.record import consents, merging, separating
from patients.record.forms.merging import FindForm, MergeForm


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two records, with what it has."""

    patient: Patient
    complaints: list[str]
    agreed: list[str]
    withdrawn: list[str]
    also: list[str]

    @property
    def contacts(self) -> list[str]:
        return [contact.value for contact in self.patient.contact_points.all()]


@get_or_post
def merge(request: StaffRequest, patient_id: UUID) -> HttpResponse:
    """Name the other record, see both side by side, choose the one that is kept."""
    patient = rows.find_patient(request, patient_id)
    access.require(request.user, Act.MERGE_PATIENTS)
    form = MergeForm(posted(request))
    find = FindForm(request.GET if "mrn" in request.GET else None)
    other = found_other(request, patient, find)
    if request.method == "POST":
        kept = merged(request, patient, form)
        if kept is not None:
            return redirect("outcomes:patient", kept.pk)
        other = posted_other(request, patient)
    audit.record(
        by=request.user,
        action="patient.read",
        about=patient,
        patients=[patient.pk, *([other.pk] if other else [])],
    )
    context: dict[str, Any] = {"patient": patient, "find": find, "form": form}
    if other is not None:
        context["sides"] = [side_of(patient), side_of(other)]
        context["other"] = other
        context["differences"] = differences(patient, other)
    return render(request, "patients/merge.html", context)


@require_POST
def unmerge(request: StaffRequest, patient_id: UUID) -> HttpResponse:
    """Separate one of the records that were merged into this one."""
    patient = rows.find_patient(request, patient_id)
    access.require(request.user, Act.MERGE_PATIENTS)
    standing_ones = PatientMerge.objects.visible_to(request.user).filter(undone_at=None)
    made = get_object_or_404(
        standing_ones.select_related(*separating.BOTH),
        kept=patient,
        merged=as_id(request.POST.get("merged", "")),
    )
    said = separating.in_words(made)
    try:
        merging.unmerge(made.merged, by=request.user)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        done = f"MRN {made.merged.mrn} and MRN {patient.mrn} are two again."
        messages.success(request, " ".join([done, *said]))
    return redirect("outcomes:patient", patient.pk)


def merged(request: StaffRequest, patient: Patient, form: MergeForm) -> Patient | None:
    """The record that is kept; None where it was refused, which the form then says."""
    if not form.is_valid():
        return None
    other = visible_one(request, form.cleaned_data["other"])
    by_id = {patient.pk: patient, other.pk: other}
    kept = by_id.get(form.cleaned_data["keep"])
    if kept is None:
        form.add_error("keep", "Choose one of these two.")
        return None
    given_up = other if kept is patient else patient
    try:
        merging.merge(
            kept,
            merged=given_up,
            reason=form.cleaned_data["reason"],
            by=request.user,
        )
    except ValidationError as error:
        say(form, error)
        return None
    messages.success(
        request, f"MRN {given_up.mrn} is read as a part of MRN {kept.mrn} from now on."
    )
    return kept


def found_other(
    request: StaffRequest, patient: Patient, find: FindForm
) -> Patient | None:
    """By the MRN that was typed; a slip is said beside it."""
    if not find.is_bound or not find.is_valid():
        return None
    mrn = find.cleaned_data["mrn"].strip()
    found = related(request).with_mrn(mrn).first()
    if found is None:
        find.add_error("mrn", f"No patient of this clinic has the MRN {mrn}.")
    elif found.pk == patient.pk:
        find.add_error("mrn", "This is the same record; give the MRN of the other one.")
    elif found.merged_into is not None:
        find.add_error(
            "mrn",
            f"MRN {found.mrn} was merged into MRN {found.merged_into.mrn} already; "
            "take that one.",
        )
    return None if find.errors else found


def posted_other(request: StaffRequest, patient: Patient) -> Patient | None:
    return visible_one(request, as_id(request.POST.get("other", "")))


def visible_one(request: StaffRequest, patient_id: UUID | None) -> Patient:
    return get_object_or_404(related(request), pk=patient_id)


def related(request: StaffRequest) -> Any:
    visible = Patient.objects.visible_to(request.user)
    return visible.select_related("clinic", "merged_into")


def side_of(patient: Patient) -> Side:
    """The apps above say what they hold of it; a merge leaves all of it in place."""
    return Side(
        patient=patient,
        complaints=[str(complaint) for complaint in patient.complaints.all()],
        agreed=in_words(consents.in_force(patient)),
        withdrawn=in_words(consents.taken_back(patient)),
        also=consequences.preview("patient.merged", patient),
    )


def in_words(scopes: Collection[str]) -> list[str]:
    return [str(scope.label) for scope in Consent.Scope if scope in scopes]


def differences(one: Patient, other: Patient) -> list[str]:
    """What is not the same for one person, so that somebody looks twice."""
    compared = {
        "birth date": (one.birth_date, other.birth_date),
        "sex": (one.sex, other.sex),
        "given name": (fold(one.given_name), fold(other.given_name)),
        "family name": (fold(one.family_name), fold(other.family_name)),
    }
    return [name for name, (mine, theirs) in compared.items() if mine != theirs]


def as_id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
