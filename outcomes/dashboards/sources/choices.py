"""What the report on pain sources can be asked: from the address, all of it checked."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django import forms

from clinic.forms import DayField
from patients.catalogue import places
from patients.models import Side

ALL_SITES, FOOT_AREA = "all", "foot_area"
# Neighbouring sites that are read together: a phrase for a sentence, and the sites.
SITE_GROUPS = {
    FOOT_AREA: ("foot", ("ankle", "heel", "foot", "toes")),
    "leg_area": (
        "hip and leg",
        ("buttock", "hip", "groin", "thigh", "knee", "lower_leg"),
    ),
    "back_area": ("back", ("low_back", "mid_back")),
    "arm_area": (
        "neck, shoulder and arm",
        ("neck", "shoulder", "upper_arm", "elbow", "forearm", "wrist", "hand"),
    ),
}
CONFIRMED = "confirmed"
NONE = "none"
OPEN = "open"


@dataclass(frozen=True, slots=True)
class Kind:
    """Where in the body a source lies, in words for a sentence."""

    label: str
    groups: tuple[str, ...]


KINDS = {
    "back": Kind("the low back or pelvis", ("nerve_root", "spine")),
    "limb": Kind("the limb itself", ("joint", "tendon_fascia", "peripheral_nerve")),
    "body": Kind(
        "circulation, spinal cord or the whole body",
        ("central", "vascular", "systemic"),
    ),
    OPEN: Kind("not known", ("unknown",)),
}


@dataclass(frozen=True, slots=True)
class Step:
    """An interval between two dates of a row."""

    label: str
    start: str
    end: str


STEPS = {
    "to_evaluation": Step(
        "From onset to the first evaluation", "onset_on", "evaluated_on"
    ),
    "to_treatment": Step(
        "From the first evaluation to the first treatment", "evaluated_on", "treated_on"
    ),
    "whole": Step("From onset to the first treatment", "onset_on", "treated_on"),
}
KNOWN, LACKING, BACKWARDS = "known", "lacking", "backwards"
DATES = {
    KNOWN: "both dates known, in this order",
    LACKING: "a date is not recorded",
    BACKWARDS: "the later date comes first",
}
KEPT, CHANGED, FALLEN = "kept", "changed", "fallen"
CHANGES = {
    CHANGED: "another one stands now",
    KEPT: "the first one still stands",
    FALLEN: "none stands any more",
}


def kind_of(source: str | None) -> str:
    if source is None:
        return OPEN
    group = places.pain_sources()[source].group
    return next(key for key, kind in KINDS.items() if group in kind.groups)


def sources_of(kind: str) -> list[str]:
    return [key for key in places.pain_sources() if kind_of(key) == kind]


@dataclass(frozen=True, slots=True)
class Choices:
    """Which complaints are counted; `params` is the address that says the same."""

    site: str = FOOT_AREA
    side: str = ""
    opened_from: date | None = None
    opened_until: date | None = None
    certainty: str = ""

    @property
    def sites(self) -> tuple[str, ...]:
        if self.site == ALL_SITES:
            return tuple(places.body_sites())
        return SITE_GROUPS[self.site][1] if self.site in SITE_GROUPS else (self.site,)

    @property
    def is_confirmed(self) -> bool:
        return self.certainty == CONFIRMED

    @property
    def phrase(self) -> str:
        """Such as "foot", for "foot pain"; empty for all sites."""
        if self.site in SITE_GROUPS:
            return SITE_GROUPS[self.site][0]
        known = places.body_sites().get(self.site)
        return known.phrase_en if known else ""

    @property
    def title(self) -> str:
        return " ".join(f"Where {self.phrase} pain came from".split())

    @property
    def unnamed(self) -> str:
        return "not confirmed yet" if self.is_confirmed else "not named yet"

    def address(self, **more: str) -> str:
        """The query of a page about these complaints, or about some of them."""
        own = {
            "site": self.site,
            "side": self.side,
            "opened_from": self.opened_from,
            "opened_until": self.opened_until,
            "certainty": self.certainty,
        }
        return "?" + urlencode({k: v for k, v in {**own, **more}.items() if v})


def site_choices() -> list[Any]:
    sites = places.body_sites()
    groups = [
        (
            label.capitalize(),
            [(key, f"{label.capitalize()}: all sites")]
            + [(site, sites[site].label_en) for site in inside],
        )
        for key, (label, inside) in SITE_GROUPS.items()
    ]
    return [(ALL_SITES, "All sites"), *groups]


class ChoicesForm(forms.Form):
    site = forms.ChoiceField(
        label="Where it hurts", choices=site_choices, required=False
    )
    side = forms.ChoiceField(choices=[("", "Any side"), *Side.choices], required=False)
    opened_from = DayField(label="Opened from", required=False)
    opened_until = DayField(label="Until", required=False)
    certainty = forms.ChoiceField(
        label="Source",
        choices=[("", "any that stands"), (CONFIRMED, "confirmed only")],
        required=False,
    )

    def clean_site(self) -> str:
        return self.cleaned_data["site"] or FOOT_AREA

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        first, last = found.get("opened_from"), found.get("opened_until")
        if first and last and last < first:
            self.add_error("opened_until", "This day is before the first one.")
        return found

    @property
    def chosen(self) -> Choices:
        return Choices(**{name: self.cleaned_data[name] for name in CHOSEN})


CHOSEN = ("site", "side", "opened_from", "opened_until", "certainty")


def source_choices() -> list[tuple[str, str]]:
    sources = places.pain_sources().items()
    return [(NONE, NONE), *((key, source.label) for key, source in sources)]


class CellForm(ChoicesForm):
    """And which number of the report is meant."""

    source = forms.ChoiceField(choices=source_choices, required=False)
    kind = forms.ChoiceField(
        choices=[(key, key) for key in (KNOWN, *KINDS)], required=False
    )
    first_source = forms.ChoiceField(choices=source_choices, required=False)
    # A code outside the shipped list is kept as typed, so any text may begin one.
    first_diagnosis = forms.CharField(max_length=4, required=False)
    final_diagnosis = forms.CharField(max_length=4, required=False)
    ledger = forms.ChoiceField(choices=list(CHANGES.items()), required=False)
    diagnosis = forms.ChoiceField(choices=list(CHANGES.items()), required=False)
    step = forms.ChoiceField(
        choices=[(key, step.label) for key, step in STEPS.items()], required=False
    )
    dates = forms.ChoiceField(choices=list(DATES.items()), required=False)
    page = forms.IntegerField(min_value=1, max_value=100_000, required=False)

    @property
    def cell(self) -> Mapping[str, str]:
        """What was asked for beside the choices, by name."""
        asked = {name: self.cleaned_data[name] for name in self.fields}
        return {k: v for k, v in asked.items() if v and k not in (*CHOSEN, "page")}
