"""A judgement on the form: the source, how sure, and what is cited for and against."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from django import forms
from django.forms.boundfield import BoundField

from patients.catalogue import findings, places
from patients.models import Complaint, Evidence, Finding, SourceHypothesis, Study
from patients.models.complaint import NOTE_LENGTH
from patients.triage import evidence, evidence_words
from patients.triage.evidence import Citation, Performed, Response

# Nothing is cited unless somebody says so.
STANCES = (("", "not cited"), ("for", "for"), ("against", "against"))
LINES_HELP = "One thing a line."


class Item(NamedTuple):
    """One thing that can be cited, and the radio buttons that cite it."""

    label: str
    note: str
    field: BoundField


@dataclass(frozen=True, slots=True)
class InjectionItem:
    done: Performed
    field: BoundField
    blocked: BoundField
    before: BoundField
    after: BoundField
    lasted: BoundField


class SourceForm(forms.Form):
    source = forms.ChoiceField(
        label="Where may it come from?",
        choices=lambda: [("", "Choose a source"), *places.source_choices()],
    )
    certainty = forms.ChoiceField(
        choices=SourceHypothesis.Certainty,
        initial=SourceHypothesis.Certainty.SUSPECTED,
        widget=forms.RadioSelect,
        label="How sure is it?",
    )
    words_for = forms.CharField(
        required=False,
        label="Else for it",
        help_text=LINES_HELP,
        widget=forms.Textarea({"rows": 2}),
    )
    words_against = forms.CharField(
        required=False,
        label="Else against it",
        help_text=LINES_HELP,
        widget=forms.Textarea({"rows": 2}),
    )
    note = forms.CharField(
        required=False,
        max_length=NOTE_LENGTH,
        label="Note",
        widget=forms.Textarea({"rows": 2}),
    )

    def __init__(self, *args: Any, complaint: Complaint, **more: Any) -> None:
        super().__init__(*args, **more)
        self.found: Sequence[Finding] = evidence.findings_of(complaint)
        self.studied: Sequence[Study] = evidence.studies_of(complaint)
        self.done: Sequence[Performed] = evidence.performed_for(complaint)
        for row in (*self.found, *self.studied):
            self.fields[f"cite-{row.pk}"] = stance_field()
        for intervention in self.done:
            self.fields.update(injection_fields(intervention))

    @property
    def telling(self) -> list[Item]:
        return [self._item(f) for f in self.found if evidence_words.is_telling(f)]

    @property
    def unremarkable(self) -> list[Item]:
        return [self._item(f) for f in self.found if not evidence_words.is_telling(f)]

    @property
    def studies(self) -> list[Item]:
        return [
            Item(
                evidence_words.of_study(study),
                "" if study.reviewed_at else "not reviewed",
                self[f"cite-{study.pk}"],
            )
            for study in self.studied
        ]

    @property
    def injections(self) -> list[InjectionItem]:
        return [
            InjectionItem(
                each,
                self[f"cite-{each.pk}"],
                *(self[f"{part}-{each.pk}"] for part in INJECTION_PARTS),
            )
            for each in self.done
        ]

    @property
    def is_cited(self) -> bool:
        """Whether something of what is folded away has been chosen already."""
        return any(item.field.value() for item in self.unremarkable)

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        chosen = {name for name in self.data if name.startswith("cite-")}
        if any(self.data[name] for name in chosen - set(self.fields)):
            # Dropping it in silence would lose what somebody wanted to cite.
            self.add_error(None, "Something that was cited has changed; look again.")
        rows: list[Citation] = [
            Citation(given[f"cite-{finding.pk}"], finding=finding)
            for finding in self.found
            if given.get(f"cite-{finding.pk}")
        ]
        rows += [
            Citation(given[f"cite-{study.pk}"], study=study)
            for study in self.studied
            if given.get(f"cite-{study.pk}")
        ]
        rows += filter(None, (self._response(given, each) for each in self.done))
        for stance in Evidence.Stance.values:
            lines = given.get(f"words_{stance}", "").splitlines()
            rows += [Citation(stance, words=line) for line in lines if line.strip()]
        asked = {name: given.get(name) for name in ("source", "certainty", "note")}
        return {name: v for name, v in asked.items() if v is not None} | {
            "citations": rows
        }

    def _response(self, given: dict[str, Any], done: Performed) -> Citation | None:
        stance = given.get(f"cite-{done.pk}")
        before, after = given.get(f"before-{done.pk}"), given.get(f"after-{done.pk}")
        if not stance:
            typed = {f"before-{done.pk}", f"after-{done.pk}"} & set(self.changed_data)
            if typed and (before is not None or after is not None):
                self.add_error(
                    f"cite-{done.pk}", "Say whether it speaks for or against."
                )
            return None
        if before is None or after is None:
            if not {f"before-{done.pk}", f"after-{done.pk}"} & set(self.errors):
                self.add_error(f"before-{done.pk}", "Give the pain before and after.")
            return None
        blocked, lasted = given[f"blocked-{done.pk}"], given[f"lasted-{done.pk}"]
        response = Response(done.pk, blocked, before, after, lasted)
        return Citation(stance, response=response)

    def _item(self, finding: Finding) -> Item:
        known = findings.definitions().get(finding.code)
        block = findings.BLOCKS[known.block] if known else ""
        return Item(evidence_words.label(finding), block, self[f"cite-{finding.pk}"])


INJECTION_PARTS = ("blocked", "before", "after", "lasted")


def stance_field() -> forms.Field:
    return forms.ChoiceField(
        choices=STANCES, required=False, initial="", widget=forms.RadioSelect
    )


def injection_fields(done: Performed) -> dict[str, forms.Field]:
    def pain(label: str, recorded: int | None) -> forms.Field:
        return forms.IntegerField(
            label=label,
            required=False,
            min_value=0,
            max_value=evidence.WORST_PAIN,
            initial=recorded,
        )

    return {
        f"cite-{done.pk}": stance_field(),
        f"blocked-{done.pk}": forms.CharField(
            label="What was blocked",
            max_length=120,
            required=False,
            initial=done.target or done.title,
        ),
        f"before-{done.pk}": pain("Pain before", done.pain_before),
        f"after-{done.pk}": pain("Pain after", done.pain_after),
        f"lasted-{done.pk}": forms.CharField(
            label="For how long",
            max_length=40,
            required=False,
            initial=done.lasted,
            widget=forms.TextInput({"placeholder": "such as 4 h"}),
        ),
    }
