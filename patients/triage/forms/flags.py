from django import forms

from clinic.forms import SHORT_NOTE, DayField
from patients.catalogue import red_flags
from patients.triage import flag_baselines, flags


class ActionForm(forms.Form):
    """The first action on a red flag."""

    action = forms.CharField(
        label="What was done?",
        max_length=flags.NOTE_LENGTH,
        widget=forms.Textarea(SHORT_NOTE),
        help_text="Such as: called the patient, sent to the emergency department.",
    )


class NoteForm(forms.Form):
    """What else was done, or how it ended."""

    note = forms.CharField(
        label="What else was done, or how did it end?",
        max_length=flags.NOTE_LENGTH,
        widget=forms.Textarea(SHORT_NOTE),
        help_text="Such as: MRI clear, seen by the spine surgeon.",
    )


class BaselineForm(forms.Form):
    flag = forms.ChoiceField(
        label="What has long been so?",
        choices=lambda: [("", "Choose one"), *usual_states()],
    )
    stands_since = DayField(label="Since when?")
    note = forms.CharField(
        label="How is it?",
        max_length=flag_baselines.NOTE_LENGTH,
        widget=forms.Textarea(SHORT_NOTE),
        help_text="So exactly that a change can be told, such as: leaks a little when "
        "coughing, since childbirth; feels and starts urine normally.",
    )


def usual_states() -> list[tuple[str, str]]:
    """The flags that somebody may have had for years without being in danger."""
    return [
        (rule.key, rule.finding[0].upper() + rule.finding[1:])
        for rule in red_flags.red_flags().values()
        if rule.has_baseline
    ]
