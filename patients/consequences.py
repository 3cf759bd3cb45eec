"""What happens elsewhere and means something to patients."""

from clinic import consequences
from patients.record.imports import runs

consequences.register("clinic.ticked", apply=runs.tend)
