from typing import Any

from django import forms

from clinic.forms import DayField
from plans.models import Comparison
from plans.protocols import measures


class AdjustGoalForm(forms.Form):
    comparison = forms.ChoiceField(label="The value is to be", choices=Comparison)
    target = forms.DecimalField(label="Target", max_digits=8, decimal_places=2)
    due_on = DayField(label="By")
    words = forms.CharField(
        label="In the patient’s words",
        max_length=200,
        required=False,
        help_text="Such as “walk the dog round the lake again”.",
    )


class GoalForm(AdjustGoalForm):
    measure = forms.ChoiceField(label="What is measured")
    field_order = ["measure", "comparison", "target", "due_on", "words"]

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["measure"] = forms.ChoiceField(
            label="What is measured",
            choices=[(one.key, _words(one)) for one in measures.known().values()],
        )
        self.order_fields(self.field_order)


def _words(measure: measures.KnownMeasure) -> str:
    return f"{measure.name} ({measure.unit})" if measure.unit else measure.name
