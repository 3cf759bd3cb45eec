from django import forms

from patients.models import PatientMerge


class FindForm(forms.Form):
    """The other record, named by its MRN."""

    mrn = forms.CharField(label="MRN of the other record", max_length=40)


class MergeForm(forms.Form):
    other = forms.UUIDField(widget=forms.HiddenInput)
    keep = forms.UUIDField(
        error_messages={"required": "Choose which record is kept."},
    )
    reason = forms.CharField(
        label="How do you know that it is one person?",
        max_length=PatientMerge._meta.get_field("reason").max_length,
        help_text="Such as: same insurance card, asked the patient.",
    )
