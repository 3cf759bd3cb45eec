"""Answers that staff enter, on one page."""

import copy
from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms import BoundField

from clinic.forms import DayField
from clinic.models import Language
from outcomes.follow_ups.worklist.forms import NoteForm
from outcomes.in_clinic import entering
from outcomes.in_clinic.entering import Given
from outcomes.instruments import answers, definition
from outcomes.instruments.answers import AnswerError
from outcomes.instruments.definition import Values
from outcomes.models import Provenance
from outcomes.survey import had_treatment, question_page
from outcomes.survey.questions import Question


class AnswersForm(NoteForm):
    """The questions of a survey on one page; it is never filled in beforehand."""

    # "note" is a question too: what is said there must not land in the log of calls.
    note = None  # type: ignore[assignment]
    call_note = copy.deepcopy(NoteForm.base_fields["note"])
    how = forms.ChoiceField(
        label="How was it answered?",
        choices=[
            (Provenance.PHONE, "On the phone, now"),
            (Provenance.PAPER, "On paper"),
            (Provenance.KIOSK, "In the clinic: I ask, now"),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": "Say how the answers were given."},
    )
    who = forms.ChoiceField(
        label="Who answered?",
        choices=[("patient", "The patient"), ("caregiver", "Somebody for the patient")],
        widget=forms.RadioSelect,
        initial="patient",
        error_messages={"required": "Say who answered."},
    )
    answered_on = DayField(
        label="Day on the sheet",
        required=False,
        help_text="For paper: the day it was filled in. Else it is today.",
    )
    language = forms.ChoiceField(
        label="Asked in", choices=Language.choices, widget=forms.RadioSelect
    )
    sheet = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, asked: Sequence[Question], **options: Any) -> None:
        super().__init__(*args, **options)
        self.asked = asked
        for one in asked:
            self.fields[one.key] = field_of(one)

    @property
    def questions(self) -> list[tuple[BoundField, Question]]:
        return [(self[one.key], one) for one in self.asked]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        is_paper = given.get("how") == Provenance.PAPER
        has_day = given.get("answered_on") or "answered_on" in self.errors
        if is_paper and not has_day:
            self.add_error("answered_on", "Give the day that stands on the sheet.")
        self.taken: dict[str, Values] = {}
        excused = self._not_had_yet()
        for one in self.asked:
            sent = self._sent(one)
            is_excused = {target.response_id for target in one.targets} <= excused
            # Whether it had to be asked shows once the other answers stand.
            may_lack = is_excused or one.is_conditional
            if not sent and may_lack or one.key in self.errors:
                continue
            try:
                self.taken[one.key] = answers.read(one.item, sent)
            except AnswerError as error:
                said = str(error) if sent else entering.CHOOSE
                self.add_error(one.key, ValidationError(said))
        return given

    def _sent(self, question: Question) -> list[str]:
        given = self.cleaned_data.get(question.key)
        return list(given) if isinstance(given, list) else [given] if given else []

    def _not_had_yet(self) -> set[Any]:
        """Of whom nothing more is asked: the treatment has not been yet."""
        said = str(had_treatment.NOT_YET)
        return {
            target.response_id
            for one in self.asked
            if had_treatment.is_asked_by(one) and self.cleaned_data.get(one.key) == said
            for target in one.targets
        }

    @property
    def given(self) -> Given:
        is_paper = self.cleaned_data["how"] == Provenance.PAPER
        return Given(
            how=Provenance(self.cleaned_data["how"]),
            is_proxy=self.cleaned_data["who"] == "caregiver",
            on=self.cleaned_data["answered_on"] if is_paper else None,
        )


def field_of(question: Question) -> forms.Field:
    """How staff enter an answer: tapped, ticked or typed."""
    item = question.item
    label = question.wording(Language.ENGLISH)
    if item.type == definition.BOXES:
        return forms.MultipleChoiceField(
            required=False,
            label=label,
            choices=choices_of(question),
            widget=forms.CheckboxSelectMultiple,
        )
    if item.is_coded and item.type != "open_choice":
        return forms.ChoiceField(
            required=False,
            label=label,
            choices=choices_of(question),
            widget=forms.RadioSelect,
        )
    widget = forms.Textarea if item.type == "text" else forms.TextInput
    # The question is the legend around it (outcomes/in_clinic/answers.html).
    named = {"aria-labelledby": f"id_{question.key}_legend"}
    return forms.CharField(required=False, label=label, widget=widget(attrs=named))


def choices_of(question: Question) -> list[tuple[str, str]]:
    """In both languages, where they differ."""
    english = question_page.offered(question.item, Language.ENGLISH)
    spanish = dict(question_page.offered(question.item, Language.SPANISH))
    return [
        (value, label if label == spanish[value] else f"{label} · {spanish[value]}")
        for value, label in english
    ]
