from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView

from clinic import access


class MayAct(BasePermission):
    """Default deny: a view says in `acts` which act each of its actions needs.

    `acts = {"list": Act.X, "retrieve": Act.X, "create": Act.Y}`; an action without
    an entry is refused to everybody.
    """

    message = "Your role in this clinic may not do this."

    def has_permission(self, request: Request, view: APIView) -> bool:
        if not request.user.is_authenticated:
            return False
        acts: dict[str, access.Act] = getattr(view, "acts", {})
        action = getattr(view, "action", None) or request.method.lower()
        if action in {"metadata", "options"}:
            return True
        return action in acts and access.can(request.user, acts[action])
