"""The intakes of a patient's open survey as they stand: screens, and what was said."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from outcomes.intake import steps
from outcomes.intake.screens import Person
from outcomes.intake.steps import Asked, Given, Step
from outcomes.models import Intake, SurveyRequest
from patients.triage import flag_baselines


@dataclass(frozen=True, slots=True)
class Sheet:
    steps: Sequence[Step]
    given: Given
    intakes: Mapping[UUID, Intake]

    @property
    def total(self) -> int:
        return len(self.steps)

    @property
    def first_unanswered(self) -> int | None:
        """Its number, counted from 1; None where nothing is left, or nothing asked."""
        return steps.first_unanswered(self.steps, self.given)


def read(request: SurveyRequest, *, at: datetime) -> Sheet:
    """One query where no intake is open, else two."""
    intakes = list(
        Intake.objects.filter(request=request, state__in=Intake.OPEN, closes_at__gt=at)
        .select_related("evaluation__complaint__patient__clinic")
        .order_by("pk")
    )
    if not intakes:
        return Sheet((), {}, {})
    # With their clinic, which the request's own patient comes without.
    patient = intakes[0].evaluation.complaint.patient
    given = {intake.pk: intake.answers for intake in intakes}
    composed = steps.compose(
        [_asked(intake) for intake in intakes],
        Person(patient.sex, patient.age),
        {flag: b.stands_since for flag, b in flag_baselines.standing(patient).items()},
        given,
    )
    return Sheet(composed, given, {intake.pk: intake for intake in intakes})


def _asked(intake: Intake) -> Asked:
    complaint = intake.evaluation.complaint
    return Asked(intake.pk, complaint.pain_site, complaint.side)
