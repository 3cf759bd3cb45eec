"""What the OpenAPI document says beyond what it reads off the code."""

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema

REFUSALS = {
    "400": "A field or parameter is wrong; the body names it.",
    "401": "Not signed in, or the token is not valid.",
    "403": "Your role in this clinic may not do this.",
}
NOT_FOUND = "There is no such row in your clinic, or your role may not read it."


class TokenScheme(OpenApiAuthenticationExtension):
    target_class = "clinic.authentication.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, str]:
        return {
            "type": "apiKey",
            "in": "header",
            "name": "Authorization",
            "description": "`Token KEY`, with a key from `manage.py api_token E-MAIL`.",
        }


class SessionScheme(OpenApiAuthenticationExtension):
    target_class = "rest_framework.authentication.SessionAuthentication"
    name = "session"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, str]:
        return {
            "type": "apiKey",
            "in": "cookie",
            # Spelled out, because the setting behind it differs under https.
            "name": "session",
            "description": (
                "The cookie of the sign-in page, `__Host-session` under https; "
                "writing also needs the header `X-CSRFToken`."
            ),
        }


class ApiSchema(AutoSchema):
    """Adds the refusals, which are the same everywhere, to each operation."""

    def get_operation(self, path: str, *args: Any) -> dict[str, Any] | None:
        operation = super().get_operation(path, *args)
        if operation is not None:
            refusals = {**REFUSALS, **({"404": NOT_FOUND} if "{id}" in path else {})}
            for status, description in refusals.items():
                operation["responses"].setdefault(status, {"description": description})
        return operation
