from typing import Any, cast

from django import forms

from clinic.forms import DayField
from clinic.models import User
from patients.catalogue import study_words
from patients.models import Complaint, Study
from patients.triage import reasons, study_checks

AREAS = {
    "spine": "Spine and pelvis",
    "limb": "Joints and limbs",
    "nerve": "Nerve test",
    "vessel": "Vessels",
    "head": "Head",
}
SIDES = (("left", "left"), ("right", "right"), ("none", "both, or no side"))
# A weakness does not wait for a routine appointment.
PRIORITY_OF_CLOCK = {
    Complaint.Deficit.CAUDA_EQUINA: Study.Priority.SAME_DAY,
    Complaint.Deficit.FOOT_DROP: Study.Priority.URGENT,
    Complaint.Deficit.WEAKNESS: Study.Priority.URGENT,
}


class StudyForm(forms.Form):
    """What kind of study, of what."""

    kind = forms.ChoiceField(
        label="What kind of study?",
        choices=Study.Kind,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose a kind of study."},
    )
    region = forms.ChoiceField(
        label="Of what?",
        choices=lambda: [("", "Choose a region"), *region_choices()],
    )


class OrderForm(StudyForm):
    side = forms.ChoiceField(
        choices=SIDES, widget=forms.RadioSelect, label="Which side?"
    )
    priority = forms.ChoiceField(
        choices=Study.Priority, widget=forms.RadioSelect, label="How soon?"
    )
    reason = forms.CharField(
        max_length=300,
        required=False,
        label="What should it answer?",
        widget=forms.TextInput({"autocomplete": "off"}),
    )
    owner = forms.ModelChoiceField(
        User.objects.none(),
        label="Who sees to it?",
        empty_label=None,
        help_text="Named in the list of open studies until the result is reviewed.",
    )

    def __init__(self, *args: Any, complaint: Complaint, by: User, **more: Any) -> None:
        initial = {"priority": usual_priority(complaint), "owner": by.pk}
        super().__init__(*args, **{**more, "initial": initial})
        offer_owners(self, complaint)


class ScheduleForm(forms.Form):
    scheduled_for = DayField(label="The appointment is on")


class DoneForm(forms.Form):
    performed_on = DayField(label="Done on")


class ResultForm(forms.Form):
    performed_on = DayField(label="Day of the study")
    results = forms.MultipleChoiceField(
        required=False,
        widget=forms.CheckboxSelectMultiple,
        label="What does it show?",
        help_text="All that apply; the rest in words below.",
    )
    levels = forms.MultipleChoiceField(
        required=False, widget=forms.CheckboxSelectMultiple, label="At which level?"
    )
    side = forms.ChoiceField(
        choices=SIDES, widget=forms.RadioSelect, label="On which side?"
    )
    report = forms.CharField(
        max_length=study_checks.REPORT_LENGTH,
        required=False,
        label="What the report says",
        widget=forms.Textarea({"rows": 5}),
    )

    def __init__(self, *args: Any, study: Study, **more: Any) -> None:
        initial = {
            "performed_on": study.performed_on or study.scheduled_for,
            "results": study.results,
            "levels": study.levels,
            "side": study.side,
            "report": study.report,
        }
        super().__init__(*args, **{**more, "initial": initial})
        words = study_words.words_for(study.kind, study.region)
        levels = study_words.regions()[study.region].levels
        offered = {
            "results": [(word.key, word.label) for word in words],
            "levels": [(level, level) for level in levels],
        }
        for name, choices in offered.items():
            cast(forms.MultipleChoiceField, self.fields[name]).choices = choices
        if not levels:
            del self.fields["levels"]


class ReviewForm(forms.Form):
    """Nothing to fill in: the signature is who presses the button."""


class ReasonForm(forms.Form):
    reason = forms.CharField(
        max_length=reasons.LENGTH,
        label="Why?",
        widget=forms.TextInput({"autocomplete": "off"}),
    )


class OwnerForm(forms.Form):
    owner = forms.ModelChoiceField(
        User.objects.none(), label="Who sees to it?", empty_label=None
    )

    def __init__(self, *args: Any, study: Study, **more: Any) -> None:
        super().__init__(*args, **{**more, "initial": {"owner": study.owner_id}})
        offer_owners(self, study.complaint)


def offer_owners(form: forms.Form, complaint: Complaint) -> None:
    field = cast(forms.ModelChoiceField, form.fields["owner"])
    field.queryset = study_checks.owners(complaint.clinic)


def usual_priority(complaint: Complaint) -> str:
    if not complaint.is_clock_running:
        return Study.Priority.ROUTINE
    return PRIORITY_OF_CLOCK[Complaint.Deficit(complaint.deficit_kind)]


def region_choices() -> list[tuple[str, list[tuple[str, str]]]]:
    """Grouped for a select: (area, [(key, label), ...])."""
    regions = study_words.regions().values()
    return [
        (label, [(r.key, r.label.capitalize()) for r in regions if r.area == area])
        for area, label in AREAS.items()
    ]
