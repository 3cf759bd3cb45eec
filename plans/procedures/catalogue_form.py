"""The catalogue's fields on a page: which are asked, in which sections, how folded."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms.boundfield import BoundField

from plans.procedures import catalogue, form_fields
from plans.procedures.catalogue import Field
from plans.procedures.catalogue_field import GROUPS

# Characters that a select of one column does not show whole.
LONG_CHOICE = 20


@dataclass(frozen=True, slots=True)
class Asked:
    """One field on the page, with what decides whether it is asked."""

    field: Field
    bound: BoundField
    is_usual: bool
    # What was said last time, as the form would post it, and in words.
    offered: Sequence[str] = ()
    offered_words: str = ""

    @property
    def is_main(self) -> bool:
        return self.field.level != "optional" or self.field.required_if is not None

    @property
    def usual_while(self) -> str:
        """What must hold for the guess to stay; empty where nothing need."""
        held = self.field.usual_if
        return held.text if self.is_usual and held is not None else ""

    @property
    def hangs_on(self) -> tuple[str, ...]:
        return self.field.asked_if.names

    @property
    def is_group(self) -> bool:
        """Several controls under one question."""
        widget = self.bound.field.widget
        return isinstance(widget, forms.RadioSelect | forms.CheckboxSelectMultiple)

    @property
    def is_wide(self) -> bool:
        return self.field.type in ("several", "amounts")

    @property
    def is_roomy(self) -> bool:
        """In one column it would be cut: a person, a diagnosis, a long choice."""
        longest = max(map(len, self.field.choices.values()), default=0)
        return self.field.type == "reference" or (
            self.field.type == "choice" and longest >= LONG_CHOICE
        )


@dataclass(frozen=True, slots=True)
class Section:
    title: str
    main: list[Asked]
    # What registries do not ask for: folded away until somebody wants it.
    more: list[Asked]

    @property
    def is_more_open(self) -> bool:
        return any(each.bound.errors or each.bound.value() for each in self.more)


class CatalogueForm(forms.Form):
    """Fields of the catalogue, in the sections that a provider knows."""

    def ask(self, fields: Sequence[Field], columns: dict[str, Any]) -> None:
        self.asked = fields
        self.modality = ""
        self.usual_names: set[str] = set()
        self.offered: dict[str, Any] = {}
        for field in fields:
            column = columns[field.table]._meta.get_field(field.column)
            self.fields[field.column] = form_fields.field_for(field, column)

    @property
    def faulty(self) -> list[BoundField]:
        """The fields that need another look, in their order."""
        return [bound for bound in self if bound.errors]

    @property
    def sections(self) -> list[Section]:
        found: dict[str, Section] = {}
        every = list(self._each())
        # What a question hangs on stands before it, and is never folded away alone.
        asked_for = {n for each in every if each.is_main for n in each.hangs_on}
        for each in every:
            title = GROUPS[each.field.group]
            section = found.setdefault(title, Section(title, [], []))
            is_main = each.is_main or each.field.column in asked_for
            (section.main if is_main else section.more).append(each)
        return list(found.values())

    def _each(self) -> Iterator[Asked]:
        for field in self.asked:
            value = self.offered.get(field.column)
            yield Asked(
                field=field,
                bound=self[field.column],
                is_usual=field.column in self.usual_names,
                offered=form_fields.as_posted(field, value),
                offered_words="" if value is None else catalogue.in_words(field, value),
            )

    def values(self) -> dict[str, Any]:
        """By column, without a guess that nobody touched and that is not asked."""
        found = {
            field.column: self.cleaned_data[field.column]
            for field in self.asked
            if field.column in self.cleaned_data
        }
        for field in self.asked:
            name = field.column
            is_asked = field.is_asked(found | {"modality": self.modality})
            if not is_asked and name not in self.changed_data and name in found:
                found[name] = None
        if not found.get("side"):
            # "No side" is one of its choices; no choice leaves it as planned.
            found.pop("side", None)
        return found
