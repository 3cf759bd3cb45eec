from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from clinic.models import Clinic

SESSION_KEY = "clinic"


class CurrentClinicMiddleware:
    """Puts the signed-in user to work in the clinic that the session remembers."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            chosen = request.session.get(SESSION_KEY)
            request.user.enter(Clinic(pk=chosen) if chosen else None)
        return self.get_response(request)
