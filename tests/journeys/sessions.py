"""A browser in which somebody has signed in; the form of it has tests of its own."""

from django.conf import settings
from django.test import Client
from playwright.sync_api import BrowserContext

from clinic.models import User


def open_session(context: BrowserContext, site: str, user: User) -> None:
    client = Client()
    client.force_login(user)
    name = settings.SESSION_COOKIE_NAME
    cookie = client.cookies[name].value
    context.add_cookies([{"name": name, "value": cookie, "url": site}])
