"""Whose patients the first page is about: one's own, or the whole clinic's."""

from enum import StrEnum
from typing import TypeVar

from django.core.exceptions import ValidationError
from django.db.models import Exists, Model, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce

from clinic.access import Role
from clinic.models import User
from patients.models import Complaint, Evaluation
from plans.models import Plan

Row = TypeVar("Row", bound=Model)


class Whose(StrEnum):
    MINE = "mine"
    ALL = "all"


def is_provider(user: User) -> bool:
    return user.membership is not None and Role.PROVIDER in user.membership.roles


def asked(text: str, user: User) -> Whose:
    """Who treats has patients of their own; ValidationError for another word."""
    if text not in ("", *Whose):
        raise ValidationError("Whose patients: mine or all.")
    if not is_provider(user):
        return Whose.ALL
    return Whose(text) if text else Whose.MINE


def of(rows: QuerySet[Row], user: User, whose: Whose) -> QuerySet[Row]:
    """Of rows that have a `patient` those of one's own patients, where asked for.

    Whose plan one is the provider of, or whose complaint one examined; whatever
    record of the same person the plan or the row hangs on.
    """
    return rows if whose == Whose.ALL else rows.filter(_own(user))


def of_or_nobodys(rows: QuerySet[Row], user: User, whose: Whose) -> QuerySet[Row]:
    """Those of patients whom no provider treats or has examined as well: what cannot
    wait is in somebody's sight.
    """
    if whose == Whose.ALL:
        return rows
    planned = _plans(user).filter(provider__isnull=False)
    signed = _evaluations(user).filter(signed_by__isnull=False)
    person, kept = OuterRef("patient"), OuterRef("patient__merged_into")
    of_person = Q(patient=person) | Q(patient__merged_into=person)
    of_kept = Q(patient=kept) | Q(patient__merged_into=kept)
    treated = _complaints(user, planned, signed).filter(of_person | of_kept)
    return rows.filter(_own(user) | ~Exists(treated))


def _own(user: User) -> Q:
    planned = _plans(user).filter(provider=user)
    examined = _evaluations(user).filter(Q(started_by=user) | Q(signed_by=user))
    complaints = _complaints(user, planned, examined)
    people = complaints.values(person=Coalesce("patient__merged_into", "patient"))
    return Q(patient__in=people) | Q(patient__merged_into__in=people)


def _plans(user: User) -> QuerySet[Plan]:
    visible: QuerySet[Plan] = Plan.objects.visible_to(user)
    return visible.exclude(status=Plan.Status.ENTERED_IN_ERROR)


def _evaluations(user: User) -> QuerySet[Evaluation]:
    visible: QuerySet[Evaluation] = Evaluation.objects.visible_to(user)
    return visible.exclude(state=Evaluation.State.ENTERED_IN_ERROR)


def _complaints(
    user: User, planned: QuerySet[Plan], examined: QuerySet[Evaluation]
) -> QuerySet[Complaint]:
    visible: QuerySet[Complaint] = Complaint.objects.visible_to(user)
    return visible.filter(
        Q(pk__in=planned.values("complaint")) | Q(pk__in=examined.values("complaint"))
    )
