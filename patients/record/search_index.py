"""Keeps the words by which a patient is found in step with the record."""

from collections.abc import Iterable

from patients.models import ContactPoint, Patient, SearchTerm


def refresh(patient: Patient) -> None:
    """Index a record, with what leads to it: its contacts and what was merged in."""
    records = Patient.objects.filter(pk__in=patient.record_ids)
    terms: set[str] = set()
    for record in records.prefetch_related("contact_points"):
        terms |= terms_of(record, record.contact_points.all())
    held = set(
        SearchTerm.objects.filter(patient=patient).values_list("term", flat=True)
    )
    if held == terms:
        return
    SearchTerm.objects.filter(patient=patient).delete()
    SearchTerm.objects.bulk_create(_rows(patient, terms))


def terms_of(patient: Patient, contacts: Iterable[ContactPoint]) -> set[str]:
    of_contacts = (contact.search_terms for contact in contacts)
    return patient.search_terms.union(*of_contacts)


def rows(patient: Patient, contacts: Iterable[ContactPoint] = ()) -> list[SearchTerm]:
    """Unsaved, for whoever adds many patients at once."""
    return _rows(patient, terms_of(patient, contacts))


def _rows(patient: Patient, terms: Iterable[str]) -> list[SearchTerm]:
    return [
        SearchTerm(patient=patient, clinic_id=patient.clinic_id, term=term)
        for term in sorted(terms)
    ]
