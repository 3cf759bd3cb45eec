"""A database of its own for a benchmark; import this before any model.

SQLite in a temporary folder, or a test database beside the one that DATABASE_URL names:
the real rows are never touched.
"""

import contextlib
import gc
import os
import tempfile
from collections.abc import Iterator

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
_folder = tempfile.TemporaryDirectory(prefix="mendline-bench-")
os.environ["MENDLINE_DATA"] = _folder.name
# A broker that was given; what runs in this process takes none.
REDIS_URL = os.environ.get("REDIS_URL", "")
os.environ["REDIS_URL"] = ""
os.environ["LOG_LEVEL"] = "WARNING"
django.setup()

from django.conf import settings  # noqa: E402
from django.db import connection  # noqa: E402


@contextlib.contextmanager
def database() -> Iterator[str]:
    """A migrated, empty database; yields the backend's name."""
    test = connection.settings_dict["TEST"]
    if connection.vendor == "sqlite":
        test["NAME"] = settings.DATA_DIR / "benchmark.sqlite3"
    connection.creation.create_test_db(verbosity=0, autoclobber=True)
    gc.freeze()  # as web and workers do
    try:
        yield connection.vendor
    finally:
        connection.creation.destroy_test_db(None, verbosity=0)


def url() -> str:
    """The database in use, as a program of its own would be told of it."""
    held = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{held['NAME']}"
    place = f"{held['HOST'] or 'localhost'}:{held['PORT'] or 5432}"
    person = f"{held['USER']}:{held['PASSWORD']}".rstrip(":")
    return f"postgres://{person}@{place}/{held['NAME']}"


def as_celery(broker: str) -> str:
    """The address of a broker in Celery's spelling."""
    return broker.replace("unix://", "redis+socket://", 1)


def analyze() -> None:
    """Fresh tables without statistics are planned badly."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
