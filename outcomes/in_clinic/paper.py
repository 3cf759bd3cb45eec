"""The questions of a follow-up on paper, and the code by which it comes back."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import transaction

from clinic import audit
from clinic.models import Language, User
from outcomes.in_clinic import codes, entering
from outcomes.instruments import definition
from outcomes.models import FollowUp, PaperForm
from outcomes.survey import question_page
from outcomes.survey.questions import Question


@dataclass(frozen=True, slots=True)
class Printed:
    """A question as it stands on the sheet: with boxes, or with a line to write on."""

    number: int
    wording: str
    is_scale: bool
    # More than one box may be marked.
    is_several: bool
    boxes: Sequence[str]
    cant_tell: str
    low: str
    high: str


@transaction.atomic
def print_form(
    follow_up: FollowUp, *, by: User, language: str, names_patient: bool = False
) -> PaperForm:
    """A sheet with a code of its own; the questions are those of today."""
    if language not in Language.values:
        raise ValidationError({"language": "Choose one of the languages."})
    reason = entering.refusal(follow_up)
    if reason:
        raise ValidationError(reason)
    code = codes.paper()
    while PaperForm.objects.filter(clinic=follow_up.clinic_id, code=code).exists():
        code = codes.paper()
    form = PaperForm.objects.create(
        clinic_id=follow_up.clinic_id,
        follow_up=follow_up,
        code=code,
        language=language,
        names_patient=names_patient,
        asked=[question.key for question in entering.questions(follow_up)],
        printed_by=by,
    )
    audit.record(by=by, action="paper_form.printed", about=form, names=names_patient)
    return form


def find(user: User, typed: str) -> PaperForm:
    """The sheet that a code is on; ValidationError says what is wrong with it."""
    code = codes.typed(typed)
    if not codes.is_paper(code):
        raise ValidationError(
            {"code": "There is a slip in this code; read it from the sheet again."}
        )
    visible = PaperForm.objects.visible_to(user).filter(code=code)
    form: PaperForm | None = visible.select_related("follow_up").first()
    if form is None:
        raise ValidationError({"code": "No sheet of this clinic has this code."})
    return form


def sheet(form: PaperForm) -> list[Printed]:
    """What is printed: as the questions read now, in the language of the sheet."""
    asked = entering.questions(form.follow_up)
    return [
        _printed(number, question, form.language)
        for number, question in enumerate(asked, 1)
    ]


def _printed(number: int, question: Question, language: str) -> Printed:
    item = question.item
    has_boxes = item.is_coded or item.type == definition.BOXES
    choices = question_page.offered(item, language) if has_boxes else []
    return Printed(
        number=number,
        wording=question.wording(language),
        is_scale=item.is_rating,
        is_several=item.type == definition.BOXES,
        boxes=[label for value, label in choices if value != definition.CANT_TELL],
        cant_tell=item.cant_tell.get(language, ""),
        low=item.low.get(language, ""),
        high=item.high.get(language, ""),
    )
