from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from clinic.models import Clinic

SESSION_KEY = "clinic"
# What somebody who works in no clinic can still do.
NEEDS_NO_CLINIC = frozenset(
    {"clinic:choose", "clinic:enter", "account_login", "account_logout"}
)


class NothingKeptMiddleware:
    """Whatever somebody who is signed in was shown, no browser and no proxy keeps.

    So the Back button shows no patient to who sits down after a sign-out. Pages of
    patients behind a link say it themselves; static files never come this far.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        # Asked for afterwards: the API learns only then who holds a token.
        if request.user.is_authenticated:
            response.headers.setdefault("Cache-Control", "no-store")
        return response


class CurrentClinicMiddleware:
    """Puts the signed-in user to work in the clinic that the session remembers."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            chosen = request.session.get(SESSION_KEY)
            request.user.enter(Clinic(pk=chosen) if chosen else None)
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], *_: Any
    ) -> HttpResponse | None:
        """Somebody who works in no clinic is told so once, not refused at each page."""
        is_page = getattr(view, "login_required", True)
        name = request.resolver_match.view_name if request.resolver_match else ""
        if (
            is_page
            and name not in NEEDS_NO_CLINIC
            and request.user.is_authenticated
            and request.user.membership is None
        ):
            return redirect("clinic:choose")
        return None
