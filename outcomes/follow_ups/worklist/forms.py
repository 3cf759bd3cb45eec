"""What staff type about calls, tasks and numbers."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.forms import BoundField

from clinic.forms import DayField
from clinic.models import Language, User
from outcomes.follow_ups.worklist import by_phone, calls
from outcomes.instruments import answers, definition
from outcomes.instruments.answers import AnswerError
from outcomes.instruments.definition import Values
from outcomes.models import ContactAttempt
from outcomes.survey import had_treatment, question_page
from outcomes.survey.questions import Question

Outcome = ContactAttempt.Outcome
NOTE_LENGTH = 300
STOPS = (
    (calls.PLAN, "No more messages and calls about this plan"),
    (calls.EVERYTHING, "No more at all: the patient leaves follow-up"),
)


class NoteForm(forms.Form):
    """Every form about a call names the last one that it was shown with."""

    seen = forms.CharField(required=False, max_length=36, widget=forms.HiddenInput)
    note = forms.CharField(
        required=False,
        max_length=NOTE_LENGTH,
        label="Note for the next caller",
        help_text="Nothing about health: everybody who calls reads it.",
    )


class CallForm(NoteForm):
    outcome = forms.ChoiceField(
        choices=[(each.value, each.label) for each in calls.SAID],
        error_messages={"required": "Say what came of the call."},
    )
    call_again_on = DayField(
        required=False,
        label="Call again on",
        help_text="Empty: the next working day.",
    )
    phone = forms.UUIDField(required=False, widget=forms.HiddenInput)


class RefusalForm(NoteForm):
    stop = forms.ChoiceField(
        label="What is to stop?",
        choices=STOPS,
        widget=forms.RadioSelect,
        error_messages={"required": "Say what is to stop."},
    )


class DeathForm(NoteForm):
    deceased_on = DayField(
        required=False, label="Day of death", help_text="Empty: today."
    )


class AnswersForm(NoteForm):
    """The questions of a survey on one page; it is never filled in beforehand."""

    language = forms.ChoiceField(
        label="Asked in", choices=Language.choices, widget=forms.RadioSelect
    )

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
        self.taken: dict[str, Values] = {}
        excused = self._not_had_yet()
        for one in self.asked:
            sent = self._sent(one)
            is_excused = {target.response_id for target in one.targets} <= excused
            may_lack = is_excused or bool(one.item.enable_when)
            if not sent and may_lack or one.key in self.errors:
                continue
            try:
                self.taken[one.key] = answers.read(one.item, sent)
            except AnswerError as error:
                said = str(error) if sent else by_phone.CHOOSE
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
    return forms.CharField(required=False, label=label, widget=widget())


def choices_of(question: Question) -> list[tuple[str, str]]:
    """In both languages, where they differ."""
    english = question_page.offered(question.item, Language.ENGLISH)
    spanish = dict(question_page.offered(question.item, Language.SPANISH))
    return [
        (value, label if label == spanish[value] else f"{label} · {spanish[value]}")
        for value, label in english
    ]


class PersonField(forms.ModelChoiceField):
    def label_from_instance(self, obj: Any) -> str:
        return str(obj.name)


class ReassignForm(forms.Form):
    """From whom, and to whom; evenly over the others where nobody is named."""

    away = PersonField(
        label="From",
        queryset=User.objects.none(),
        required=False,
        empty_label="nobody: what is not assigned",
    )
    to = PersonField(
        label="To",
        queryset=User.objects.none(),
        required=False,
        empty_label="spread evenly over the others",
    )

    def __init__(
        self, *args: Any, holders: QuerySet[User], people: QuerySet[User], **more: Any
    ) -> None:
        super().__init__(*args, **more)
        self.fields["away"].queryset = holders  # type: ignore[attr-defined]
        self.fields["to"].queryset = people  # type: ignore[attr-defined]


class SentForm(forms.Form):
    q = forms.CharField(
        max_length=254,
        label="Phone number or e-mail address",
        widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "text"}),
        error_messages={"required": "Type the number or the address."},
    )
