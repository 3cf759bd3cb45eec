"""The source ledger: where the pain may come from, judgement by judgement."""

from django.core.exceptions import ValidationError
from django.db import transaction

from clinic import audit, clock
from clinic.models import User
from patients import rows
from patients.catalogue import places
from patients.models import Complaint, Side, SourceHypothesis

By = User | audit.Actor


@transaction.atomic
def name_source(
    complaint: Complaint,
    *,
    by: By,
    source: str,
    certainty: str = SourceHypothesis.Certainty.SUSPECTED,
) -> SourceHypothesis:
    """Add to the ledger; an earlier entry for the same source is superseded, kept."""
    known = places.pain_sources().get(source)
    if known is None:
        raise ValidationError({"source": f"{source!r} is not a pain source."})
    today = clock.today(complaint.patient.time_zone)
    rows.lock_complaint(complaint)
    earlier = complaint.hypotheses.filter(source=source, superseded_on=None)
    before = list(earlier.values_list("certainty", flat=True))
    earlier.update(superseded_on=today)
    hypothesis = SourceHypothesis(
        clinic_id=complaint.clinic_id,
        complaint=complaint,
        source=source,
        side=complaint.side if known.has_side else Side.NONE,
        certainty=certainty,
        stated_on=today,
        stated_by=by if isinstance(by, User) else None,
    )
    hypothesis.full_clean(exclude=["stated_by", "superseded_on"])
    hypothesis.save()
    audit.record(
        by=by,
        action="source.named",
        about=hypothesis,
        source=source,
        before=before,
        certainty=certainty,
    )
    return hypothesis
