from typing import Any

from django import forms

from plans.models import Plan
from plans.protocols import drafts

GONE = "A plan that you chose cannot be moved to this version."


class BeginForm(forms.Form):
    title = forms.CharField(
        max_length=drafts.TITLE_LENGTH, label="What is the new protocol called?"
    )


class PublishForm(forms.Form):
    change_note = forms.CharField(
        max_length=drafts.NOTE_LENGTH,
        label="What changed, and why",
        widget=forms.Textarea({"rows": 3}),
        help_text="Kept with the version, for everybody who reads it later.",
    )
    revision = forms.IntegerField(min_value=1, widget=forms.HiddenInput)


class MoveForm(forms.Form):
    """Which of the running plans go over to the new version."""

    plans = forms.ModelMultipleChoiceField(
        Plan.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": "Choose at least one plan.",
            # The library's own words repeat the id.
            "invalid_choice": GONE,
            "invalid_pk_value": GONE,
        },
    )

    def __init__(self, *args: Any, running: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["plans"].queryset = running  # type: ignore[attr-defined]
