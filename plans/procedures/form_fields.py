"""How a field of the catalogue is asked on a page."""

import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models

from clinic.forms import DayField
from plans.procedures import catalogue
from plans.procedures.catalogue_field import Field
from plans.procedures.conditions import EMPTY

SEPARATORS = re.compile(r"[\s,;]+")
# Short enough to stand side by side, so that one press chooses: letters in all.
SHORT = 24
TOO_MANY_DIGITS = ("max_digits", "max_decimal_places", "max_whole_digits")
WORDS = {"yes": True, "no": False}


class DecimalsField(forms.CharField):
    """Numbers in a row: "1500 3200" or "10, 10, 8.5"."""

    def clean(self, value: Any) -> list[Decimal]:
        text = super().clean(value)
        numbers = []
        for part in filter(None, SEPARATORS.split(text)):
            try:
                numbers.append(Decimal(part))
            except InvalidOperation:
                raise ValidationError(
                    f"“{part}” is no number; write them as 1500, 3200."
                ) from None
        return numbers

    def has_changed(self, initial: Any, data: Any) -> bool:
        words = [list(filter(None, SEPARATORS.split(t or ""))) for t in (initial, data)]
        return words[0] != words[1]


class AmountsField(forms.CharField):
    """A line for each target: "left knee joint: 4"."""

    widget = forms.Textarea

    def clean(self, value: Any) -> list[dict[str, Any]]:
        lines = [line.strip() for line in super().clean(value).splitlines()]
        return [self._amount(line) for line in lines if line]

    def _amount(self, line: str) -> dict[str, Any]:
        target, _, amount = line.rpartition(":")
        number = amount.strip().removesuffix("mL").removesuffix("ml").strip()
        try:
            ml = Decimal(number)
        except InvalidOperation:
            ml = None
        if not target.strip() or ml is None:
            raise ValidationError(f"“{line}” is no amount; write “left knee: 4”.")
        return {"target": target.strip(), "ml": ml}


def field_for(field: Field, column: "models.Field[Any, Any]") -> forms.Field:
    """Never required by the form: what is missing is named, not refused."""
    common: dict[str, Any] = {"label": field.label, "required": False}
    if field.unit and field.type not in ("choice", "several"):
        common["label"] = field.label_with_unit
    if field.type in MAKERS:
        return MAKERS[field.type](field, column, common)
    return forms.CharField(**common, max_length=column.max_length, **_area(column))


def _area(column: "models.Field[Any, Any]") -> dict[str, Any]:
    is_long = isinstance(column, models.TextField)
    return {"widget": forms.Textarea({"rows": 2})} if is_long else {}


def _choice(field: Field, _: Any, common: Mapping[str, Any]) -> forms.Field:
    choices = list(field.choices.items())
    if field.column == "side":
        return forms.ChoiceField(choices=choices, widget=forms.RadioSelect, **common)
    if sum(len(label) for _, label in choices) <= SHORT:
        return forms.ChoiceField(
            choices=[*choices, ("", "–")], widget=forms.RadioSelect, **common
        )
    return forms.ChoiceField(choices=[("", "–"), *choices], **common)


def _several(field: Field, _: Any, common: Mapping[str, Any]) -> forms.Field:
    return forms.MultipleChoiceField(
        choices=list(field.choices.items()),
        widget=forms.CheckboxSelectMultiple,
        **common,
    )


def _integer(field: Field, _: Any, common: Mapping[str, Any]) -> forms.Field:
    widget = forms.TextInput({"inputmode": "numeric", "class": "short"})
    return forms.IntegerField(widget=widget, max_value=10**6, **common)


def _decimal(field: Field, column: Any, common: Mapping[str, Any]) -> forms.Field:
    places = column.decimal_places
    digits = "1 digit" if places == 1 else f"{places} digits"
    words = f"Give {field.bounds_in_words()}, at most {digits} after the point."
    return forms.DecimalField(
        widget=forms.TextInput({"inputmode": "decimal", "class": "short"}),
        max_digits=column.max_digits,
        decimal_places=places,
        error_messages=dict.fromkeys(TOO_MANY_DIGITS, words),
        **common,
    )


def _decimals(field: Field, _: Any, common: Mapping[str, Any]) -> forms.Field:
    return DecimalsField(max_length=200, help_text="such as 10, 10, 8.5", **common)


def _amounts(field: Field, _: Any, common: Mapping[str, Any]) -> forms.Field:
    return AmountsField(
        max_length=1000,
        widget=forms.Textarea({"rows": 2}),
        help_text="A line for each target, such as “left knee joint: 4”.",
        **common,
    )


def _yes_no(field: Field, _: Any, common: Mapping[str, Any]) -> forms.Field:
    return forms.TypedChoiceField(
        choices=[("yes", "yes"), ("no", "no"), ("", "–")],
        coerce=WORDS.get,
        empty_value=None,
        widget=forms.RadioSelect,
        **common,
    )


def _time(field: Field, _: Any, common: Mapping[str, Any]) -> forms.Field:
    widget = forms.TimeInput(format="%H:%M", attrs={"type": "time", "class": "short"})
    return forms.TimeField(widget=widget, **common)


def _day(field: Field, _: Any, common: Mapping[str, Any]) -> forms.Field:
    return DayField(**common)


def _reference(field: Field, column: Any, common: Mapping[str, Any]) -> forms.Field:
    """Its rows are set by the form that knows the patient."""
    rows = column.related_model._default_manager.none()
    return forms.ModelChoiceField(rows, empty_label="–", **common)


MAKERS = {
    "choice": _choice,
    "several": _several,
    "integer": _integer,
    "decimal": _decimal,
    "decimals": _decimals,
    "amounts": _amounts,
    "yes_no": _yes_no,
    "time": _time,
    "date": _day,
    "reference": _reference,
}


def as_initial(field: Field, value: Any) -> Any:
    """A stored value as its form field shows it."""
    if value in EMPTY:
        return None
    if field.type == "yes_no":
        return "yes" if value else "no"
    if field.type == "decimals":
        return ", ".join(catalogue.plain(each) for each in value)
    if field.type == "amounts":
        lines = [f"{each['target']}: {catalogue.plain(each['ml'])}" for each in value]
        return "\n".join(lines)
    return catalogue.plain(value) if isinstance(value, Decimal) else value


def as_posted(field: Field, value: Any) -> list[str]:
    """The same as the values that its controls would send."""
    shown = as_initial(field, value)
    if shown is None:
        return []
    return [str(one) for one in (shown if isinstance(shown, list) else [shown])]
