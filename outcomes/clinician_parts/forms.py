"""What only a person can say of an examination, as a form: a field a part."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django import forms
from django.forms import BoundField

from clinic.forms import DayField
from outcomes.clinician_parts import catalogue, recording
from outcomes.clinician_parts.catalogue import How, Part
from outcomes.clinician_parts.sheet import Sheet

# As many steps as there are keys under a hand.
TAPS = 11


class ExaminationForm(forms.Form):
    examined_on = DayField(label="Day of the visit")

    def __init__(
        self,
        *args: Any,
        sheet: Sheet,
        held: Mapping[str, Decimal] | None = None,
        **options: Any,
    ) -> None:
        super().__init__(*args, **options)
        self.sheet, held = sheet, held or {}
        for part in sheet.asked:
            self.fields[part.key] = field_of(part, _initial(sheet, part, held))
        if catalogue.READ_AT_A_TIME & self.fields.keys():
            self.fields["read_at"] = forms.TimeField(
                label="Time of the reading",
                widget=forms.TimeInput(format="%H:%M", attrs={"type": "time"}),
                error_messages={
                    "required": "Enter the time at which it was asked.",
                    "invalid": "Enter a time such as 14:05.",
                },
            )
        if sheet.follow_up.is_examined:
            self.fields["reason"] = forms.CharField(
                label="Why it is corrected",
                max_length=recording.REASON_LENGTH,
                error_messages={"required": "Say why it is corrected."},
            )

    @property
    def rows(self) -> list[tuple[BoundField, str]]:
        """Each field of a part with how it is drawn."""
        return [(self[part.key], drawn(part)) for part in self.sheet.asked]

    @property
    def taken(self) -> dict[str, Any]:
        """What the verb takes."""
        given = self.cleaned_data
        told = {part.key: number(given[part.key]) for part in self.sheet.asked}
        return {
            "values": {key: value for key, value in told.items() if value is not None},
            "examined_on": given["examined_on"],
            "read_at": given.get("read_at"),
            "reason": given.get("reason", ""),
        }


def _initial(
    sheet: Sheet, part: Part, held: Mapping[str, Decimal]
) -> Decimal | str | None:
    proposed = sheet.known.get(part.key)
    value = held.get(part.key, proposed.value if proposed else None)
    return None if value is None else f"{value.normalize():f}"


def drawn(part: Part) -> str:
    if part.how == How.NUMBER:
        return "taps" if _has_taps(part) else "field"
    return "field" if part.how == How.EVENTS else "choices"


def _has_taps(part: Part) -> bool:
    return (part.low, part.high) == (0, TAPS - 1)


def field_of(part: Part, initial: Any) -> forms.Field:
    if part.how == How.EVENTS:
        return forms.BooleanField(
            label=f"{part.name}: none",
            required=part.is_required,
            initial=initial is not None,
            error_messages={"required": "Tick it, or put the event on the ledger."},
        )
    if part.how == How.CHOICE or _has_taps(part):
        numbers = {number: str(number) for number in range(TAPS)}
        steps = part.steps if part.how == How.CHOICE else numbers
        return forms.ChoiceField(
            label=part.name,
            choices=[(str(value), words) for value, words in steps.items()],
            required=part.is_required,
            initial=initial,
            widget=forms.RadioSelect,
            error_messages={"required": "Choose an answer."},
        )
    return forms.DecimalField(
        label=labelled(part),
        required=part.is_required,
        initial=initial,
        max_digits=6,
        decimal_places=2,
        min_value=part.low,
        max_value=part.high,
        error_messages={"required": "Enter what was found."},
    )


def labelled(part: Part) -> str:
    """With its unit, where the name does not say it already."""
    is_said = not part.unit or part.unit in part.name
    return part.name if is_said else f"{part.name}, {part.unit}"


def number(given: Any) -> Decimal | None:
    """A tick says that there was none: 0."""
    if given is True:
        return Decimal(catalogue.NONE)
    return None if given in ("", None, False) else Decimal(given)
