"""What became of a message that did not arrive, in words for staff."""

from django import template

from outcomes.follow_ups.guard import failed
from outcomes.models import Message

register = template.Library()


@register.filter
def happened(message: Message) -> str:
    return failed.told(message).happened


@register.filter
def remedy(message: Message) -> str:
    return failed.told(message).remedy
