from typing import Any

from django.conf import settings
from django.http import HttpRequest

from clinic import access


def workplace(request: HttpRequest) -> dict[str, Any]:
    """The clinic, the roles and the acts that page chrome depends on."""
    user = getattr(request, "user", None)
    membership = getattr(user, "membership", None)
    if user is None or membership is None:
        return {"is_https": settings.IS_HTTPS}
    return {
        "is_https": settings.IS_HTTPS,
        "membership": membership,
        "clinic": membership.clinic,
        "may": {act.name.lower(): True for act in access.acts_of(user)},
    }
