from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest, HttpResponse

from clinic import audit
from clinic.models import User


class StaffAccountAdapter(DefaultAccountAdapter):
    """Staff are added by their clinic; nobody signs up by themselves."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def post_login(
        self, request: HttpRequest, user: User, **details: Any
    ) -> HttpResponse:
        keep(user.enter(), "user.signed_in")
        return super().post_login(request, user, **details)

    def logout(self, request: HttpRequest) -> None:
        if isinstance(request.user, User):
            keep(request.user, "user.signed_out")
        super().logout(request)


def keep(user: User, action: str) -> None:
    """Filed under the clinic the person works in, where its admins look."""
    audit.record(by=user, action=action, about=user.membership or user)
