"""What the clinic writes back to whoever sent the patient."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from clinic import access, audit, clock
from clinic.access import Act
from clinic.models import User
from patients.models import (
    Complaint,
    Diagnosis,
    Evaluation,
    Evidence,
    OutsideClinician,
    Patient,
    SourceHypothesis,
)


@dataclass(frozen=True, slots=True)
class Letter:
    """All that the letter says, read already."""

    complaint: Complaint
    referrer: OutsideClinician | None
    evaluation: Evaluation | None
    ledger: Sequence[SourceHypothesis]
    diagnoses: Sequence[Diagnosis]
    plan_titles: Sequence[str]
    written_on: date

    @property
    def patient(self) -> Patient:
        """The record that is kept, where the complaint's own was merged into it."""
        return self.complaint.patient.kept

    @property
    def source(self) -> SourceHypothesis | None:
        """As on every page: the newest entry that is neither replaced nor refuted."""
        return self.complaint.current_source

    @property
    def others(self) -> list[SourceHypothesis]:
        """The last word on each source that was thought of besides."""
        latest = [h for h in self.ledger if h.superseded_on is None]
        return [h for h in latest if h != self.source]

    @property
    def findings_for(self) -> list[str]:
        return self._cited(Evidence.Stance.FOR)

    @property
    def findings_against(self) -> list[str]:
        return self._cited(Evidence.Stance.AGAINST)

    @property
    def signer(self) -> User | None:
        return self.evaluation.signed_by if self.evaluation else None

    @property
    def is_draft(self) -> bool:
        return self.signer is None

    @property
    def weakness(self) -> Complaint | None:
        """Whose clock runs."""
        return self.complaint if self.complaint.is_clock_running else None

    def _cited(self, stance: str) -> list[str]:
        if self.source is None:
            return []
        return [
            each.label
            for each in self.source.evidence.all()
            if each.stance == stance and not each.is_withdrawn
        ]


def write(complaint: Complaint, *, by: User) -> Letter:
    """What the letter says, and kept that it was read.

    The complaint must have come with its ledger and the evidence prefetched.
    """
    audit.record(by=by, action="letter.read", about=complaint)
    return load(complaint, by)


def load(complaint: Complaint, user: User) -> Letter:
    sent = OutsideClinician.objects.visible_to(user).filter(
        patient=complaint.patient.kept, role=OutsideClinician.Role.REFERRER
    )
    signed = Evaluation.objects.visible_to(user).filter(
        complaint=complaint, state=Evaluation.State.SIGNED
    )
    found = Diagnosis.objects.visible_to(user).filter(
        complaint=complaint, status=Diagnosis.Status.ACTIVE
    )
    return Letter(
        complaint=complaint,
        referrer=sent.first(),
        evaluation=signed.select_related("signed_by").first(),
        ledger=list(complaint.hypotheses.all()),
        diagnoses=list(found.exclude(certainty=Diagnosis.Certainty.REFUTED)),
        plan_titles=_plan_titles(complaint, user),
        written_on=clock.today(complaint.patient.clinic.zone),
    )


def _plan_titles(complaint: Complaint, user: User) -> list[str]:
    if not access.can(user, Act.READ_PLANS):
        return []
    # By name: the plans app stands above this one.
    return [plan.title for plan in complaint.plans.filter(status="active")]
