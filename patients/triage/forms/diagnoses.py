from typing import Any

from django import forms

from patients.models import Complaint, Diagnosis
from patients.triage import code_checks, diagnoses, reasons

SIDES = (("left", "left"), ("right", "right"), ("none", "no side"))


class DiagnosisForm(forms.Form):
    code = forms.CharField(
        max_length=20,
        error_messages={"required": "Choose a code: press Record beside it."},
    )
    title = forms.CharField(max_length=255, required=False, label="What it is called")
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
    side = forms.ChoiceField(
        choices=SIDES,
        required=False,
        widget=forms.RadioSelect,
        label="On which side?",
        help_text="A code with a side of its own says it itself.",
    )
    is_other_side = forms.BooleanField(
        required=False, label="This is really about the other side."
    )
    is_unrelated = forms.BooleanField(
        required=False, label="The two conditions have nothing to do with each other."
    )

    def __init__(self, *args: Any, complaint: Complaint, **more: Any) -> None:
        super().__init__(*args, **{**more, "initial": {"side": complaint.side}})

    @property
    def asks(self) -> set[str]:
        """What would lift a refusal: a tick that the page then offers."""
        found = {
            str(error.code)
            for errors in self.errors.as_data().values()
            for error in errors
        }
        ticked = {
            code_checks.OTHER_SIDE: self["is_other_side"].value(),
            code_checks.UNRELATED: self["is_unrelated"].value(),
        }
        return {name for name, on in ticked.items() if on or name in found}


def spelled(choices: list[tuple[str, str]]) -> list[tuple[str, str]]:
    return [(value, label.capitalize()) for value, label in choices]


class RevisionForm(forms.Form):
    """A diagnosis as it was found, and what is to change.

    What the page showed comes back with it, as initial-certainty and so on: a page
    that was open before a colleague's change must not take that back.
    """

    certainty = forms.ChoiceField(
        choices=lambda: spelled(Diagnosis.Certainty.choices), label="How sure is it?"
    )
    role = forms.ChoiceField(
        choices=lambda: spelled(Diagnosis.Role.choices), label="What does it name?"
    )
    status = forms.ChoiceField(
        choices=lambda: spelled(Diagnosis.Status.choices), label="Status"
    )
    reason = forms.CharField(
        max_length=reasons.LENGTH,
        required=False,
        label="Why?",
        help_text="Needed where it was entered in error.",
        widget=forms.TextInput({"autocomplete": "off"}),
    )
    is_unrelated = forms.BooleanField(
        required=False, label="It has nothing to do with what excludes it."
    )

    def __init__(self, *args: Any, diagnosis: Diagnosis, **more: Any) -> None:
        initial = diagnoses.form_of(diagnosis)
        more = {"auto_id": f"id_{diagnosis.pk}_%s", **more, "initial": initial}
        super().__init__(*args, **more)
        for name in diagnoses.REVISED:
            self.fields[name].required = False

    @property
    def is_excluded(self) -> bool:
        return any(
            error.code == code_checks.UNRELATED
            for errors in self.errors.as_data().values()
            for error in errors
        )

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        given["seen"] = {
            name: self.data[f"initial-{name}"]
            for name in diagnoses.REVISED
            if f"initial-{name}" in self.data
        }
        for name in diagnoses.REVISED:
            if not given.get(name):
                given.pop(name, None)
        return given
