"""Follow-ups that were answered after their window had closed."""

from django.db.models import Exists, OuterRef, QuerySet

from outcomes.models import FollowUp, Provenance, Response


def told_apart(rows: QuerySet[FollowUp]) -> QuerySet[FollowUp]:
    """Their state stays expired, for the answer is late; to say "missed" is wrong."""
    sealed = Response.objects.filter(
        follow_up=OuterRef("pk"), state=Response.State.SEALED
    ).exclude(provenance=Provenance.CLINIC)
    return rows.annotate(is_answered_late=Exists(sealed))
