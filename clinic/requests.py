from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, QueryDict
from django_htmx.middleware import HtmxDetails

from clinic.models import Clinic, User


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
