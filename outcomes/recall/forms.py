from django import forms

from plans.harm.recall import By

PURPOSE_LENGTH = 200


class SearchForm(forms.Form):
    q = forms.CharField(
        label="Lot, kit, centrifuge, concentrator, drug or operator",
        required=False,
        max_length=120,
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off"}),
    )
    by = forms.ChoiceField(
        choices=[("", "Whatever it names"), *((by.value, by.label) for by in By)],
        required=False,
        widget=forms.HiddenInput,
    )
    # Of several people of one name, this one.
    operator = forms.UUIDField(required=False, widget=forms.HiddenInput)


class ContactsForm(SearchForm):
    """The same search, and why somebody needs to know whom it concerns."""

    purpose = forms.CharField(
        label="What do you need the list for?",
        max_length=PURPOSE_LENGTH,
        help_text="Such as “Maker’s notice of 3 March on lot 4711”. It is kept with "
        "your name and the patients shown.",
        error_messages={"required": "Say what you need it for; it is kept."},
    )
