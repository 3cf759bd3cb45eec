"""What the report on plans can be asked: from the address, all of it checked."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, cast
from urllib.parse import urlencode
from uuid import UUID

from django import forms
from django.db.models import Q, QuerySet

from clinic.forms import DayField
from clinic.models import User
from plans.models import Intervention, Modality, Plan, Protocol

# Stands in an address for "without one": no provider, no protocol.
NONE = "none"
YES, NO, BEFORE = "yes", "no", "before"
TREATED = {
    YES: "treated since the diagnosis",
    BEFORE: "treated before the diagnosis",
    NO: "not treated yet",
}
ANY, RECORDED, LACKING = "any", "recorded", "lacking"
SESSIONS = {
    ANY: "courses of therapy that have begun",
    RECORDED: "sessions attended and missed are recorded",
    LACKING: "sessions are not recorded",
}
PERIOD = ("started_from", "started_until")


@dataclass(frozen=True, slots=True)
class Choices:
    """Plans that started in a period, of one provider or of all."""

    started_from: date | None = None
    started_until: date | None = None
    provider: str = ""

    @property
    def query(self) -> dict[str, str]:
        asked = {
            "started_from": self.started_from,
            "started_until": self.started_until,
            "provider": self.provider,
        }
        return {name: str(value) for name, value in asked.items() if value}

    def address(self, **more: str) -> str:
        """The query of a page about these plans, or about some of them."""
        return "?" + urlencode(
            {name: value for name, value in {**self.query, **more}.items() if value}
        )

    def of_plan(self, prefix: str = "") -> Q:
        """Conditions on plans, or on what leads to one; errors of entry never count."""
        return Q(
            **{f"{prefix}{name}": value for name, value in self._exact.items()}
        ) & (~Q(**{f"{prefix}status": Plan.Status.ENTERED_IN_ERROR}))

    @property
    def _exact(self) -> dict[str, Any]:
        asked: dict[str, Any] = {}
        if self.started_from:
            asked["started_on__gte"] = self.started_from
        if self.started_until:
            asked["started_on__lte"] = self.started_until
        return {**asked, **one_or_none("provider", self.provider)}


def one_or_none(name: str, value: str) -> dict[str, Any]:
    if not value:
        return {}
    return {f"{name}__isnull": True} if value == NONE else {name: UUID(value)}


def providers_of(user: User) -> QuerySet[User]:
    """Everybody who has or had a plan here; by name, as no list of ours ranks them."""
    held = Plan.objects.visible_to(user).values("provider")
    return User.objects.filter(pk__in=held).order_by("name", "pk")


def protocols_of(user: User) -> QuerySet[Protocol]:
    return Protocol.objects.visible_to(user).order_by("title", "-version", "pk")


class ChoicesForm(forms.Form):
    started_from = DayField(label="Plans started from", required=False)
    started_until = DayField(label="Until", required=False)
    provider = forms.ChoiceField(required=False)

    def __init__(self, *args: Any, user: User, **options: Any) -> None:
        super().__init__(*args, **options)
        people = [(str(one.pk), one.name) for one in providers_of(user)]
        self._offer("provider", ("", "All providers"), (NONE, "Nobody"), *people)

    def _offer(self, name: str, *choices: tuple[str, str]) -> None:
        cast(forms.ChoiceField, self.fields[name]).choices = choices

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        first, last = found.get("started_from"), found.get("started_until")
        if first and last and last < first:
            self.add_error("started_until", "This day is before the first one.")
        return found

    @property
    def chosen(self) -> Choices:
        given = self.cleaned_data
        return Choices(given["started_from"], given["started_until"], given["provider"])


class ListForm(ChoicesForm):
    """And which of them; what a list does not know it does not offer."""

    page = forms.IntegerField(min_value=1, max_value=100_000, required=False)

    @property
    def cell(self) -> Mapping[str, str]:
        """What was asked for beside the choices, by name."""
        own = set(self.fields) - {*PERIOD, "provider", "page"}
        return {
            name: self.cleaned_data[name]
            for name in self.fields
            if name in own and self.cleaned_data[name]
        }


class PlansForm(ListForm):
    status = forms.ChoiceField(
        choices=[
            ("", "Any status"),
            *(c for c in Plan.Status.choices if c[0] != Plan.Status.ENTERED_IN_ERROR),
        ],
        required=False,
    )
    protocol = forms.ChoiceField(required=False)
    modality = forms.ChoiceField(
        choices=[("", "Any modality"), *Modality.choices], required=False
    )

    def __init__(self, *args: Any, user: User, **options: Any) -> None:
        super().__init__(*args, user=user, **options)
        versions = [(str(one.pk), str(one)) for one in protocols_of(user)]
        self._offer("protocol", ("", "Any protocol"), (NONE, "Without one"), *versions)


class InterventionsForm(ListForm):
    modality = forms.ChoiceField(
        choices=[("", "Any modality"), *Modality.choices], required=False
    )
    status = forms.ChoiceField(
        choices=[
            ("", "Any status"),
            *(
                c
                for c in Intervention.Status.choices
                if c[0] != Intervention.Status.ENTERED_IN_ERROR
            ),
        ],
        required=False,
    )
    sessions = forms.ChoiceField(
        choices=[("", "All"), *SESSIONS.items()], required=False
    )


class ComplaintsForm(ListForm):
    treated = forms.ChoiceField(
        choices=[("", "Treated or not"), *TREATED.items()], required=False
    )
