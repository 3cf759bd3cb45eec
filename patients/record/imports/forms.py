import zlib
from collections.abc import Mapping as ReadOnly
from typing import Any

from django import forms
from django.http import QueryDict

from patients.record.imports.fields import FIELDS, Field
from patients.record.imports.mapping import (
    DAY_FORMATS,
    GIVE_NUMBER,
    MOST_WORDS,
    REFUSE,
    Mapping,
    meaning,
)

_NO_COLUMN = "Not in the list"
WITHOUT_MRN = (
    (REFUSE, "Refuse it"),
    (GIVE_NUMBER, "Give the next number; name and birth date tell who is here already"),
)


ALLOWED = {"day_format": {*DAY_FORMATS}, "without_mrn": {*dict(WITHOUT_MRN)}}


class UploadForm(forms.Form):
    file = forms.FileField(
        label="CSV list or FHIR R4 file",
        help_text="CSV in UTF-8 with a row of column names, a FHIR Bundle as JSON, or "
        "NDJSON; up to 50 MB.",
        error_messages={"required": "Choose a file."},
        widget=forms.FileInput({"accept": ".csv,.txt,.json,.ndjson"}),
    )

    def refuse(self, problem: str) -> None:
        self.add_error("file", problem)


class ChoicesForm(forms.Form):
    """What to decide of any file of patients."""

    without_mrn = forms.ChoiceField(
        label="A patient without an MRN", choices=WITHOUT_MRN, widget=forms.RadioSelect
    )
    registers_twins = forms.BooleanField(
        label="Register anyway where somebody of the same name and birth date has "
        "another MRN",
        required=False,
        help_text="Otherwise the row is refused, as it may be one person with two "
        "numbers.",
    )


class FhirForm(ChoicesForm):
    mrn_system = forms.ChoiceField(
        label="Which identifier is the MRN?",
        required=False,
        help_text="By itself, an identifier marked as medical record number is taken, "
        "else the first.",
    )
    field_order = ("mrn_system",)

    def __init__(
        self, data: QueryDict | None, *, systems: ReadOnly[str, int], held: Mapping
    ) -> None:
        super().__init__(data, initial=held.as_json())
        self.held = held
        self.fields["mrn_system"] = forms.ChoiceField(
            label=self.fields["mrn_system"].label,
            required=False,
            help_text=self.fields["mrn_system"].help_text,
            choices=[
                ("", "The medical record number, or the first"),
                *((s, f"{s} ({number:,})") for s, number in systems.items() if s),
            ],
        )

    @property
    def mapping(self) -> Mapping:
        return Mapping(**self.cleaned_data)


class ListForm(ChoicesForm):
    """A select for each of our fields, and one for each word of a column of choices."""

    day_format = forms.ChoiceField(
        label="How dates are written",
        choices=[(name, name) for name in DAY_FORMATS],
    )

    def __init__(
        self, data: QueryDict | None, *, header: list[str], held: Mapping
    ) -> None:
        self._answers = None if data is None else data.copy()
        super().__init__(self._answers, initial=held.as_json())
        self.held = held
        self.asked: dict[str, dict[str, str]] = {}
        self.overfull: list[Field] = []
        choices = [("", _NO_COLUMN), *((name, name) for name in header)]
        for known in FIELDS.values():
            self.fields[known.key] = forms.ChoiceField(
                label=known.label,
                choices=choices,
                required=False,
                initial=held.columns.get(known.key, ""),
            )

    @property
    def columns(self) -> list[forms.BoundField]:
        return [self[key] for key in FIELDS]

    @property
    def chosen(self) -> dict[str, str]:
        """Field -> column, as it stands on the form."""
        found = {key: self[key].value() for key in FIELDS}
        return {key: column for key, column in found.items() if column}

    @property
    def standing(self) -> Mapping:
        """What is chosen so far, right or wrong: to show what would come of it."""
        known = {**self.held.as_json(), "columns": self.chosen, "words": self.words()}
        for key in ("day_format", "without_mrn"):
            value = self[key].value()
            known[key] = value if value in ALLOWED[key] else known[key]
        known["registers_twins"] = bool(self["registers_twins"].value())
        return Mapping.from_json(known)

    def ask_words(self, found: ReadOnly[str, ReadOnly[str, str]]) -> None:
        """What the columns of choices hold, each word to be given its meaning."""
        for key, words in found.items():
            if len(words) > MOST_WORDS:
                self.overfull.append(FIELDS[key])
                continue
            self.asked[key] = dict(words)
            for folded, written in words.items():
                name = word_name(key, folded)
                guess = meaning(self.held, FIELDS[key], folded, words)
                self.fields[name] = forms.ChoiceField(
                    label=f"“{written}”",
                    choices=[("", "Refuse the row"), *FIELDS[key].values],
                    required=False,
                    initial=guess,
                )
                if self._answers is not None:
                    # A column that was chosen just now: nobody has been asked yet.
                    self._answers.setdefault(name, guess)

    @property
    def meanings(self) -> list[tuple[Field, list[forms.BoundField]]]:
        return [
            (FIELDS[key], [self[word_name(key, folded)] for folded in words])
            for key, words in self.asked.items()
            if words
        ]

    def words(self) -> dict[str, dict[str, str]]:
        return {
            key: {folded: self[word_name(key, folded)].value() for folded in words}
            for key, words in self.asked.items()
        }

    @property
    def mapping(self) -> Mapping:
        """Of a form that is valid."""
        return self.standing

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        taken: dict[str, str] = {}
        for key, column in self.chosen.items():
            if column in taken:
                other = FIELDS[taken[column]].label
                self.add_error(key, f"“{column}” is the {other} already.")
            taken.setdefault(column, key)
        return given


def word_name(key: str, folded: str) -> str:
    """Words can hold anything, and a form field's name cannot."""
    return f"word-{key}-{zlib.crc32(folded.encode()):08x}"
