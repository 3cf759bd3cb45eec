from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from clinic.forms import SHORT_NOTE, DayField
from patients.catalogue import places
from patients.models import Diagnosis, SourceHypothesis

BOTH_SIDES = "both"
SIDES = (
    ("left", "Left"),
    ("right", "Right"),
    (BOTH_SIDES, "Both sides: makes two complaints"),
)


class ComplaintForm(forms.Form):
    pain_site = forms.ChoiceField(
        label="Where does it hurt?",
        choices=lambda: [("", "Choose a place"), *places.site_choices()],
    )
    side = forms.ChoiceField(
        choices=SIDES,
        required=False,
        widget=forms.RadioSelect,
        help_text="Neck and back have no side: leave it empty.",
    )
    onset_on = DayField(
        label="When did it begin?", required=False, help_text="A guess will do."
    )
    note = forms.CharField(
        max_length=4000,
        required=False,
        widget=forms.Textarea(SHORT_NOTE),
        help_text="In the patient's words.",
    )
    suspected_source = forms.ChoiceField(
        label="Where may it come from?",
        # An empty choice says "unknown" without an entry in the ledger.
        choices=lambda: [("", "Not known yet"), *named_sources()],
        required=False,
        help_text="Suspected, until evidence says more. It can be named later.",
    )

    def __init__(self, *args: Any, names_source: bool, **options: Any) -> None:
        super().__init__(*args, **options)
        if not names_source:
            del self.fields["suspected_source"]

    def clean_side(self) -> str:
        side = self.cleaned_data["side"]
        if side == BOTH_SIDES:
            raise ValidationError(
                "Each side has its own course, so pain on both sides makes two "
                "complaints: save the left one now, then open one for the right."
            )
        return side or "none"


class SourceForm(forms.Form):
    source = forms.ChoiceField(
        label="Where may it come from?",
        choices=lambda: [("", "Choose a source"), *places.source_choices()],
    )
    certainty = forms.ChoiceField(
        choices=SourceHypothesis.Certainty,
        initial=SourceHypothesis.Certainty.SUSPECTED,
        widget=forms.RadioSelect,
        label="How sure is it?",
    )


class DiagnosisForm(forms.Form):
    code = forms.CharField(
        max_length=20,
        error_messages={"required": "Choose a code: press Record beside it."},
    )
    role = forms.ChoiceField(
        choices=Diagnosis.Role,
        initial=Diagnosis.Role.SOURCE,
        widget=forms.RadioSelect,
        label="What does it name?",
    )
    certainty = forms.ChoiceField(
        choices=Diagnosis.Certainty,
        initial=Diagnosis.Certainty.SUSPECTED,
        widget=forms.RadioSelect,
        label="How sure is it?",
    )


def named_sources() -> list[Any]:
    unknown = places.GROUPS["unknown"]
    return [group for group in places.source_choices() if group[0] != unknown]
