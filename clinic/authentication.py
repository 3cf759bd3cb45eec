from django.utils.translation import gettext_lazy as _
from rest_framework import authentication, exceptions
from rest_framework.request import Request

from clinic import clock
from clinic.models import ApiToken, User


class TokenAuthentication(authentication.BaseAuthentication):
    """`Authorization: Token KEY`; the key says the person and the clinic."""

    keyword = "Token"

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        scheme, _space, key = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != self.keyword.lower():
            return None
        token = (
            ApiToken.objects.select_related("user", "clinic")
            .filter(digest=ApiToken.digest_of(key.strip()), revoked_at=None)
            .first()
        )
        if token is None or not token.user.is_active:
            raise exceptions.AuthenticationFailed(_("This token is not valid."))
        self.note_use(token)
        token.user.enter(token.clinic)
        return token.user, token

    def authenticate_header(self, request: Request) -> str:
        return self.keyword

    def note_use(self, token: ApiToken) -> None:
        today = clock.today(token.clinic.zone)
        if token.last_used_on != today:
            ApiToken.objects.filter(pk=token.pk).update(last_used_on=today)
