from django import forms

from clinic.forms import SHORT_NOTE
from outcomes.follow_ups.guard import releasing


class PauseForm(forms.Form):
    reason = forms.CharField(
        label="Why",
        max_length=200,
        widget=forms.Textarea(attrs=SHORT_NOTE),
        help_text="Every colleague reads it. No names of patients.",
    )


class ReleaseForm(forms.Form):
    spread = forms.TypedChoiceField(
        label="Let what waits go over",
        coerce=int,
        choices=releasing.SPREADS,
        initial=releasing.USUAL,
        help_text="Of your sending hours. Safety checks go within the first half hour.",
    )
