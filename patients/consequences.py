"""What happens elsewhere and means something to patients."""

from clinic import consequences
from clinic.audit import By
from patients.models import Patient
from patients.record.imports import runs
from patients.triage import flags


def _weigh_flags(kept: Patient, *, by: By, **_: object) -> None:
    flags.weigh_together(kept, by=by)


consequences.register("clinic.ticked", apply=runs.tend)
consequences.register("patient.merged", apply=_weigh_flags)
