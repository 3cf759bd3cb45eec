import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

from config import run


@pytest.fixture
def port() -> Iterator[int]:
    """A port nobody uses, outside the range from which connections are given one."""
    for number in range(18000, 32000):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", number)):
                yield number
                return


def test_a_taken_port_is_named_with_a_way_out(port: int) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", port))
        other.listen()
        with pytest.raises(run.CannotStart, match=f"PORT={port + 1} make run"):
            run.check_port(port)


def test_a_free_port_is_fine(port: int) -> None:
    run.check_port(port)


def test_a_data_folder_serves_one_run_at_a_time(tmp_path: Path) -> None:
    with (
        run.sole_use_of(tmp_path),
        pytest.raises(run.CannotStart, match="MENDLINE_DATA"),
        run.sole_use_of(tmp_path),
    ):
        pass
    with run.sole_use_of(tmp_path):
        pass


def test_a_large_access_log_is_set_aside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run, "LARGEST_ACCESS_LOG", 10)
    run.access_log(tmp_path).write_text("x" * 11)
    assert not run.access_log(tmp_path).exists()
    assert (tmp_path / "access.log.1").exists()


def descendants(pid: int) -> set[int]:
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    found = {int(child) for child in children}
    return found.union(*(descendants(child) for child in found))


def is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")")[-1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def status(port: int, path: str) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    connection.request("GET", path)
    return connection.getresponse().status


@pytest.fixture
def own_clinic(tmp_path: Path, port: int) -> dict[str, str]:
    """The environment of a machine with a clinic of its own, so without a demo."""
    environment = {
        name: value
        for name, value in os.environ.items()
        if name not in {"DATABASE_URL", "REDIS_URL", "DJANGO_SETTINGS_MODULE"}
    } | {"MENDLINE_DATA": str(tmp_path / "data"), "PORT": str(port)}
    for command in (
        ["migrate", "--verbosity", "0"],
        ["open_clinic", "Own Clinic", "--admin-email", "a@example.org"],
    ):
        subprocess.run(
            [sys.executable, "manage.py", *command],
            cwd=settings.BASE_DIR,
            env=environment,
            check=True,
            capture_output=True,
        )
    return environment


def test_everything_starts_and_one_signal_stops_it(
    own_clinic: dict[str, str], port: int, tmp_path: Path
) -> None:
    said = tmp_path / "said"
    with said.open("w") as output:
        supervisor = subprocess.Popen(
            [sys.executable, "-m", "config.run"],
            cwd=settings.BASE_DIR,
            env=own_clinic,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    deadline = time.monotonic() + 60
    while "Ctrl-C stops everything" not in said.read_text():
        assert supervisor.poll() is None, said.read_text()
        assert time.monotonic() < deadline, said.read_text()
        time.sleep(0.1)
    family = descendants(supervisor.pid)
    assert len(family) >= 4
    assert status(port, "/healthz") == 200
    assert status(port, "/s/k3Jx9AbCdEfGhIjKlMnOp") == 200

    supervisor.send_signal(signal.SIGINT)
    assert supervisor.wait(timeout=15) == 0
    assert [pid for pid in family if is_running(pid)] == []
    assert f"Mendline is ready: http://localhost:{port}/" in said.read_text()
    requests = (tmp_path / "data" / "access.log").read_text()
    assert "GET /s/[redacted] 200" in requests
    assert "k3Jx9" not in requests
