"""What starting a plan would do, before anything is saved."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from clinic import clock, consequences
from patients.models import Complaint
from plans.course import planned, schedule_preview, starting
from plans.course.schedule_preview import Asking, Invitations
from plans.models import Anchor, Plan, Protocol


@dataclass(frozen=True, slots=True)
class StartPreview:
    chosen: Protocol
    anchor_on: date
    consequences: Sequence[str]
    askings: Sequence[Asking]
    invitations: Invitations

    @property
    def waits(self) -> bool:
        """All but the baseline is asked only once the procedure is recorded."""
        return self.chosen.anchor == Anchor.INDEX_PROCEDURE


def of(
    complaint: Complaint,
    *,
    protocol: Protocol,
    started_on: date,
    procedure_on: date | None = None,
    **_: object,
) -> StartPreview:
    """Raises what `starting.start` would raise for the same."""
    starting.check_start(complaint, protocol, started_on, procedure_on)
    anchor_on = planned.anchor_day(protocol, started_on, procedure_on)
    draft = Plan(
        clinic_id=complaint.clinic_id,
        complaint=complaint,
        protocol=protocol,
        started_on=started_on,
    )
    asked = schedule_preview.askings(
        protocol.timepoints.all(),
        anchor_on=anchor_on,
        today=clock.today(complaint.patient.time_zone),
    )
    return StartPreview(
        chosen=protocol,
        anchor_on=anchor_on,
        consequences=consequences.preview(
            "plan.started", draft, procedure_on=procedure_on
        ),
        askings=asked,
        invitations=schedule_preview.invitations(asked),
    )
