"""Reasons as a page sends them: a field caution-<key> for each warning."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from clinic import forms as clinic_forms
from clinic.requests import StaffRequest
from plans.cautions import passing
from plans.cautions.catalogue import cautions
from plans.cautions.passing import Line
from plans.models import Intervention

PREFIX = "caution-"


@dataclass(frozen=True, slots=True)
class Asked:
    """A warning with the reason that was typed so far."""

    line: Line
    reason: str
    is_asked: bool
    is_checked: bool

    @property
    def name(self) -> str:
        return f"{PREFIX}{self.line.key}"

    @property
    def offered(self) -> tuple[str, ...]:
        return cautions()[self.line.key].usual_reasons

    @property
    def is_missing(self) -> bool:
        return self.is_asked and self.is_checked and not self.reason.strip()


def reasons(posted: Mapping[str, Any]) -> dict[str, str]:
    return {
        name.removeprefix(PREFIX): str(posted[name])
        for name in posted
        if name.startswith(PREFIX)
    }


def say(form: forms.Form, error: ValidationError) -> None:
    """What a verb refused, but for the reasons that are missing: the page that shows
    `context` leads to each of them.
    """
    if not hasattr(error, "error_dict"):
        form.add_error(None, error)
        return
    said = dict(error.error_dict)
    others = [e for e in said.pop(passing.FIELD, []) if e.code != passing.NO_REASON]
    if others:
        said[passing.FIELD] = others
    if said:
        clinic_forms.say(form, ValidationError(said))


def context(
    request: StaffRequest,
    intervention: Intervention,
    *,
    on: date,
    is_checked: bool = False,
    asks: bool | None = None,
    **changes: Any,
) -> dict[str, Any]:
    """What `plans/_cautions.html` shows; `is_checked` marks what has no reason yet.

    It `asks` for reasons before something is done, and where that is changed.
    """
    found = passing.sheet(intervention, on=on, **changes)
    is_planned = intervention.status == Intervention.Status.PLANNED
    asks = is_planned if asks is None else asks
    # What was done is past warning of; what was passed then stays in sight.
    lines = [line for line in found.lines if asks or line.passed]
    given = reasons(request.POST)
    asked = [
        Asked(
            line=line,
            reason=given.get(line.key, ""),
            is_asked=asks and line.needs_reason,
            is_checked=is_checked,
        )
        for line in lines
    ]
    return {
        "cautions": asked,
        "reasons_missing": [each for each in asked if each.is_missing],
        "cautions_stop": asks and found.is_stopped,
        "steroid_mg": found.steroid_mg if asks else "",
        "reason_length": passing.REASON_LENGTH,
    }
