"""The rules as a clinic has set them; what it set is audited."""

import dataclasses
from decimal import Decimal
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction

from clinic import audit, clock
from clinic.models import Clinic, User
from outcomes.alerts import rules
from outcomes.alerts.rules import Rule
from outcomes.models import AlertRule

MOST_NUMBER, MOST_DAYS = Decimal(100), 730


def rules_of(clinic_id: UUID) -> dict[str, Rule]:
    """All of them, whether on or off."""
    own = {row.key: row for row in AlertRule.objects.filter(clinic=clinic_id)}
    return {
        key: _as_set(rule, own.get(key)) for key, rule in rules.shipped().rules.items()
    }


def _as_set(rule: Rule, own: AlertRule | None) -> Rule:
    if own is None:
        return rule
    return dataclasses.replace(
        rule,
        is_on=own.is_on or rule.is_always_on,
        number=rule.number if own.number is None else own.number,
        days=rule.days if own.days is None else own.days,
    )


def changed(
    rule: Rule, *, is_on: bool, number: Decimal | None, days: int | None
) -> Rule:
    """The rule as it would be; ValidationError names the field."""
    if rule.is_always_on and not is_on:
        raise ValidationError({"is_on": "This rule cannot be switched off."})
    _check(rule.number, number, "number", MOST_NUMBER)
    _check(rule.days, days, "days", MOST_DAYS)
    return dataclasses.replace(
        rule,
        is_on=is_on,
        number=rule.number if number is None else number,
        days=rule.days if days is None else days,
    )


def _check(
    has: Decimal | int | None,
    given: Decimal | int | None,
    name: str,
    most: Decimal | int,
) -> None:
    if given is None:
        return
    if has is None:
        raise ValidationError({name: "This rule has no such figure; leave it empty."})
    if not 0 < given <= most:
        raise ValidationError({name: f"Give a figure above 0 and up to {most}."})


@transaction.atomic
def save(
    clinic: Clinic,
    *,
    key: str,
    is_on: bool,
    number: Decimal | None = None,
    days: int | None = None,
    by: User,
) -> Rule:
    """From now on; alerts that stand are not touched."""
    before = rules_of(clinic.pk).get(key)
    if before is None:
        raise ValidationError({"key": f"There is no rule {key!r}."})
    after = changed(before, is_on=is_on, number=number, days=days)
    if after == before:
        return before
    values = {
        "is_on": after.is_on,
        "number": after.number,
        "days": after.days,
        "changed_at": clock.now(),
    }
    row, _ = AlertRule.objects.update_or_create(clinic=clinic, key=key, defaults=values)
    audit.record(
        by=by,
        action="alert_rule.changed",
        about=row,
        key=key,
        before=_facts(before),
        after=_facts(after),
    )
    return after


def _facts(rule: Rule) -> dict[str, str | bool | int | None]:
    number = None if rule.number is None else rules.figure(rule.number)
    return {"is_on": rule.is_on, "number": number, "days": rule.days}
