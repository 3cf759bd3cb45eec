"""What is chosen and added before a letter is printed; none of it is kept."""

from django import forms

from clinic.models import Language

LONGEST = 600


class LetterForm(forms.Form):
    language = forms.ChoiceField(
        choices=Language.choices, initial=Language.ENGLISH, required=True
    )
    added = forms.CharField(
        label="Your own sentence",
        help_text="It stands before the signature. It is not kept.",
        max_length=LONGEST,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
