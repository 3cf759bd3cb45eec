"""What each process of a test run has to itself: a data folder and a broker."""

import contextlib
import os
import tempfile
from pathlib import Path
from urllib.parse import urlsplit

from config.broker import embedded_broker

PROCESS = os.environ.get("PYTEST_XDIST_WORKER", "gw0")
_belongings = contextlib.ExitStack()


def move_in() -> None:
    """Set MENDLINE_DATA and REDIS_URL; a program that a test starts inherits both."""
    if os.environ.get("TEST_PROCESS") == PROCESS:
        return
    os.environ["TEST_PROCESS"] = PROCESS
    given = os.environ.setdefault("TEST_REDIS_URL", os.environ.get("REDIS_URL", ""))
    os.environ["REDIS_URL"] = (
        _own_database(given) if given else _belongings.enter_context(embedded_broker())
    )
    folder = _belongings.enter_context(
        tempfile.TemporaryDirectory(prefix="mendline-test-", ignore_cleanup_errors=True)
    )
    os.environ["MENDLINE_DATA"] = folder
    # Static files come from the apps here, but the middleware wants its folder.
    (Path(folder) / "static").mkdir()


def move_out() -> None:
    _belongings.close()


def _own_database(redis_url: str) -> str:
    """redis://host/9 for the first process, redis://host/10 for the second, ..."""
    address = urlsplit(redis_url)
    first = int(address.path.strip("/") or 0)
    return address._replace(path=f"/{first + int(PROCESS[2:])}").geturl()
