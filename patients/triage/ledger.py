"""The source ledger: where the pain may come from, judgement by judgement.

A judgement replaces what its author saw, or said, of the same source. What a
colleague added meanwhile was not weighed in it, and so it stands beside it.
"""

from collections.abc import Collection, Sequence
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q

from clinic import audit, clock, consequences
from clinic.audit import By
from clinic.models import User
from patients import rows
from patients.catalogue import places
from patients.models import Complaint, Side, SourceHypothesis
from patients.models.complaint import NOTE_LENGTH
from patients.triage import evidence
from patients.triage.evidence import Citation


@transaction.atomic
def name_source(
    complaint: Complaint,
    *,
    by: By,
    source: str,
    certainty: str = SourceHypothesis.Certainty.SUSPECTED,
    note: str = "",
    citations: Sequence[Citation] = (),
    seen: Collection[UUID] | None = None,
) -> SourceHypothesis:
    """Add to the ledger; an earlier entry for the same source is superseded, kept.

    `seen` are the entries that its author looked at; None means all that stand.
    """
    known = places.pain_sources().get(source)
    if known is None:
        raise ValidationError({"source": f"{source!r} is not a pain source."})
    note = note.replace("\r\n", "\n").strip()
    if len(note) > NOTE_LENGTH:
        raise ValidationError({"note": f"Use at most {NOTE_LENGTH} characters."})
    today = clock.today(complaint.patient.time_zone)
    rows.lock_complaint(complaint)
    earlier = complaint.hypotheses.filter(source=source, superseded_on=None)
    if seen is not None:
        own = Q(stated_by=by) if isinstance(by, User) else Q(pk=None)
        earlier = earlier.filter(Q(pk__in=seen) | own)
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
        note=note,
    )
    hypothesis.full_clean(exclude=["stated_by", "superseded_on"])
    hypothesis.save()
    cited = evidence.add(hypothesis, citations)
    audit.record(
        by=by,
        action="source.named",
        about=hypothesis,
        source=source,
        before=before,
        certainty=certainty,
        evidence=evidence.facts(cited),
    )
    consequences.apply("complaint.named", complaint)
    return hypothesis


def beside(hypothesis: SourceHypothesis) -> list[SourceHypothesis]:
    """Entries for the same source that its author had not seen: they stand too."""
    return list(
        SourceHypothesis.objects.filter(
            complaint=hypothesis.complaint_id,
            source=hypothesis.source,
            superseded_on=None,
        )
        .exclude(pk=hypothesis.pk)
        .select_related("stated_by")
    )
