"""What a change of a patient asks first: the row as it stands, and whose turn it is."""

from django.core.exceptions import ValidationError

from patients.models import Patient


def hold_row(patient: Patient) -> None:
    """Reads what is stored now, which stays so until the transaction ends.

    SQLite has one writer and needs no lock.
    """
    stored = Patient.objects.select_for_update(of=("self",), no_key=True)
    patient.refresh_from_db(from_queryset=stored.select_related("clinic"))


def hold_to_change(patient: Patient) -> None:
    """The same, and refuses a record that is read as another one."""
    hold_row(patient)
    if patient.merged_into_id is not None:
        raise ValidationError(
            f"This record was merged into MRN {patient.kept.mrn}; change that one."
        )
