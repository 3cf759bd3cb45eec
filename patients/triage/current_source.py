"""The current source of many complaints at once, as Complaint.current_source of one."""

from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery

from patients.models import SourceHypothesis

Certainty = SourceHypothesis.Certainty


def annotated(
    complaints: QuerySet[Any], *, is_confirmed: bool = False
) -> QuerySet[Any]:
    """Adds `current`: the source that stands, or None; confirmed ones only if asked."""
    standing = SourceHypothesis.objects.filter(
        complaint=OuterRef("pk"), superseded_on=None
    )
    if is_confirmed:
        standing = standing.filter(certainty=Certainty.CONFIRMED)
    else:
        standing = standing.exclude(certainty=Certainty.REFUTED)
    newest = standing.order_by("-stated_on", "-pk")
    return complaints.annotate(current=Subquery(newest.values("source")[:1]))
