"""What staff type about tablets."""

from typing import Any

from django import forms

from clinic.models import Location
from outcomes.in_clinic import tablets


class TabletForm(forms.Form):
    name = forms.CharField(
        max_length=tablets.NAME_LENGTH,
        help_text="As it says on its back, such as: Front desk 1.",
        error_messages={"required": "Give the tablet a name."},
    )
    location = forms.ModelChoiceField(
        label="Where",
        queryset=Location.objects.none(),
        required=False,
        empty_label="no place of its own",
    )

    def __init__(self, *args: Any, locations: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["location"].queryset = locations  # type: ignore[attr-defined]
