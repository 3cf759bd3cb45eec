"""What the capture report counts: follow-ups, sorted by what became of each.

The list behind a number asks the same query, so the two cannot differ.
"""

from collections import Counter
from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import (
    Avg,
    Case,
    Count,
    Exists,
    F,
    FloatField,
    Func,
    IntegerField,
    Max,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Coalesce, Concat

from clinic import access
from clinic.access import Act
from clinic.models import User
from outcomes.dashboards.capture import fates
from outcomes.dashboards.capture.choices import (
    CALL,
    KNOWN_AS,
    NONE,
    SENT,
    WITHOUT_MESSAGE,
    Choices,
)
from outcomes.dashboards.capture.counts import (
    ELIGIBLE,
    Cell,
    Counts,
    Delivery,
    Fate,
    Reached,
)
from outcomes.follow_ups.planning import calendar
from outcomes.models import (
    ContactAttempt,
    FollowUp,
    Message,
)
from patients.models import Patient
from plans.models import Timepoint

State = FollowUp.State
# One step of the ladder, however often it was written: "invite", "invite-2".
REPEATED = (Message.Kind.INVITATION, Message.Kind.NEW_LINK, Message.Kind.INTAKE)
# What follow-ups that are counted together have in common.
KINDS = (
    *("label", "protocol", "provider", "language", "fate"),
    *("receipt", "said", "way", "is_called"),
)
EARLIEST = -float(calendar.BUNDLE.days)
RECEIPTS = {1: Delivery.BOUNCED, 2: Delivery.UNKNOWN, 3: Delivery.DELIVERED}


class DaysBetween(Func):
    """From the second moment to the first, in the database's own arithmetic.

    Django's own for SQLite calls back into Python for every row.
    """

    arity = 2
    output_field = FloatField()

    def as_sqlite(self, compiler: Any, connection: Any, **more: Any) -> Any:
        return self.as_sql(
            compiler,
            connection,
            template="(julianday(%(expressions)s))",
            arg_joiner=") - julianday(",
            **more,
        )

    def as_postgresql(self, compiler: Any, connection: Any, **more: Any) -> Any:
        return self.as_sql(
            compiler,
            connection,
            template="(EXTRACT(EPOCH FROM %(expressions)s)::float8 / 86400)",
            arg_joiner=" - ",
            **more,
        )


def cells(user: User, choices: Choices, today: date) -> list[Cell]:
    """One query; a cell for each kind of follow-up that occurs."""
    found = (
        annotated(user, choices, today)
        .annotate(said=_said(), way=_way(), is_called=_is_called())
        .order_by()
    )
    return [_cell(*values) for values in _grouped(found)]


def _grouped(found: QuerySet[Any]) -> list[tuple[Any, ...]]:
    """Alike follow-ups counted, each worked out once.

    Grouped in the same SELECT, SQLite works out every column a second time as the key
    of its group: that was half of what the report cost.
    """
    each = found.values_list(*KINDS, "offset_days")
    sql, values = each.query.sql_with_params()
    names = ", ".join(KINDS)
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH found AS MATERIALIZED ({sql}) "  # noqa: S608
            f"SELECT {names}, MIN(offset_days), COUNT(*) FROM found GROUP BY {names}",
            values,
        )
        return list(cursor.fetchall())


def _cell(
    timepoint: str,
    protocol: str | None,
    provider: UUID | str | None,
    language: str,
    fate: str,
    receipt: int | None,
    said: str | None,
    way: str | None,
    is_called: bool,
    day: int,
    n: int,
) -> Cell:
    return Cell(
        timepoint=timepoint,
        day=day,
        protocol=protocol or NONE,
        # SQLite keeps it without its hyphens.
        provider=str(UUID(str(provider))) if provider else NONE,
        language=language,
        channel=said.split("|")[1] if said else way or NONE,
        fate=fate,
        delivery=RECEIPTS[receipt] if receipt else Delivery.NOT_SENT,
        step=CALL if is_called else said or "",
        n=n,
    )


def totals(user: User, choices: Choices, today: date) -> tuple[Counts, Counts]:
    """Of all, and of baselines: the numbers of the report without its groups."""
    found = (
        counted(user, choices, today)
        .annotate(fate=fates.fate())
        .order_by()
        .values_list("is_baseline", "fate")
        .annotate(n=Count("pk"))
    )
    every, baselines = Counter[str](), Counter[str]()
    for is_baseline, fate, n in found:
        if fate in ELIGIBLE:
            every.update({fate: n, "eligible": n})
            baselines.update({fate: n, "eligible": n} if is_baseline else {})
    return Counts(**every), Counts(**baselines)


def reached(user: User, choices: Choices, today: date) -> list[Reached]:
    """Who was still silent when each step went; two queries."""
    eligible = counted(user, choices, today).filter(fates.is_eligible()).order_by()
    sent = (
        eligible.annotate(
            sent_at=F("request__messages__accepted_at"),
            after=DaysBetween(F("request__messages__accepted_at"), F("asked_from")),
        )
        .filter(Q(after=None) | Q(after__gte=EARLIEST), sent_at__isnull=False)
        .filter(Q(answer_at=None) | Q(sent_at__lte=F("answer_at")))
        .annotate(step=_step("request__messages__"))
        .values_list("step")
        .annotate(silent=Count("pk", distinct=True), days=Avg("after"))
    )
    called = (
        eligible.annotate(
            called_at=F("contact_attempts__at"),
            came_of_it=F("contact_attempts__outcome"),
            after=DaysBetween(F("contact_attempts__at"), F("asked_from")),
        )
        .filter(called_at__isnull=False)
        .filter(
            Q(answer_at=None)
            | Q(called_at__lte=F("answer_at"))
            | Q(came_of_it=ContactAttempt.Outcome.ANSWERED)
        )
        .aggregate(silent=Count("pk", distinct=True), days=Avg("after"))
    )
    steps = [Reached(step, silent, days or 0.0) for step, silent, days in sent]
    if called["silent"]:
        steps.append(Reached(CALL, called["silent"], called["days"] or 0.0))
    return steps


def listed(
    user: User, choices: Choices, cell: Mapping[str, str], today: date
) -> QuerySet[Any]:
    """The follow-ups that a number of the report counts."""
    found = annotated(user, choices, today)
    fate = cell.get("fate")
    if fate in [each.value for each in Fate]:
        found = found.filter(fate=fate)
    elif fate or "delivery" in cell:
        found = found.filter(fate__in=ELIGIBLE)
    delivery = cell.get("delivery")
    if delivery == SENT:
        found = found.filter(receipt__isnull=False)
    elif delivery:
        wanted = KNOWN_AS[delivery]
        found = found.filter(
            receipt=next(code for code, each in RECEIPTS.items() if each == wanted)
        )
    return _of_step(found, cell.get("step"), cell.get("silent"))


def _of_step(found: QuerySet[Any], step: str | None, silent: str | None) -> Any:
    """Those whose answer a step is credited with, or who were silent when it went."""
    if step == CALL:
        found = found.annotate(is_called=_is_called()).filter(is_called=1)
    elif step:
        said = None if step == NONE else step
        found = found.annotate(said=_said(), is_called=_is_called())
        found = found.filter(is_called=0, said=said)
    if silent == CALL:
        return found.filter(fates.is_eligible(), Exists(_calls()))
    if silent:
        of_step = _messages().annotate(step=_step()).filter(step=silent)
        return found.filter(fates.is_eligible(), Exists(of_step))
    return found


def annotated(user: User, choices: Choices, today: date) -> QuerySet[Any]:
    """The follow-ups of the period, with what became of each and of its messages."""
    return counted(user, choices, today).annotate(fate=fates.fate(), receipt=_receipt())


def counted(user: User, choices: Choices, today: date) -> QuerySet[Any]:
    """Those of the period in which the patient has a part."""
    found = of_period(user, choices, today)
    return found.exclude(who=Timepoint.Who.CLINICIAN)


def of_period(user: User, choices: Choices, today: date) -> QuerySet[Any]:
    """The follow-ups of the period, with the groups that each belongs to."""
    found: QuerySet[Any] = (
        of_clinic(user)
        .filter(
            patient__origin=Patient.Origin.CARE, closes_on__lte=choices.last_day(today)
        )
        .exclude(state=State.SUPERSEDED)
        .annotate(
            protocol=F("episode__plan__protocol__key"),
            provider=F("episode__plan__provider"),
            language=Coalesce("patient__merged_into__language", "patient__language"),
            answer_at=Coalesce("answered_at", "completed_at"),
            asked_from=Coalesce("asked_at", "request__created_at"),
        )
    )
    first = choices.first_day(today)
    if first:
        found = found.filter(closes_on__gte=first)
    return _narrowed(found, choices.narrowed)


def of_clinic(user: User) -> QuerySet[FollowUp]:
    """Who may read outcomes of groups only is given their counts, never a row."""
    found: QuerySet[FollowUp] = FollowUp.objects.visible_to(user)
    if access.can(user, Act.READ_FOLLOW_UPS) or user.membership is None:
        return found
    access.require(user, Act.READ_CAPTURE)
    return FollowUp.objects.filter(clinic=user.membership.clinic_id)


def _narrowed(found: QuerySet[Any], wanted: Mapping[str, str]) -> QuerySet[Any]:
    if "timepoint" in wanted:
        found = found.filter(label=wanted["timepoint"])
    for name in ("protocol", "provider"):
        key = wanted.get(name)
        if key:
            found = found.filter(**{name: None if key == NONE else key})
    if "language" in wanted:
        found = found.filter(language=wanted["language"])
    if "channel" in wanted:
        newest = _messages().order_by("-accepted_at", "-pk")
        by = Subquery(newest.values("channel")[:1])
        found = found.annotate(
            channel=Coalesce(by, _way(), Value(NONE)),
        ).filter(channel=wanted["channel"])
    return found


def _messages() -> QuerySet[Any]:
    """Those about a follow-up that a provider accepted before the answer."""
    after = DaysBetween(F("accepted_at"), OuterRef("asked_from"))
    return (
        Message.objects.filter(
            request=OuterRef("request"),
            accepted_at__isnull=False,
            accepted_at__lte=Coalesce(OuterRef("answer_at"), F("accepted_at")),
        )
        .annotate(after=after)
        .filter(Q(after=None) | Q(after__gte=EARLIEST))
    )


def _step(where: str = "") -> Concat:
    """Kind, channel and rung: what a step of the ladder is known by."""
    rung = Case(
        When(**{f"{where}kind__in": REPEATED}, then=Value("")),
        default=F(f"{where}rung"),
    )
    parts = (F(f"{where}kind"), Value("|"), F(f"{where}channel"), Value("|"), rung)
    return Concat(*parts)


def _said() -> Subquery:
    """The step of the last message."""
    newest = _messages().order_by("-accepted_at", "-pk")
    return Subquery(newest.annotate(step=_step()).values("step")[:1])


def _receipt() -> Subquery:
    """The best that receipts say; None where nothing was sent."""
    best = Max(
        Case(
            When(state=Message.State.DELIVERED, then=3),
            When(state=Message.State.BOUNCED, then=1),
            default=2,
            output_field=IntegerField(),
        )
    )
    found = _messages().order_by().values("request").annotate(best=best)
    return Subquery(found.values("best"))


def _way() -> Case:
    """How an answer came in, where that was not through a message."""
    by = Subquery(
        fates.sealed()
        .filter(provenance__in=list(WITHOUT_MESSAGE))
        .order_by("-revision")
        .values("provenance")[:1]
    )
    return Case(When(Q(state__in=(State.COMPLETED, State.EXPIRED)), then=by))


def _calls() -> QuerySet[ContactAttempt]:
    """Before the answer; the call that it was given in is logged a moment after."""
    was_answer = Q(outcome=ContactAttempt.Outcome.ANSWERED)
    before = Q(at__lte=Coalesce(OuterRef("answer_at"), F("at")))
    return ContactAttempt.objects.filter(was_answer | before, follow_up=OuterRef("pk"))


def _is_called() -> Case:
    """Whether a call was the last thing before the answer."""
    later = Message.objects.filter(
        request=OuterRef("follow_up__request"),
        accepted_at__gt=OuterRef("at"),
        accepted_at__lte=Coalesce(
            OuterRef("follow_up__answered_at"), OuterRef("follow_up__completed_at")
        ),
    )
    return Case(
        When(
            Q(answer_at__isnull=False) & Exists(_calls().exclude(Exists(later))),
            then=1,
        ),
        default=0,
        output_field=IntegerField(),
    )
