"""The note as somebody asks for it: of which evaluation, and kept that it was read."""

from collections.abc import Sequence
from dataclasses import dataclass

from clinic import audit
from clinic.models import User
from patients.models import Complaint, Evaluation
from patients.triage.note import note


@dataclass(frozen=True, slots=True)
class Written:
    """`evaluations` are all of the complaint, for a choice of another one."""

    evaluation: Evaluation | None
    evaluations: Sequence[Evaluation]
    text: str


def write(complaint: Complaint, *, by: User, form: str, asked: str = "") -> Written:
    """Of the evaluation asked for by its id, else of the newest that counts.

    Raises Evaluation.DoesNotExist; `form` is how it is taken away, for the audit.
    """
    visible = Evaluation.objects.visible_to(by).filter(complaint=complaint)
    made = list(visible.select_related("signed_by"))
    for each in made:
        # Saves a query: it is this complaint's.
        each.complaint = complaint
    chosen = one_of(made, asked) if asked else newest(made)
    text = note.text(note.load(complaint, chosen, by))
    audit.record(
        by=by,
        action="note.read",
        about=complaint,
        evaluation=str(chosen.pk) if chosen else "",
        form=form,
    )
    return Written(chosen, made, text)


def one_of(made: Sequence[Evaluation], asked: str) -> Evaluation:
    found = next((each for each in made if str(each.pk) == asked), None)
    if found is None:
        raise Evaluation.DoesNotExist
    return found


def newest(made: Sequence[Evaluation]) -> Evaluation | None:
    error = Evaluation.State.ENTERED_IN_ERROR
    return next((each for each in made if each.state != error), None)
