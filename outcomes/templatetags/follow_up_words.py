"""How a follow-up's state is said and coloured on every staff page."""

from datetime import date, datetime
from typing import Any

from django import template

from outcomes.follow_ups.channels import letter
from outcomes.follow_ups.incoming import inbox
from outcomes.follow_ups.labels import Label
from outcomes.models import Message, StaffTask
from outcomes.survey import texts
from outcomes.survey.questions import Question
from patients.models import Patient
from plans.course import confirmation
from plans.models import Intervention

register = template.Library()

_TONES = {
    Label.ANSWERED: "ok",
    Label.ANSWERED_LATE: "ok",
    Label.EXAMINED: "ok",
    Label.EXAMINATION_MISSING: "warn",
    Label.DUE: "ok",
    Label.OVERDUE: "warn",
    Label.MISSED: "warn",
    Label.WAITING: "warn",
    Label.ON_HOLD: "warn",
    Label.CLOSING_SOON: "bad",
    Label.UNREACHABLE: "bad",
}


@register.filter
def tone(label: Label) -> str:
    """ok, warn, bad or nothing: the colour beside the word, never instead of it."""
    return _TONES.get(label, "")


@register.filter
def said_in_words(said: str) -> str:
    """What the patient answered to "did you have it?", in staff's words."""
    return "yes" if said == Intervention.Said.YES else "not yet"


@register.filter
def said_tone(said: str) -> str:
    return "ok" if said == Intervention.Said.YES else "warn"


@register.filter
def said_by(intervention: Intervention, patient: Patient) -> str:
    return confirmation.said(intervention, patient.time_zone)


@register.filter
def is_to_confirm(intervention: Intervention, today: date) -> bool:
    return confirmation.is_past_its_day(intervention, today)


_MESSAGE_TONES = {
    Message.State.DELIVERED: "ok",
    Message.State.ACCEPTED: "ok",
    Message.State.BOUNCED: "bad",
    Message.State.FAILED: "bad",
    Message.State.DEAD: "bad",
    Message.State.UNCERTAIN: "warn",
    Message.State.RETRY_WAIT: "warn",
}


@register.filter
def message_tone(state: str) -> str:
    return _MESSAGE_TONES.get(Message.State(state), "")


@register.filter
def sent_at(message: Message) -> datetime:
    """When it left; while it has not, since when it waits."""
    return message.accepted_at or message.created_at


@register.filter
def task_word(kind: str) -> str:
    return str(StaffTask.Kind(kind).label)


@register.filter
def wording_in(question: Question, language: str) -> str:
    return question.wording(language)


@register.filter
def other_wording(question: Question, language: str) -> str:
    """For who reads it out and speaks the other language better."""
    return question.wording(texts.other_language(language))


@register.filter
def other_language(language: str) -> str:
    return texts.other_language(language)


@register.filter
def low_in(question: Question, language: str) -> str:
    return question.item.low[language]


@register.filter
def high_in(question: Question, language: str) -> str:
    return question.item.high[language]


@register.inclusion_tag("outcomes/follow_ups/_tabs.html", takes_context=True)
def contact_tabs(context: dict[str, Any]) -> dict[str, Any]:
    """The pages about contact with patients; two queries, for what waits on them."""
    request = context["request"]
    return {
        "here": request.resolver_match.view_name,
        "may": context["may"],
        "unread": inbox.unread_count(request.user),
        "letters": letter.waiting(request.user).count(),
    }
