"""What the list of adverse events can be asked, all of it checked."""

from collections.abc import Callable, Mapping
from typing import Any

from django import forms

from clinic.forms import DayField
from clinic.models import User
from plans.harm import catalogue
from plans.models import AdverseEvent, Modality
from plans.models.harm import AdverseEventQuerySet

OPEN, CLOSED, ALL, IN_ERROR = "open", "closed", "all", "in_error"
SHOWN = {
    ALL: "all that stand",
    OPEN: "open",
    CLOSED: "closed",
    "second": "needs a second rater",
    "unrated": "not rated yet",
    IN_ERROR: "entered in error",
}


def some(label: str, choices: Any) -> forms.ChoiceField:
    """One of the choices, or any."""

    def offered() -> list[tuple[str, str]]:
        listed = choices() if callable(choices) else choices
        return [("", "Any"), *((str(key), str(word)) for key, word in listed)]

    return forms.ChoiceField(label=label, choices=offered, required=False)


class FilterForm(forms.Form):
    show = forms.ChoiceField(label="Show", choices=list(SHOWN.items()), required=False)
    category = some("Category", lambda: catalogue.choices(catalogue.categories()))
    grade = some("Grade", lambda: catalogue.choices(catalogue.grades()))
    relatedness = some("Due to treatment", AdverseEvent.Relatedness.choices)
    modality = some("After", Modality.choices)
    since = DayField(label="Since", required=False)

    @property
    def chosen(self) -> dict[str, Any]:
        """Without what was left at any."""
        return {key: value for key, value in self.cleaned_data.items() if value}


_NARROWED: Mapping[str, Callable[[AdverseEventQuerySet, Any], AdverseEventQuerySet]] = {
    "category": lambda found, key: found.filter(category=key),
    "grade": lambda found, key: found.filter(grade=int(key)),
    "relatedness": lambda found, key: found.related(key),
    "modality": lambda found, key: found.filter(intervention__modality=key),
    "since": lambda found, day: found.filter(onset_on__gte=day),
}
_SHOWN: Mapping[str, Callable[[AdverseEventQuerySet], AdverseEventQuerySet]] = {
    ALL: lambda found: found.standing(),
    OPEN: lambda found: found.open(),
    CLOSED: lambda found: found.filter(status=AdverseEvent.Status.CLOSED),
    "second": lambda found: found.needing_second_rater(),
    "unrated": lambda found: found.standing().filter(grade=None),
    IN_ERROR: lambda found: found.filter(status=AdverseEvent.Status.ENTERED_IN_ERROR),
}


def events(user: User, chosen: Mapping[str, Any]) -> AdverseEventQuerySet:
    """The latest first, as asked."""
    found = AdverseEvent.objects.visible_to(user).graded()
    found = _SHOWN[chosen.get("show") or ALL](found)
    for key, value in chosen.items():
        if key in _NARROWED:
            found = _NARROWED[key](found, value)
    return found.for_pages().order_by("-onset_on", "-pk")
