from typing import Any

from django import forms
from django.core.exceptions import ValidationError

SHORT_NOTE = {"rows": 3}


class DayField(forms.DateField):
    """A calendar day, typed or picked, kept as typed where it is wrong."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            input_formats=["%Y-%m-%d", "%m/%d/%Y"],
            widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
            error_messages={"invalid": "Give a day such as 03/14/1957."},
            **options,
        )


def say(form: forms.Form, error: ValidationError) -> None:
    """Put what a verb refused beside the fields it names, the rest above the form."""
    if not hasattr(error, "error_dict"):
        form.add_error(None, error)
        return
    for field, found in error.error_dict.items():
        form.add_error(field if field in form.fields else None, found)
