from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from clinic.models import Clinic, User


class StaffRequest(HttpRequest):
    """What a page gets: LoginRequiredMiddleware has let somebody in."""

    user: User


def workplace(request: StaffRequest) -> Clinic:
    """The clinic that this request works in."""
    if request.user.membership is None:
        raise PermissionDenied("You belong to no clinic yet.")
    return request.user.membership.clinic
