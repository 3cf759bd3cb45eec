"""Our programs as processes of their own, on the database in use."""

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from django.conf import settings
from django.db import connection

# Dawdles between the mail server's yes and our record of it.
SLOW_RECORDING = "tests.faults.slow_recording"


def database_url() -> str:
    """The database in use, as a program of its own would be told of it."""
    held = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{held['NAME']}"
    place = f"{held['HOST'] or 'localhost'}:{held['PORT'] or 5432}"
    person = f"{held['USER']}:{held['PASSWORD']}".rstrip(":")
    return f"postgres://{person}@{place}/{held['NAME']}"


def environment(**more: str) -> dict[str, str]:
    return {
        **os.environ,
        "DATABASE_URL": database_url(),
        "REDIS_URL": settings.REDIS_URL,
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "LINK_KEY": settings.LINK_KEY,
        **more,
    }


def start(command: Sequence[str], **more: str) -> subprocess.Popen[bytes]:
    """In a process group of its own; what it complains of goes to FAULT_LOG."""
    with Path(os.environ.get("FAULT_LOG", os.devnull)).open("ab") as log:
        return subprocess.Popen(
            [sys.executable, "-m", *command],
            env=environment(**more),
            stdout=log,
            stderr=log,
            start_new_session=True,
        )


def worker(
    name: str, *options: str, app: str = "config", **more: str
) -> subprocess.Popen[bytes]:
    command = ["celery", "-A", app, "worker", f"--hostname={name}", *options]
    quiet = ["--loglevel=ERROR", "--without-gossip", "--without-mingle"]
    return start([*command, *quiet], **more)


def beat(folder: Path, name: str, **more: str) -> subprocess.Popen[bytes]:
    """With a file of its own; rings each second, unless told otherwise."""
    command = ["celery", "-A", "config", "beat", "--loglevel=ERROR", "--pidfile="]
    schedule = f"--schedule={folder / name}"
    return start([*command, schedule], **{"TICK_SECONDS": "1", **more})


def children(process: subprocess.Popen[bytes]) -> list[int]:
    """Its direct ones; none where the system does not tell."""
    try:
        told = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text()
    except OSError:
        return []
    return [int(pid) for pid in told.split()]


def kill(process: subprocess.Popen[bytes]) -> None:
    """kill -9 of the program and of the children it has."""
    if process.poll() is None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
