"""The exposure timeline of complaints as it stands in the database."""

from collections import defaultdict
from collections.abc import Iterable
from uuid import UUID

from plans.course.exposure import Exposure
from plans.models import Intervention, Modality, ProtocolStep, TreatmentElsewhere


def of_complaints(complaint_ids: Iterable[UUID]) -> dict[UUID, list[Exposure]]:
    """All that was performed or reported, by complaint; two queries in all."""
    ids = list(complaint_ids)
    found: dict[UUID, list[Exposure]] = defaultdict(list)
    performed = Intervention.objects.filter(
        plan__complaint__in=ids, status=Intervention.Status.PERFORMED
    )
    for row in performed.select_related("plan", "step").order_by("performed_on", "pk"):
        if row.performed_on is not None:
            found[row.plan.complaint_id].append(of_intervention(row))
    elsewhere = TreatmentElsewhere.objects.filter(
        complaint__in=ids, status=TreatmentElsewhere.Status.REPORTED
    )
    for other in elsewhere:
        found[other.complaint_id].append(of_elsewhere(other))
    return found


def of_elsewhere(treatment: TreatmentElsewhere) -> Exposure:
    return Exposure(
        key=treatment.pk,
        plan=None,
        course=0,
        label=f"elsewhere: {treatment.what}",
        modality=treatment.modality,
        on=treatment.began_on,
    )


def of_intervention(row: Intervention) -> Exposure:
    """One that was performed."""
    if row.performed_on is None:
        raise ValueError("only what was performed is an exposure")
    return Exposure(
        key=row.pk,
        plan=row.plan_id,
        course=row.course,
        label=row.title,
        modality=row.modality,
        on=row.performed_on,
        is_index=row.is_index,
        in_series=_is_in_series_of_day_0(row),
        is_review=is_review(row),
    )


def _is_in_series_of_day_0(row: Intervention) -> bool:
    """Not any series: several injections beside therapy are no part of its day 0."""
    if row.series_number is None:
        return False
    return row.step is None or row.step.is_index


def is_review(row: Intervention) -> bool:
    """Of therapy not: where sessions were recorded of its review, it was a course."""
    is_therapy = row.modality == Modality.PHYSICAL_THERAPY
    is_named_so = row.step is not None and row.step.key in ProtocolStep.REVIEWS
    return is_named_so and not is_therapy
