"""How fast due messages are handed over: against a bare loop over one connection.

Two worker processes empty the outbox into a mail server of our own; smtplib then sends
the same ready-made letters to it over one connection; in turn, so often.
"""

import argparse
import contextlib
import cProfile
import os
import pstats
import smtplib
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

from celery import Celery
from django.db import connection
from django.test.utils import override_settings

from benchmarks import due_messages, mail_sink, scratch
from clinic.models import Clinic
from config.broker import embedded_broker
from outcomes.follow_ups import outbox
from outcomes.follow_ups.channels import email, reach
from outcomes.models import Message

WORKERS, ROUNDS = 2, 3
SMALLEST_RATIO, MOST_SQL = 0.5, 4.0
LONGEST_SECONDS = 300
Letter = tuple[str, str, bytes]


def letters(clinic: Clinic) -> list[Letter]:
    """Sender, recipient and content of each message, as the engine would send it."""
    made = []
    for message in Message.objects.filter(clinic=clinic).select_related(
        "request__patient__clinic"
    ):
        address = reach.address_of(message.request.patient, message.channel)
        letter = email.compose(message, address)
        content = letter.message().as_bytes(linesep="\r\n")
        made.append((letter.from_email, address, content))
    return made


def bare_loop(port: int, made: list[Letter]) -> None:
    with smtplib.SMTP("127.0.0.1", port, local_hostname="localhost") as server:
        for sender, recipient, content in made:
            server.sendmail(sender, [recipient], content)


@contextlib.contextmanager
def workers(broker: str, mail_url: str) -> Iterator[None]:
    """Ready to take work: each has answered a ping."""
    command = [sys.executable, "-m", "celery", "-A", "config", "--quiet", "worker"]
    options = ["--queues=mail", "--pool=solo", "--loglevel=ERROR", "--without-gossip"]
    environment = {
        **os.environ,
        "DATABASE_URL": scratch.url(),
        "REDIS_URL": broker,
        "EMAIL_URL": mail_url,
    }
    started = [
        subprocess.Popen(
            [*command, *options, f"--hostname=w{n}@bench"], env=environment
        )
        for n in range(WORKERS)
    ]
    try:
        control = Celery(broker=scratch.as_celery(broker)).control
        wait_until(lambda: len(control.ping(timeout=3.0)) == WORKERS)
        yield
    finally:
        for worker in started:
            worker.terminate()
        for worker in started:
            worker.wait()


def wait_until(is_done: Callable[[], bool]) -> None:
    ends = time.monotonic() + LONGEST_SECONDS
    while not is_done():
        if time.monotonic() > ends:
            raise SystemExit(f"Not done within {LONGEST_SECONDS} s.")
        time.sleep(0.02)


def emptied(clinic: Clinic, broker: str) -> None:
    """Ring for each worker, and wait until nothing is left."""
    app = Celery(broker=scratch.as_celery(broker))
    for _ in range(WORKERS):
        app.send_task("outcomes.send_email", args=[str(clinic.pk)], queue="mail")
    wait_until(lambda: due_messages.is_all_sent(clinic))


def seconds(act: Callable[[], object]) -> float:
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


@contextlib.contextmanager
def own_mail_server(sink: mail_sink.MailSink) -> Iterator[None]:
    with override_settings(
        EMAIL_BACKEND="django.core.mail.backends.smtp.EmailBackend",
        EMAIL_HOST="127.0.0.1",
        EMAIL_PORT=sink.port,
    ):
        yield


def statements(clinic: Clinic, count: int) -> tuple[float, float]:
    """SQL a message, in this process; and with what begins each transaction."""
    seen = {"all": 0, "begin": 0}

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        seen["all"] += 1
        seen["begin"] += sql.startswith("BEGIN")
        return execute(sql, params, many, context)

    due_messages.make_due_again(clinic)
    with connection.execute_wrapper(note):
        sent = outbox.send_due(clinic, "email", LONGEST_SECONDS)
    assert sent == count
    return (seen["all"] - seen["begin"]) / count, seen["all"] / count


def compare(clinic: Clinic, count: int, sink: mail_sink.MailSink) -> float:
    made = letters(clinic)
    ours, bare = [], []
    with contextlib.ExitStack() as stack:
        broker = scratch.REDIS_URL or stack.enter_context(embedded_broker())
        stack.enter_context(workers(broker, sink.url))
        for _ in range(ROUNDS):
            due_messages.make_due_again(clinic)
            ours.append(count / seconds(lambda: emptied(clinic, broker)))
            assert len(sink.taken()) == count, "one was lost, or went out twice"
            bare.append(count / seconds(lambda: bare_loop(sink.port, made)))
            assert len(sink.taken()) == count
    print(f"engine, {WORKERS} workers  {listed(ours)} a second")
    print(f"smtplib, one loop  {listed(bare)} a second")
    return statistics.median(ours) / statistics.median(bare)


def listed(rates: list[float]) -> str:
    each = ", ".join(f"{rate:.0f}" for rate in rates)
    return f"{statistics.median(rates):6.0f} ({each})"


def profile(clinic: Clinic) -> None:
    due_messages.make_due_again(clinic)
    with cProfile.Profile() as measured:
        outbox.send_due(clinic, "email", LONGEST_SECONDS)
    pstats.Stats(measured).sort_stats("tottime").print_stats(45)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=2_000)
    parser.add_argument("--profile", action="store_true")
    chosen = parser.parse_args()
    with scratch.database() as vendor, mail_sink.running() as sink:
        print(f"due cycle on {vendor}, {chosen.messages:,} messages")
        clinic = due_messages.clinic_with(chosen.messages)
        scratch.analyze()
        with own_mail_server(sink):
            if chosen.profile:
                profile(clinic)
                return
            few, all_of_them = statements(clinic, chosen.messages)
            sink.taken()
            ratio = compare(clinic, chosen.messages, sink)
    print(
        f"SQL a message: {few:.2f} (at most {MOST_SQL}), {all_of_them:.2f} with BEGIN"
    )
    print(f"engine / smtplib: {ratio:.2f} (at least {SMALLEST_RATIO})")
    if ratio < SMALLEST_RATIO or few > MOST_SQL:
        raise SystemExit("Due messages are handed over too slowly.")


if __name__ == "__main__":
    main()
