"""Callers of the API for tests."""

from rest_framework.test import APIClient

from clinic.models import ApiToken, User


def with_token(user: User) -> APIClient:
    """A program that holds a token of this member of staff."""
    client = APIClient()
    _, key = ApiToken.issue(user=user, clinic=user.membership.clinic)
    client.credentials(HTTP_AUTHORIZATION=f"Token {key}")
    # The library's own default would send a form.
    client.default_format = "json"
    return client
