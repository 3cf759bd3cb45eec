import zlib
from collections.abc import Mapping as ReadOnly
from typing import Any

from django import forms
from django.http import QueryDict

from patients.appointments.fields import FIELDS, Field
from patients.appointments.mapping import Mapping, guess_value
from patients.appointments.mapping_file import MOST_OF_SOURCE
from patients.appointments.times import DAY_FORMATS
from patients.record.imports.mapping import MOST_WORDS

_NO_COLUMN = "Not in the list"


class UploadForm(forms.Form):
    file = forms.FileField(
        label="The schedule as CSV",
        help_text="With a row of column names; separated by commas, semicolons or "
        "tabs; up to 4 MB.",
        error_messages={
            "required": "Choose a file.",
            "empty": "The file is empty.",
        },
        widget=forms.FileInput({"accept": ".csv,.txt,.tsv"}),
    )


class ScheduleForm(forms.Form):
    """A select for each of our fields, and one for each word of a column of choices."""

    day_format = forms.ChoiceField(
        label="How days are written", choices=[(name, name) for name in DAY_FORMATS]
    )
    source = forms.CharField(
        label="Where the numbers come from",
        max_length=MOST_OF_SOURCE,
        help_text="The same number from the same place is the same appointment.",
        widget=forms.TextInput({"autocomplete": "off"}),
    )
    takes_unknown = forms.BooleanField(
        label="It is ours all the same: take it in", required=False
    )
    cancels_missing = forms.BooleanField(label="Mark them as cancelled", required=False)

    def __init__(
        self, data: QueryDict | None, *, header: list[str], held: Mapping
    ) -> None:
        self._answers = None if data is None else data.copy()
        super().__init__(self._answers, initial=held.as_json())
        self.held = held
        self.asked: dict[str, dict[str, str]] = {}
        choices = [("", _NO_COLUMN), *((name, name) for name in header)]
        for key, known in FIELDS.items():
            self.fields[f"column-{key}"] = forms.ChoiceField(
                label=known.label,
                choices=choices,
                required=False,
                initial=held.columns.get(key, ""),
            )

    @property
    def columns(self) -> list[forms.BoundField]:
        return [self[f"column-{key}"] for key in FIELDS]

    @property
    def chosen(self) -> dict[str, str]:
        """Field -> column, as it stands on the form."""
        found = {key: self[f"column-{key}"].value() for key in FIELDS}
        return {key: column for key, column in found.items() if column}

    @property
    def standing(self) -> Mapping:
        """What is chosen so far, right or wrong: to show what would come of it."""
        day_format = self["day_format"].value()
        return Mapping(
            columns=self.chosen,
            day_format=day_format
            if day_format in DAY_FORMATS
            else self.held.day_format,
            words=self.words(),
            source=(self["source"].value() or "").strip() or self.held.source,
        )

    def ask_words(self, found: ReadOnly[str, ReadOnly[str, str]]) -> None:
        """What the columns of choices hold, each word to be given its meaning."""
        for key, words in found.items():
            if len(words) > MOST_WORDS:
                continue
            self.asked[key] = dict(words)
            for folded, written in words.items():
                name = word_name(key, folded)
                decided = self.held.words.get(key, {}).get(folded)
                guess = guess_value(key, written) if decided is None else decided
                self.fields[name] = forms.ChoiceField(
                    label=f"“{written}”",
                    choices=[("", "Refuse the row"), *FIELDS[key].values]
                    if key == "status"
                    else FIELDS[key].values,
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
            key: {
                folded: self[word_name(key, folded)].value() or "" for folded in words
            }
            for key, words in self.asked.items()
        }

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        taken: dict[str, str] = {}
        for key, column in self.chosen.items():
            if column in taken:
                other = FIELDS[taken[column]].label
                self.add_error(f"column-{key}", f"“{column}” is the {other} already.")
            taken.setdefault(column, key)
        for known in self.standing.missing():
            self.add_error(
                f"column-{known.key}",
                f"Choose the column of the {known.label.lower()}.",
            )
        return given


def word_name(key: str, folded: str) -> str:
    """Words can hold anything, and a form field's name cannot."""
    return f"word-{key}-{zlib.crc32(folded.encode()):08x}"
