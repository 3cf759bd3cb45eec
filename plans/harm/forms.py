from collections.abc import Mapping
from typing import Any, cast

from django import forms
from django.db.models import QuerySet

from clinic.forms import SHORT_NOTE, DayField
from plans.harm import adverse_events, catalogue
from plans.models import AdverseEvent, Intervention

Outcome = AdverseEvent.Outcome


def yes_or_no(label: str, help_text: str = "") -> forms.TypedChoiceField:
    """Three answers: nobody having said is not a no."""
    return forms.TypedChoiceField(
        label=label,
        help_text=help_text,
        choices=[("", "Not said"), ("True", "Yes"), ("False", "No")],
        coerce=lambda value: value == "True",
        empty_value=None,
        required=False,
    )


class InterventionField(forms.ModelChoiceField):
    def label_from_instance(self, obj: Intervention) -> str:
        day = f", {obj.on:%Y-%m-%d}" if obj.on else ""
        return f"{obj.title}{day}{' (planned)' if obj.performed_on is None else ''}"


class EventForm(forms.Form):
    """What was seen; how grave it is and where it comes from is for the raters."""

    category = forms.ChoiceField(
        label="What kind of event", choices=lambda: offered(catalogue.categories())
    )
    onset_on = DayField(label="It began on")
    description = forms.CharField(
        label="What happened",
        required=False,
        max_length=adverse_events.DESCRIPTION_LENGTH,
        widget=forms.Textarea(SHORT_NOTE),
        help_text="In your words or the patient’s; needed for “other”.",
    )
    outcome = forms.ChoiceField(
        label="How it stands", choices=Outcome, initial=Outcome.UNKNOWN
    )
    is_serious = yes_or_no(
        "Serious", "Hospital, lasting disability, danger to life, or death."
    )
    is_expected = yes_or_no("Expected for this procedure")
    reported_to = forms.MultipleChoiceField(
        label="Reported to",
        required=False,
        choices=lambda: catalogue.choices(catalogue.receivers()),
        widget=forms.CheckboxSelectMultiple,
    )


class ReportForm(EventForm):
    intervention = InterventionField(
        Intervention.objects.none(),
        label="After which procedure",
        required=False,
        empty_label="None of them, or not known",
    )
    field_order = ("intervention", "category", "onset_on", "description")

    def __init__(
        self, *args: Any, interventions: QuerySet[Intervention], **options: Any
    ) -> None:
        super().__init__(*args, **options)
        field = cast(forms.ModelChoiceField, self.fields["intervention"])
        field.queryset = interventions


class RateForm(forms.Form):
    grade = forms.TypedChoiceField(
        label="How severe",
        choices=lambda: [
            (
                word.key,
                f"{word.key} {word.label}: {word.help[:1].lower()}{word.help[1:]}",
            )
            for word in catalogue.grades().values()
        ],
        coerce=int,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose a grade from 1 to 5."},
    )
    relatedness = forms.ChoiceField(
        label="Due to the treatment",
        choices=AdverseEvent.Relatedness,
        widget=forms.RadioSelect,
        error_messages={"required": "Say how likely the treatment caused it."},
    )
    note = forms.CharField(
        label="Why", required=False, max_length=adverse_events.NOTE_LENGTH
    )


class CloseForm(forms.Form):
    outcome = forms.ChoiceField(
        label="How it ended",
        choices=[(key.value, key.label) for key in adverse_events.ENDED],
        widget=forms.RadioSelect,
        error_messages={"required": "Say how it ended."},
    )
    resolved_on = DayField(label="Over since", required=False)


class ReasonForm(forms.Form):
    reason = forms.CharField(
        max_length=200, error_messages={"required": "Say why; it is kept."}
    )


def offered(words: Mapping[str, catalogue.Word]) -> list[tuple[str, str]]:
    return [("", "Choose one"), *catalogue.choices(words)]
