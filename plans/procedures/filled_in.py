"""What somebody filled in to a form, in words: kept in sight where it is not saved."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, NamedTuple

from django import forms
from django.forms.boundfield import BoundField

from clinic import clock
from plans.cautions import forms as caution_forms
from plans.procedures.conditions import EMPTY
from plans.procedures.forms import LOT_PARTS, PerformForm


class Line(NamedTuple):
    label: str
    words: str


def lines(form: PerformForm, posted: Mapping[str, Any]) -> list[Line]:
    """Each field that was filled in, in the order of the page; nothing unless sent."""
    if not form.is_bound:
        return []
    reasons = caution_forms.reasons(posted).values()
    found = [
        *(Line(str(bound.label), in_words(bound)) for bound in _answers(form)),
        *(Line("Kit or lot", words) for words in _lots(form)),
        Line("Note", in_words(form["detail"])),
        *(Line("Why you went on", reason.strip()) for reason in reasons),
    ]
    return [line for line in found if line.words]


def in_words(bound: BoundField) -> str:
    """What was sent: a choice by its label, the rest as it was typed."""
    value, field = bound.value(), bound.field
    if value in EMPTY:
        return ""
    if isinstance(field, forms.ModelChoiceField | forms.ChoiceField):
        return _chosen(field.choices, value)
    if isinstance(field, forms.DateField):
        return _day(field, value)
    return str(value).strip()


def _chosen(choices: Any, value: Any) -> str:
    sent = {str(one) for one in (value if isinstance(value, list) else [value])}
    return ", ".join(str(label) for key, label in choices if str(key) in sent - {""})


def _day(field: forms.DateField, value: Any) -> str:
    try:
        day = field.to_python(value)
    except forms.ValidationError:
        return str(value).strip()
    return clock.in_words(day) if isinstance(day, date) else ""


def _answers(form: PerformForm) -> Iterator[BoundField]:
    yield form["performed_on"]
    for section in form.sections:
        yield from (asked.bound for asked in [*section.main, *section.more])


def _lots(form: PerformForm) -> Iterator[str]:
    """One line for each label; a kind alone was offered and not filled in."""
    for number in form.lot_rows:
        kind, *said = [in_words(form[f"lot-{number}-{part}"]) for part in LOT_PARTS]
        if any(said):
            yield ", ".join(filter(None, [kind, *said]))
