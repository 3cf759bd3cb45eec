"""What the capture report can be asked: from the address, all of it checked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django import forms

from clinic import access
from clinic.access import Act
from clinic.forms import DayField
from clinic.models import Language, User
from outcomes.dashboards.capture.counts import (
    APART,
    DIMENSIONS,
    ELIGIBLE,
    Delivery,
    Fate,
)
from outcomes.models import Provenance
from outcomes.models.messages import Channel, Kind

QUARTER, YEAR, ALL, CUSTOM = "quarter", "year", "all", "custom"
PERIODS = {
    QUARTER: "last 90 days",
    YEAR: "last year",
    ALL: "all time",
    CUSTOM: "from … until …",
}
LENGTHS = {QUARTER: timedelta(days=90), YEAR: timedelta(days=365)}
NONE = "none"
CALL = "call"
# How an answer came in, where no message had gone before it.
WITHOUT_MESSAGE = {
    Provenance.PHONE: "by phone",
    Provenance.KIOSK: "in the clinic",
    Provenance.PAPER: "on paper",
}
CHANNELS = {
    **{key.value: str(key.label) for key in Channel},
    **{key.value: words for key, words in WITHOUT_MESSAGE.items()},
    NONE: "none",
}
# What a list can be narrowed by beside a group: the numbers of a row.
SENT, DELIVERED, NO_RECEIPT = "sent", "delivered", "no_receipt"
DELIVERIES = {
    SENT: "sent",
    DELIVERED: "delivered",
    NO_RECEIPT: "sent, no receipt known",
}
KNOWN_AS = {DELIVERED: Delivery.DELIVERED, NO_RECEIPT: Delivery.UNKNOWN}
# The same of the clinic's own part, which has numbers of its own.
CLINIC_DUE = "due"
CLINIC_PARTS = {
    CLINIC_DUE: "to be examined",
    Fate.ANSWERED.value: "examined",
    Fate.MISSED.value: "examination missed",
}
# What the report tells of answers and messages alone.
OF_ANSWERS = ("channel", "fate", "delivery", "step", "silent")
FATES = {
    "eligible": "eligible",
    **{fate.value: fate.value for fate in ELIGIBLE},
    **{fate.value: words for fate, words in APART.items()},
}


@dataclass(frozen=True, slots=True)
class Choices:
    """Which follow-ups are counted; `narrowed` names groups, by dimension."""

    period: str = QUARTER
    begins_on: date | None = None
    ends_on: date | None = None
    narrowed: Mapping[str, str] = field(default_factory=dict)

    def first_day(self, today: date) -> date | None:
        if self.period == CUSTOM:
            return self.begins_on
        length = LENGTHS.get(self.period)
        return today - length if length else None

    def last_day(self, today: date) -> date:
        asked = self.ends_on if self.period == CUSTOM else None
        return min(asked or today, today)

    @property
    def words(self) -> str:
        """Such as "last 90 days", or "from 2026-01-01 until 2026-03-31"."""
        if self.period != CUSTOM:
            return PERIODS[self.period]
        first = f"from {self.begins_on:%-d %b %Y}" if self.begins_on else ""
        last = f"until {self.ends_on:%-d %b %Y}" if self.ends_on else ""
        return " ".join(filter(None, (first, last))) or PERIODS[ALL]

    def address(self, **more: str) -> str:
        """The query of a page about these follow-ups, or about some of them."""
        is_custom = self.period == CUSTOM
        own = {
            "period": self.period,
            "from": self.begins_on if is_custom else None,
            "until": self.ends_on if is_custom else None,
            **self.narrowed,
        }
        return "?" + urlencode({k: v for k, v in {**own, **more}.items() if v})


def dimensions_of(user: User) -> tuple[str, ...]:
    """Who may not read plans is not told what treatment anybody had."""
    if access.can(user, Act.READ_PLANS) or access.can(user, Act.READ_COHORT):
        return DIMENSIONS
    return tuple(name for name in DIMENSIONS if name != "protocol")


class KeyField(forms.CharField):
    """A group of a dimension; which there are, only the clinic's rows know."""

    def __init__(self, label: str) -> None:
        super().__init__(label=label, max_length=60, required=False)


class ProviderField(KeyField):
    def clean(self, value: Any) -> str:
        key: str = super().clean(value)
        if key in ("", NONE):
            return key
        try:
            return str(UUID(key))
        except ValueError:
            raise forms.ValidationError("There is no such provider.") from None


class StepField(KeyField):
    """A call, or the kind, the channel and the rung of messages."""

    def clean(self, value: Any) -> str:
        key: str = super().clean(value)
        kind, channel, *rung = [*key.split("|"), ""]
        is_known = kind in Kind and channel in Channel and len(rung) == 2
        if not is_known and key not in ("", CALL, NONE):
            raise forms.ValidationError("There is no such step.")
        return key


class ChoicesForm(forms.Form):
    """`from` is a word of Python's, so the fields are named in `__init__`."""

    period = forms.ChoiceField(choices=list(PERIODS.items()), required=False)
    until = DayField(label="Until", required=False)
    timepoint = KeyField("Time point")
    protocol = KeyField("Protocol")
    provider = ProviderField("Provider")
    language = forms.ChoiceField(choices=Language.choices, required=False)
    channel = forms.ChoiceField(choices=list(CHANNELS.items()), required=False)

    def __init__(
        self, data: Any = None, *, dimensions: Sequence[str] = DIMENSIONS
    ) -> None:
        super().__init__(data)
        self.fields["from"] = DayField(label="From", required=False)
        for name in DIMENSIONS:
            if name not in dimensions:
                del self.fields[name]

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        first, last = found.get("from"), found.get("until")
        if first and last and last < first:
            self.add_error("until", "This day is before the first one.")
        if first or last:
            # A day that was typed is meant, whatever else the address says.
            found["period"] = CUSTOM
        return found

    @property
    def chosen(self) -> Choices:
        found = self.cleaned_data
        return Choices(
            period=found["period"] or QUARTER,
            begins_on=found["from"],
            ends_on=found["until"],
            narrowed={n: found[n] for n in DIMENSIONS if found.get(n)},
        )

    @property
    def is_of_everything(self) -> bool:
        """Nothing was chosen; or all time, which is what everything is over."""
        asked = {name: value for name, value in self.cleaned_data.items() if value}
        return asked in ({}, {"period": ALL})


class CellForm(ChoicesForm):
    """And which number of the report is meant."""

    fate = forms.ChoiceField(choices=list(FATES.items()), required=False)
    delivery = forms.ChoiceField(choices=list(DELIVERIES.items()), required=False)
    # A step of the ladder: who answered after it, and who was silent when it went.
    step = StepField("Answered after")
    silent = StepField("Silent at")
    clinic = forms.ChoiceField(
        label="The clinic’s part",
        choices=list(CLINIC_PARTS.items()),
        required=False,
    )
    page = forms.IntegerField(min_value=1, max_value=100_000, required=False)

    def clean(self) -> dict[str, Any]:
        """No number of the clinic's own part is of an answer or of a message."""
        found = super().clean()
        others = [name for name in OF_ANSWERS if found.get(name)]
        if found.get("clinic") and others:
            words = ", ".join(self[name].label.lower() for name in others)
            told = f"It is counted apart from answers and messages; leave out {words}."
            self.add_error("clinic", told)
        return found

    @property
    def cell(self) -> dict[str, str]:
        names = ("fate", "delivery", "step", "silent", "clinic")
        asked = {name: self.cleaned_data[name] for name in names}
        return {name: value for name, value in asked.items() if value}
