from typing import Any

from django import forms

from clinic.forms import SHORT_NOTE
from plans.course import partial_days
from plans.models import Modality


class ElsewhereForm(forms.Form):
    what = forms.CharField(
        label="What was done",
        max_length=120,
        help_text="Such as “cortisone injection, knee”, and where.",
    )
    modality = forms.ChoiceField(label="Kind", choices=Modality, initial=Modality.OTHER)
    began_on = forms.CharField(
        label="When",
        max_length=20,
        help_text=f"As exactly as it is known: {partial_days.EXAMPLES}.",
    )
    note = forms.CharField(
        max_length=300, required=False, widget=forms.Textarea(SHORT_NOTE)
    )

    def clean_began_on(self) -> str:
        text = self.cleaned_data["began_on"]
        if partial_days.parse(text) is None:
            raise forms.ValidationError(
                f"Give a day, a month or a year: {partial_days.EXAMPLES}."
            )
        return text

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        found = partial_days.parse(given.get("began_on", ""))
        if found is not None:
            given["began_on"], given["precision"] = found
        return given
