from decimal import Decimal
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile

from outcomes.instruments import own_scores
from outcomes.instruments.brought import LARGEST
from outcomes.instruments.definition import InstrumentDefinition, in_language
from outcomes.own_instruments.publishing import LONGEST_HOLDER, LONGEST_LICENCE
from patients.catalogue import places
from plans.protocols import measures as vocabulary

METHODS = {
    "sum": "add up",
    "mean": "average",
    "highest": "the highest",
    "count": "how many are above 0",
    "product": "multiply",
}
BETTER = {"lower": "lower is better", "higher": "higher is better"}


class _SmallFileField(forms.FileField):
    """Read whole, so it is small; an upload is refused before that."""

    def __init__(self, largest: int, **options: Any) -> None:
        super().__init__(**options)
        self.largest = largest

    def clean(self, data: Any, initial: Any = None) -> bytes | None:
        file: UploadedFile | None = super().clean(data, initial)
        if file is None:
            return None
        if (file.size or 0) > self.largest:
            most = self.largest // 1024
            raise forms.ValidationError(f"The file is larger than {most} kB.")
        return bytes(file.read())


class BringForm(forms.Form):
    file = _SmallFileField(
        LARGEST,
        label="File",
        help_text="A FHIR R4 Questionnaire (JSON) or a REDCap data dictionary (CSV), "
        "2 MB at most. It may be wrong: you see what is, item by item.",
        error_messages={"required": "Choose a file.", "empty": "The file is empty."},
    )
    form = forms.CharField(
        label="Form",
        required=False,
        max_length=120,
        help_text="Of a data dictionary with several forms; empty: one draft for each.",
    )
    key = forms.CharField(
        label="Key",
        required=False,
        max_length=40,
        help_text="Its name in exports. The key of one that the clinic has makes a new "
        "version of that.",
    )
    language = forms.ChoiceField(
        label="Language of a data dictionary",
        choices=[("en", "English"), ("es", "Spanish")],
        required=False,
    )


class PublishForm(forms.Form):
    holder = forms.CharField(
        label="Who holds the rights",
        max_length=LONGEST_HOLDER,
        help_text="The author, institution or publisher.",
    )
    licence = forms.CharField(
        label="On what ground the clinic uses it",
        max_length=LONGEST_LICENCE,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="The licence with its number and date, a written permission, or why "
        "the text is free.",
    )
    is_licensed = forms.BooleanField(
        label="I state that this clinic may use this text for its patients.",
        error_messages={"required": "State that the clinic may use this text."},
    )


class ScoreForm(forms.Form):
    """One score; rarer things (tables, bands, formulas) stand in a scoring file."""

    name = forms.CharField(label="Name", max_length=120)
    key = forms.SlugField(
        label="Key",
        max_length=40,
        help_text="Short, such as total. The key of a slot makes it that measure.",
    )
    method = forms.ChoiceField(label="How", choices=list(METHODS.items()))
    items = forms.MultipleChoiceField(
        label="Of these questions", widget=forms.CheckboxSelectMultiple
    )
    reversed = forms.MultipleChoiceField(
        label="Turned around",
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text="Where a high answer means the opposite of the others.",
    )
    at_least = forms.IntegerField(
        label="Needs at least",
        min_value=0,
        required=False,
        help_text="How many answers; empty: all. With fewer there is no score.",
    )
    is_prorated = forms.BooleanField(
        label="A sum is scaled up for missing answers", required=False
    )
    minimum = forms.DecimalField(label="Range from", max_digits=10, decimal_places=4)
    maximum = forms.DecimalField(label="to", max_digits=10, decimal_places=4)
    better_is = forms.ChoiceField(label="Which way", choices=list(BETTER.items()))
    mic_points = forms.DecimalField(
        label="Change that matters, in points",
        max_digits=10,
        decimal_places=4,
        required=False,
    )
    mic_source = forms.CharField(
        label="Source of that",
        max_length=200,
        required=False,
        help_text="Author, year, population; shown beside every threshold.",
    )

    def __init__(
        self, *args: Any, definition: InstrumentDefinition, **options: Any
    ) -> None:
        super().__init__(*args, **options)
        offered = [
            (item.link_id, f"{item.link_id}: {in_language(item.text, 'en')[:80]}")
            for item in definition.walk()
            if own_scores.can_be_scored(item)
        ]
        for name in ("items", "reversed"):
            self.fields[name].choices = offered  # type: ignore[attr-defined]


class RangeForm(forms.Form):
    """What a file rarely says of a score: where it goes, and which way is better."""

    key = forms.CharField(widget=forms.HiddenInput)
    minimum = forms.DecimalField(label="Range from", max_digits=10, decimal_places=4)
    maximum = forms.DecimalField(label="to", max_digits=10, decimal_places=4)
    better_is = forms.ChoiceField(label="Which way", choices=list(BETTER.items()))
    mic_points = forms.DecimalField(
        label="Change that matters, in points",
        max_digits=10,
        decimal_places=4,
        required=False,
    )
    mic_source = forms.CharField(label="Source of that", max_length=200, required=False)


class ScoreFileForm(forms.Form):
    file = _SmallFileField(
        own_scores.LARGEST_FILE,
        label="Scoring file",
        help_text="TOML or JSON, as docs/clinical-content.md says; it replaces all "
        "scores of the draft.",
    )


class UseForm(forms.Form):
    slot = forms.ChoiceField(label="Slot")
    sites = forms.MultipleChoiceField(
        label="Only where it hurts at",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="None ticked: at every site.",
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        slots = vocabulary.slots().values()
        sites = places.body_sites()
        self.fields["slot"].choices = [(one.key, one.name) for one in slots]  # type: ignore[attr-defined]
        self.fields["sites"].choices = [(key, key.replace("_", " ")) for key in sites]  # type: ignore[attr-defined]


def spec_of(form: forms.Form) -> dict[str, Any]:
    """What was filled in, as outcomes.instruments.own_scores reads it."""
    return {
        key: f"{value:f}" if isinstance(value, Decimal) else value
        for key, value in form.cleaned_data.items()
        if value is not False and value not in (None, "", [])
    }
