"""What the page of exports shows: what would be in a file, and the files so far."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms

from clinic import access
from clinic.models import Clinic, User
from outcomes.dashboards.export import asked, disguise, reading, runs
from outcomes.dashboards.export.columns import COLUMNS
from outcomes.dashboards.figures import choices, dimensions
from outcomes.dashboards.figures.choices import ADDED, Choices
from outcomes.dashboards.figures.dimensions import DIMENSIONS
from outcomes.models import Measure, OutcomeExport

SHOWN = 50


class ExportForm(forms.Form):
    """Why, and of which measures; whose stands in the address beside it."""

    purpose = forms.CharField(
        max_length=runs.PURPOSE_LENGTH,
        label="What is it for?",
        help_text="Such as the study and who gets the file. It is kept in the audit "
        "trail and written into the file: name no patient.",
        error_messages={"required": "Say what the file is for."},
    )
    measure = forms.ChoiceField(required=False, label="Measures")

    def __init__(self, *args: Any, measures: Sequence[Measure], **more: Any) -> None:
        super().__init__(*args, **more)
        every = ("", "All measures")
        self.fields["measure"] = forms.ChoiceField(
            choices=[every, *((one.key, one.name) for one in measures)],
            required=False,
            label="Measures",
        )


@dataclass(frozen=True, slots=True)
class ExportsPage:
    form: ExportForm
    address: str
    # What narrows whose outcomes, as a noun and its value.
    chosen: Sequence[tuple[str, str]]
    courses: str
    exports: Sequence[OutcomeExport]
    suppresses: bool
    columns: int = len(COLUMNS)
    weeks: int = disguise.MOST_WEEKS
    kept_days: int = 7


def build(
    user: User, clinic: Clinic, data: Mapping[str, Any], body: Any = None
) -> ExportsPage:
    """Some ten queries. ValidationError names the choice that is not known."""
    chosen = asked.read(user, data)
    count = reading.courses(clinic, chosen).count()
    suppresses = not access.sees_small_cells(user)
    measures = list(Measure.objects.visible_to(user))
    form = ExportForm(body, measures=measures, initial={"measure": chosen.measure})
    visible = OutcomeExport.objects.visible_to(user).select_related("started_by")
    return ExportsPage(
        form=form,
        address=chosen.address(),
        chosen=_in_words(user, chosen),
        courses=asked.few(count) if suppresses else f"{count:,}",
        exports=list(visible[:SHOWN]),
        suppresses=suppresses,
    )


def data_of(address: Mapping[str, Any], form: ExportForm) -> dict[str, Any]:
    """The choices of the address, with the measures that the form says."""
    told = choices.single(address)
    return {**told, "measure": form.cleaned_data["measure"]}


def _in_words(user: User, chosen: Choices) -> list[tuple[str, str]]:
    told = [
        (DIMENSIONS[name].noun, dimensions.words(user, name, [key])[key])
        for name, key in chosen.narrowed.items()
    ]
    if chosen.begins_on:
        told.append(("Began from", f"{chosen.begins_on:%-d %b %Y}"))
    if chosen.ends_on:
        told.append(("Began until", f"{chosen.ends_on:%-d %b %Y}"))
    if chosen.baseline_from is not None:
        told.append(("Baseline", f"≥ {chosen.baseline_from:g}"))
    if chosen.added == choices.WITHOUT:
        told.append(("More treatment", ADDED[chosen.added]))
    return told
