"""An appointment as a file tells it, before anybody looked who that is here."""

from dataclasses import dataclass
from datetime import datetime

from patients.models import Appointment


@dataclass(frozen=True, slots=True)
class Draft:
    """What is empty was not said, and takes nothing away from what is known."""

    identifier: str
    mrn: str
    starts_at: datetime
    ends_at: datetime | None = None
    status: str = ""
    kind: str = ""
    description: str = ""
    location: str = ""
    # A name or an e-mail address.
    practitioner: str = ""
    # The clinic that the row itself names.
    clinic: str = ""

    @property
    def kind_or_visit(self) -> str:
        return self.kind or Appointment.Kind.VISIT
