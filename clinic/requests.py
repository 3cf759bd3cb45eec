from collections.abc import Callable
from typing import Any, TypeVar

from django import forms
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, QueryDict
from django.views.decorators.http import require_http_methods
from django_htmx.middleware import HtmxDetails

from clinic.forms import say
from clinic.models import Clinic, User

Row = TypeVar("Row")

# Longer than any database counts.
REVISION_DIGITS = 9
# A page with a form that it also takes.
get_or_post = require_http_methods(["GET", "HEAD", "POST"])


class StaffRequest(HttpRequest):
    """What a page gets: LoginRequiredMiddleware has let somebody in."""

    user: User
    htmx: HtmxDetails


def workplace(request: StaffRequest) -> Clinic:
    """The clinic that this request works in."""
    if request.user.membership is None:
        raise PermissionDenied("You belong to no clinic yet.")
    return request.user.membership.clinic


def posted(request: StaffRequest) -> QueryDict | None:
    """What a form is bound to; an empty POST binds it too and shows its errors."""
    return request.POST if request.method == "POST" else None


def posted_revision(request: StaffRequest) -> int | None:
    """The revision of a row that the page was shown at; None where it names none."""
    text = request.POST.get("seen", "")
    is_one = text.isascii() and text.isdecimal() and len(text) <= REVISION_DIGITS
    return int(text) if is_one else None


def carry_out(
    request: StaffRequest,
    form: forms.Form,
    verb: Callable[..., Row],
    about: object,
    **more: Any,
) -> Row | None:
    """What the verb made of a form that was sent in; None where it was refused.

    What refused it stands on the form.
    """
    if request.method != "POST" or not form.is_valid():
        return None
    try:
        return verb(about, by=request.user, **{**form.cleaned_data, **more})
    except ValidationError as error:
        say(form, error)
    return None
