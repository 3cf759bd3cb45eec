"""W1: how fast surveys are sent in, against a bare DRF view that stores as much.

    DATABASE_URL=postgres://… python -m benchmarks.submit

One gunicorn each, of the same settings, on the same database, in turn. Ours gets the
last answer of a survey and seals it: held, scored, judged for alerts, its step closed,
audited; the answers before came one by one. The bare view gets all answers at once and
stores them: no session, lock, score, alert or audit.
"""

import argparse
import contextlib
import http.client
import json
import os
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from urllib.parse import urlencode

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from benchmarks import open_surveys, scratch
from benchmarks.open_surveys import Last
from clinic.models import uuid7
from outcomes.models import Response
from tests.faults import programs

CLIENTS, ROUNDS = (1, 4), 3
SMALLEST_RATIO, MOST_SQL = 0.6, 8
BARE = "benchmarks.bare_survey.settings"
FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True)
class Post:
    path: str
    content: bytes
    headers: dict[str, str]


def ours(last: Last) -> Post:
    headers = {"Content-Type": FORM, "Cookie": last.cookie}
    headers["Sec-Fetch-Site"] = "same-origin"
    return Post(last.path, urlencode(last.form).encode(), headers)


def bare(answers: Sequence[dict[str, object]]) -> Post:
    told = {"patient": str(uuid7()), "language": "en", "answers": answers}
    content = json.dumps(told).encode()
    return Post("/surveys/", content, {"Content-Type": "application/json"})


@contextlib.contextmanager
def server(application: str, **environment: str) -> Iterator[int]:
    """The port it listens on, below those that the system gives to clients."""
    port = free_port()
    (scratch.settings.DATA_DIR / "static").mkdir(exist_ok=True)
    told = {"PORT": str(port), "LOG_LEVEL": "ERROR", "ACCESS_LOG": os.devnull}
    process = programs.start(
        ["gunicorn", "--config", "python:config.gunicorn", application],
        **{**told, **environment},
    )
    try:
        wait_for(port)
        yield port
    finally:
        programs.kill(process)


def free_port() -> int:
    for port in range(21_000, 32_000):
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise SystemExit("No port is free.")


def wait_for(port: int) -> None:
    ends = time.monotonic() + 60
    while time.monotonic() < ends:
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        time.sleep(0.1)
    raise SystemExit("The server did not start.")


def send_all(port: int, posts: Sequence[Post], expected: int) -> None:
    """One client: one connection, one after the other."""
    held = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    for post in posts:
        held.request("POST", post.path, post.content, post.headers)
        reply = held.getresponse()
        page = reply.read()
        if reply.status != expected:
            raise SystemExit(f"{reply.status} instead of {expected}: {page[:300]!r}")
    held.close()


def rate(port: int, posts: Sequence[Post], clients: int, expected: int) -> float:
    """Surveys a second."""
    parts = [posts[n::clients] for n in range(clients)]
    began = time.perf_counter()
    with ThreadPoolExecutor(clients) as pool:
        for sent in [pool.submit(send_all, port, part, expected) for part in parts]:
            sent.result()
    return len(posts) / (time.perf_counter() - began)


def statements(last: Last) -> tuple[int, int]:
    """SQL of sending one in: between BEGIN and COMMIT, and of the whole request."""
    client = Client(headers={"sec-fetch-site": "same-origin"})
    name, _, cookie = last.cookie.partition("=")
    client.cookies[name] = cookie
    with CaptureQueriesContext(connection) as seen:
        assert client.post(last.path, last.form).status_code == 302
    texts = [query["sql"] for query in seen.captured_queries]
    within, longest, is_open = 0, 0, False
    for text in texts:
        if text.startswith("BEGIN"):
            within, is_open = 0, True
        elif text.startswith("COMMIT"):
            longest, is_open = max(longest, within), False
        else:
            within += is_open
    return longest, len(texts)


def make_bare_tables() -> None:
    command = [sys.executable, "-m", "django", "migrate", "--run-syncdb", "-v", "0"]
    told = programs.environment(DJANGO_SETTINGS_MODULE=BARE)
    subprocess.run(command, env=told, check=True)


def compare(
    posts: list[Post], clients: int, count: int, ports: tuple[int, int]
) -> float:
    answers = open_surveys.stored_of()
    found: dict[str, list[float]] = {"Mendline": [], "bare DRF": []}
    for _ in range(ROUNDS):
        some = [posts.pop() for _ in range(count)]
        found["Mendline"].append(rate(ports[0], some, clients, 302))
        some = [bare(answers) for _ in range(count)]
        found["bare DRF"].append(rate(ports[1], some, clients, 201))
    for name, rates in found.items():
        each = ", ".join(f"{one:.0f}" for one in rates)
        print(f"{clients} clients, {name}: {statistics.median(rates):.0f} ({each}) a s")
    mine, theirs = (statistics.median(rates) for rates in found.values())
    return mine / theirs


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--surveys", type=int, default=600, help="of each round")
    count = parser.parse_args().surveys
    needed = count * ROUNDS * len(CLIENTS) + 2 * count
    with scratch.database() as vendor, contextlib.ExitStack() as stack:
        print(f"submit on {vendor}, {count} surveys a round, {ROUNDS} rounds")
        lasts = open_surveys.prepared(needed)
        make_bare_tables()
        scratch.analyze()
        statements(lasts.pop())
        within, whole = statements(lasts.pop())
        posts = [ours(last) for last in lasts]
        mine = stack.enter_context(server("config.wsgi"))
        theirs = stack.enter_context(
            server(
                "django.core.wsgi:get_wsgi_application()", DJANGO_SETTINGS_MODULE=BARE
            )
        )
        warm = [posts.pop() for _ in range(count // 3)]
        rate(mine, warm, 4, 302)
        rate(theirs, [bare(open_surveys.stored_of())] * len(warm), 4, 201)
        ratios = {
            clients: compare(posts, clients, count, (mine, theirs))
            for clients in CLIENTS
        }
        sealed = Response.objects.filter(state=Response.State.SEALED).count()
        assert sealed == count * ROUNDS * len(CLIENTS) + len(warm) + 2, sealed
    for clients, ratio in ratios.items():
        print(f"{clients} clients: {ratio:.2f} of bare DRF (at least {SMALLEST_RATIO})")
    print(f"SQL: {within} within BEGIN and COMMIT (at most {MOST_SQL}), {whole} in all")
    if min(ratios.values()) < SMALLEST_RATIO or within > MOST_SQL:
        raise SystemExit("Surveys are sent in too slowly.")


if __name__ == "__main__":
    main()
