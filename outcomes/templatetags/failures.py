"""What became of a message that did not arrive, in words for staff."""

from django import template

from outcomes.follow_ups.guard import failed
from outcomes.models import Message

register = template.Library()


@register.filter
def happened(message: Message) -> str:
    return failed.words(message)[0]


@register.filter
def remedy(message: Message) -> str:
    return failed.words(message)[1]
