"""When asking pauses or stops: each act has a form of its own on one page."""

from django import forms

from clinic.forms import DayField
from patients.models import Patient
from patients.record import leaving
from patients.record.forms.identity import worded

UNSAID = [("", "Choose")]


class HoldForm(forms.Form):
    hold_until = DayField(
        label="On hold until", help_text="The last day; the next day asking goes on."
    )
    hold_reason = forms.CharField(
        label="Why",
        max_length=Patient._meta.get_field("hold_reason").max_length,
        help_text="Such as: travels until spring.",
    )


class NothingForm(forms.Form):
    """An act that needs no more than the press."""


class WithdrawForm(forms.Form):
    withdrawn_on = DayField(
        label="Withdrew on", required=False, help_text="Left empty, today."
    )
    reason = forms.ChoiceField(
        label="Why", choices=[*UNSAID, *worded(leaving.WithdrawalReason)]
    )


class ReturnForm(forms.Form):
    reason = forms.ChoiceField(
        label="Why", choices=[*UNSAID, *worded(leaving.ReturnReason)]
    )


class DeathForm(forms.Form):
    deceased_on = DayField(
        label="Died on", required=False, help_text="Left empty, today."
    )


class ReversalForm(forms.Form):
    reason = forms.ChoiceField(
        label="Why", choices=[*UNSAID, *worded(leaving.ReversalReason)]
    )
