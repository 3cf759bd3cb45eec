from datetime import datetime
from zoneinfo import ZoneInfo

from django import template
from django.utils import dateformat

register = template.Library()


@register.filter
def local(moment: datetime, form: str) -> str:
    """As it stands on the clock that it carries; Django's own would show the site's."""
    return dateformat.format(moment.replace(tzinfo=None), form)


@register.filter
def local_in(moment: datetime, zone: str) -> datetime:
    return moment.astimezone(ZoneInfo(zone))
