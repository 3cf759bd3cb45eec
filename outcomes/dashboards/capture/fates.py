"""What became of a follow-up, as the database works it out."""

from django.db.models import Case, Exists, F, OuterRef, Q, QuerySet, Value, When

from outcomes.dashboards.capture.counts import Fate
from outcomes.follow_ups import worklist
from outcomes.follow_ups.planning import calendar
from outcomes.models import Answer, FollowUp, Provenance, Response

State = FollowUp.State
UNASKED = (calendar.NEVER_ASKED, calendar.ON_HOLD)


def sealed() -> QuerySet[Response]:
    """The patient's; what staff found in the clinic is no answer."""
    return Response.objects.filter(
        follow_up=OuterRef("pk"), state=Response.State.SEALED
    ).exclude(provenance=Provenance.CLINIC)


def fate() -> Case:
    """What became of a follow-up, as a column; the first that holds is it."""
    is_late = Exists(sealed().filter(answered_on__gt=OuterRef("closes_on")))
    is_begun = Exists(
        Answer.objects.filter(
            response__follow_up=OuterRef("pk"), response__state=Response.State.OPEN
        )
    )
    is_expired = Q(state=State.EXPIRED)
    has_answered = Q(state=State.COMPLETED) | Q(answered_at__isnull=False)
    whens = [
        (_never_asked(), Fate.NEVER_ASKED),
        (_on_hold(), Fate.ON_HOLD),
        (~Q(state=State.COMPLETED) & Q(answered_at__isnull=False) & is_late, Fate.LATE),
        (has_answered & Q(request__is_rescue=True), Fate.PARTIAL),
        (has_answered, Fate.ANSWERED),
        (_left("deceased_on"), Fate.DIED),
        (_left("withdrawn_on"), Fate.WITHDREW),
        (Q(state=State.CANCELLED), Fate.CANCELLED),
        (is_expired & is_late, Fate.LATE),
        (is_expired & is_begun, Fate.PARTIAL),
        (is_expired, Fate.MISSED),
    ]
    return Case(
        *(When(condition, then=Value(one.value)) for condition, one in whens),
        default=Value(Fate.NOT_OVER.value),
    )


def _never_asked() -> Q:
    return Q(state=State.EXPIRED, state_reason=calendar.NEVER_ASKED)


def _on_hold() -> Q:
    return Q(state=State.EXPIRED, state_reason=calendar.ON_HOLD)


def _left(column: str) -> Q:
    """In care no more on the day of its close."""
    return worklist.of_person(**{f"{column}__lte": F("closes_on")})


def is_eligible() -> Q:
    """The same as one of the first four fates, without asking for responses."""
    has_answered = Q(state=State.COMPLETED) | Q(answered_at__isnull=False)
    return _was_asked() & (has_answered | (Q(state=State.EXPIRED) & _stayed()))


def is_of_care() -> Q:
    """Of a window that closed: it was meant for a patient who was still in care."""
    return _was_asked() & _stayed()


def _was_asked() -> Q:
    return ~Q(state=State.EXPIRED, state_reason__in=UNASKED)


def _stayed() -> Q:
    return ~_left("deceased_on") & ~_left("withdrawn_on")
