from typing import TYPE_CHECKING, Any

from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from clinic import access

if TYPE_CHECKING:
    # At run time the library reads this module while it loads its views.
    from rest_framework.views import APIView


class MayAct(BasePermission):
    """Default deny: a view says in `acts` which act each of its actions needs.

    `acts = {"list": Act.X, "retrieve": Act.X, "create": Act.Y}`; an action without
    an entry is refused to everybody.
    """

    message = "Your role in this clinic may not do this."

    def has_permission(self, request: Request, view: "APIView") -> bool:
        if not request.user.is_authenticated:
            return False
        if not self.is_answered(request, view):
            # 405 follows, and says more than 403 would.
            return True
        if self.is_held(request, view):
            return True
        if getattr(view, "detail", False):
            # A row that may not be read does not exist: 404 comes before 403.
            self.find(view)
        return False

    def is_answered(self, request: Request, view: "APIView") -> bool:
        method = str(request.method).lower()
        return method in view.http_method_names and hasattr(view, method)

    def is_held(self, request: Request, view: Any) -> bool:
        method = str(request.method).lower()
        action = getattr(view, "action", None) or method.replace("head", "get")
        acts: dict[str, access.Act] = getattr(view, "acts", {})
        return action in acts and access.can(request.user, acts[action])

    def find(self, view: Any) -> None:
        view.get_object()
