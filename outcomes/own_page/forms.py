from typing import Any

from django import forms

from outcomes.own_page import phrase_page
from patients.models import Patient
from patients.record import phrases


class PhraseForm(forms.Form):
    """What the patient says at the desk: one of the list, or words of their own."""

    phrase = forms.ChoiceField(label="Phrase", widget=forms.RadioSelect, required=False)
    own = forms.CharField(
        label="Words of their own",
        max_length=phrases.LONGEST,
        required=False,
        help_text="Letters, digits and spaces. Never a name, nor what hurts: whoever "
        "holds the phone can read it.",
    )

    def __init__(self, *args: Any, patient: Patient, **options: Any) -> None:
        options["initial"] = {"phrase": patient.phrase}
        super().__init__(*args, **options)
        listed = phrase_page.offered(patient, patient.language)
        choices = [*((each, each) for each in listed), ("", "No phrase")]
        self.fields["phrase"].choices = choices  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """What was typed goes before what was picked."""
        cleaned = super().clean() or {}
        typed = cleaned.pop("own", "")
        return {"phrase": typed or cleaned.get("phrase", "")}
