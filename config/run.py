"""One command for a single machine: broker, web, workers and beat together."""

import contextlib
import fcntl
import http.client
import os
import signal
import socket
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import TextIO
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from config import broker
from config.processes import Child, Crew, start_apart

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
GRACE_SECONDS, BROKER_GRACE_SECONDS = 2.5, 0.7
START_SECONDS = 60.0
LARGEST_ACCESS_LOG = 10_000_000
PYTHON = sys.executable
# What only the worker of long work loads.
IMPORTS = ("--include", "patients.record.imports.tasks")
# Celery warns of root because of pickled messages; we take none but JSON.
QUIET_ABOUT_ROOT = ("-W", "ignore::UserWarning:celery.platforms")


class CannotStart(Exception):
    """One line that says why, and what to do about it."""


class Stopped(Exception):
    """Somebody asked us to stop."""


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


class StopRequest:
    """Remembers a stop signal until the loops ask for it.

    Raising from the handler itself could lose a process that is just being started.
    """

    def __init__(self) -> None:
        self.is_made = False
        for each in STOP_SIGNALS:
            signal.signal(each, self._remember)

    def _remember(self, signum: int, frame: FrameType | None) -> None:
        self.is_made = True

    def check(self) -> None:
        if self.is_made:
            raise Stopped


def check_port(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            why = os.strerror(error.errno or 0).lower()
            raise CannotStart(
                f"Port {port} cannot be used ({why}). "
                f"Try another: PORT={port + 1} make run"
            ) from error


@contextlib.contextmanager
def sole_use_of(folder: Path) -> Iterator[TextIO]:
    """Refuses a second run on the same data; the lock goes when we go."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (folder / "run.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise CannotStart(
                f"Mendline already runs with the data in {folder}. "
                "Stop it, or name another folder: MENDLINE_DATA=... make run"
            ) from error
        yield lock


def prepare(stop: StopRequest) -> str:
    """Database, page files and demo; returns who can sign in."""
    with tempfile.TemporaryFile() as who:
        preparation = start_apart(
            [PYTHON, "-m", "config.prepare"], os.environ, stdout=who.fileno()
        )
        while preparation.poll() is None:
            if stop.is_made:
                preparation.terminate()
                preparation.wait()
            time.sleep(0.05)
        stop.check()
        if preparation.returncode:
            raise CannotStart("Mendline was not started.")
        who.seek(0)
        return who.read().decode().strip()


def access_log(folder: Path) -> Path:
    """The file for this run; the one before is kept once it is large."""
    file = folder / "access.log"
    if file.exists() and file.stat().st_size > LARGEST_ACCESS_LOG:
        file.replace(folder / "access.log.1")
    return file


def environment(broker_url: str) -> dict[str, str]:
    quiet = {
        "LOG_LEVEL": "WARNING",
        "ACCESS_LOG": str(access_log(settings.DATA_DIR)),
    }
    return quiet | dict(os.environ) | {"REDIS_URL": broker_url, "PYTHONUNBUFFERED": "1"}


def services(environ: dict[str, str]) -> list[Child]:
    celery = [PYTHON, *QUIET_ABOUT_ROOT, "-m", "celery", "--quiet", "--app", "config"]
    level = ["--loglevel", environ["LOG_LEVEL"]]
    serve = ["-m", "gunicorn", "--config", "python:config.gunicorn"]
    alone = ["--without-gossip", "--without-mingle", "--without-heartbeat"]
    # Neither forks: on one machine memory counts more than a second processor.
    tick = ["worker", "--queues", "celery", "--pool", "solo", *IMPORTS]
    # What one cannot begin yet is for the next worker, where there is more than one.
    send = ["--pool", "threads", "--concurrency", "2", "--prefetch-multiplier", "1"]
    mail = ["worker", "--queues", "mail", *send]
    text = ["worker", "--queues", "text", *send]
    # The checks were made when the database was prepared, and cost each 20 MB.
    unchecked = environ | {"CELERY_SKIP_CHECKS": "1"}
    schedule = ["beat", "--schedule", str(settings.DATA_DIR / "beat-schedule")]
    return [
        Child(
            "web",
            [PYTHON, *serve, "--graceful-timeout", "2", "config.wsgi"],
            environ,
        ),
        Child("worker", [*celery, *tick, *alone, *level], unchecked),
        Child("mail", [*celery, *mail, *alone, *level], unchecked),
        Child("text", [*celery, *text, *alone, *level], unchecked),
        Child("beat", [*celery, *schedule, "--pidfile", "", *level], unchecked),
    ]


def is_healthy(port: int) -> bool:
    """Asks the web as its own address would be asked, proxy included."""
    site = urlsplit(settings.SITE_URL)
    headers = {"Host": str(site.netloc), "X-Forwarded-Proto": site.scheme}
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=1)
    try:
        connection.request("GET", "/healthz", headers=headers)
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def start_broker(crew: Crew, folder: Path) -> None:
    child = Child("broker", broker.command(folder), dict(os.environ))
    crew.start(child)
    deadline = time.monotonic() + 10
    while not broker.is_answering(folder):
        if child.deaths or time.monotonic() > deadline:
            raise CannotStart(f"The embedded broker did not start. {child.last_line}")
        crew.watch(0.05)


def wait_for_web(crew: Crew, web: Child) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not is_healthy(settings.PORT):
        if web.deaths:
            raise CannotStart("The web server cannot start; its reason stands above.")
        if time.monotonic() > deadline:
            raise CannotStart(
                f"The web server did not answer within {START_SECONDS:.0f} s."
            )
        crew.watch(0.1)


def welcome(who: str) -> str:
    here = f"http://localhost:{settings.PORT}/"
    address = here if here == settings.SITE_URL + "/" else f"{settings.SITE_URL}/"
    mail = (
        f"Mail goes out through {settings.EMAIL_PROVIDER or settings.EMAIL_HOST}."
        if settings.EMAIL_URL or settings.EMAIL_PROVIDER
        else f"Mail is not sent. It is kept in {settings.MAILBOX_DIR} "
        f"and shown at {here}demo/mailbox/"
    )
    also = "" if address == here else f" (here: {here})"
    return (
        f"\nMendline is ready: {address}{also}\n\n{who}\n\n{mail}\n"
        "Ctrl-C stops everything.\n"
    )


@contextlib.contextmanager
def crew_on_duty(stop: StopRequest) -> Iterator[Crew]:
    """A crew that is stopped whatever happens: first the services, then the broker."""
    crew = Crew(say, stop.check)
    try:
        yield crew
    finally:
        say("Stopping ...")
        waiting = [child for child in crew.children if child.name != "broker"]
        crew.stop(waiting, GRACE_SECONDS)
        crew.stop(list(crew.children), BROKER_GRACE_SECONDS)


def serve(who: str, stop: StopRequest) -> None:
    with broker.socket_folder() as folder, crew_on_duty(stop) as crew:
        say("5/5 services      web, worker, mail, text, beat")
        broker_url = settings.REDIS_URL
        if not broker_url:
            start_broker(crew, folder)
            broker_url = broker.url(folder)
        children = services(environment(broker_url))
        for child in children:
            crew.start(child)
        wait_for_web(crew, children[0])
        say(welcome(who))
        while True:
            crew.watch(0.25)


def run(stop: StopRequest) -> None:
    check_port(settings.PORT)
    with sole_use_of(settings.DATA_DIR):
        serve(prepare(stop), stop)


def main() -> int:
    # For the services too: the database and the mail hold patients' data, and a
    # data folder that was there before may be open to everybody.
    os.umask(0o077)
    try:
        run(StopRequest())
    except Stopped:
        say("Everything has stopped.")
    except (CannotStart, broker.BrokerUnavailable, ImproperlyConfigured) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
