"""A real browser against a live server; .ci/run has one, make test does without."""

import os
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

CHROMIUM = "/usr/bin/chromium"
QUIET_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
DESK = {"width": 1280, "height": 900}
PHONE = {"width": 390, "height": 844}


@pytest.fixture(scope="session", autouse=True)
def database_beside_the_browser() -> Iterator[None]:
    """The browser's driver keeps an event loop in our thread; Django would object."""
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    yield
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    return {"executable_path": CHROMIUM, "args": QUIET_FLAGS}


@pytest.fixture
def site(live_server: LiveServer, settings: Settings) -> str:
    """The address of the running site; links in messages start with it."""
    settings.SITE_URL = live_server.url
    return live_server.url


def _watched(context: BrowserContext, complaints: list[str]) -> Page:
    def note(message: ConsoleMessage) -> None:
        if message.type == "error":
            complaints.append(f"{message.location.get('url')}: {message.text}")

    context.on("console", note)
    context.on("weberror", lambda error: complaints.append(str(error.error)))
    return context.new_page()


@pytest.fixture
def complaints() -> Iterator[list[str]]:
    """What the browser complains about, a refused script or style above all."""
    heard: list[str] = []
    yield heard
    assert heard == []


@pytest.fixture
def desk(browser: Browser, site: str, complaints: list[str]) -> Iterator[Page]:
    """A staff member's screen."""
    with browser.new_context(base_url=site, viewport=DESK) as context:
        yield _watched(context, complaints)


@pytest.fixture
def phone(browser: Browser, site: str, complaints: list[str]) -> Iterator[Page]:
    """A patient's phone, in a browser of its own."""
    with browser.new_context(
        base_url=site, viewport=PHONE, has_touch=True, is_mobile=True
    ) as context:
        yield _watched(context, complaints)
