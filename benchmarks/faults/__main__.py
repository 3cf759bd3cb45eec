"""The long form of the fault tests: a row for each, with what must hold.

To add one, write a function that takes the chosen sizes and returns a Row, and name it
in SCENARIOS.
"""

import argparse
import contextlib
import os
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from benchmarks import crews, due_messages, mail_sink, scratch
from clinic.models import Clinic
from config.broker import embedded_broker
from outcomes.models import FollowUp, Link, Message
from tests.faults import web_kills

CLINICS, WORKERS = 5, 4
HEALED_SECONDS = 600
MOST_COPIES = 5


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much of it: the goals are stated for 1,000 due and 100 kills."""

    due: int
    kills: int


@dataclass(frozen=True, slots=True)
class Row:
    goal: str
    fault: str
    figures: str
    holds: bool


Scenario = Callable[[Sizes], Row]


def killed_workers(sizes: Sizes) -> Row:
    """REL-01: workers are killed while they send."""
    return _killed("REL-01", "kill -9 of workers", sizes, "config", MOST_COPIES)


def killed_before_recording(sizes: Sizes) -> Row:
    """REL-02: the same, with 50 ms between the provider's yes and our record of it."""
    # Each kill may meet one message at that moment, for a worker sends one at a time.
    fault = "the same, 50 ms before recording"
    return _killed("REL-02", fault, sizes, crews.SLOW, sizes.kills)


def _killed(goal: str, fault: str, sizes: Sizes, app: str, most_copies: int) -> Row:
    clinics = [due_messages.clinic_with(sizes.due // CLINICS) for _ in range(CLINICS)]
    rows_before = _rows()
    with contextlib.ExitStack() as stack:
        sink = stack.enter_context(mail_sink.running())
        # So slow that kills meet workers that send, to the end of the killing.
        sink.wait(WORKERS * sizes.kills / sizes.due)
        broker = scratch.REDIS_URL or stack.enter_context(embedded_broker())
        crew = stack.enter_context(crews.at_work(WORKERS, broker, sink.url, app))
        _kill(crew, sizes.kills)
        sink.wait(0)
        healed = _heal(crew, clinics)
        copies = Counter(sink.taken())
    ours = Message.objects.filter(clinic__in=clinics)
    names = {
        f"<{pk}@localhost>": state for pk, state in ours.values_list("pk", "state")
    }
    for_staff = [name for name in names if names[name] == "failed" and not copies[name]]
    lost = [name for name in names if not copies[name] and name not in for_staff]
    more = sum(copies.values()) - len(copies)
    figures = (
        f"{len(names)} due, {sizes.kills} kills: {len(lost)} lost, "
        f"{len(for_staff)} for staff, {more} sent twice (at most {most_copies}), "
        f"{_rows() - rows_before} rows too many, healed after {healed:.0f} s"
    )
    holds = (
        not (lost or for_staff)
        and more <= most_copies
        and _rows() == rows_before
        and healed < HEALED_SECONDS
    )
    return Row(goal, fault, figures, holds)


def _rows() -> int:
    tables = (FollowUp, Link, Message)
    return sum(table.objects.count() for table in tables)


def _kill(crew: crews.Crew, kills: int) -> None:
    done, gives_up_at = 0, time.monotonic() + 60 + kills * 20
    while done < kills and time.monotonic() < gives_up_at:
        crew.ring("outcomes.tick")
        done += crew.kill_one()
    if done < kills:
        raise SystemExit(f"Only {done} of {kills} workers came up to be killed.")


def _heal(crew: crews.Crew, clinics: Sequence[Clinic]) -> float:
    """Seconds from the last kill until nothing waits or hangs."""
    began = time.monotonic()
    while not all(map(due_messages.is_all_sent, clinics)):
        crew.ring("outcomes.tick")
        if time.monotonic() - began > HEALED_SECONDS:
            break
        time.sleep(1)
    return time.monotonic() - began


def killed_web(sizes: Sizes) -> Row:
    """REL-12: the web server is killed while patients submit, twice as often."""
    outcome = web_kills.run(2 * sizes.kills)
    fault = "kill -9 of the web server during submit"
    is_whole = outcome.kills == 2 * sizes.kills
    return Row("REL-12", fault, str(outcome), outcome.holds and is_whole)


SCENARIOS: Sequence[Scenario] = (killed_workers, killed_before_recording, killed_web)


def run(chosen: Sequence[Scenario], sizes: Sizes) -> bool:
    all_hold = True
    for scenario in chosen:
        with scratch.database() as vendor:
            row = scenario(sizes)
        all_hold &= row.holds
        verdict = "holds" if row.holds else "FAILS"
        print(f"| {row.goal} | {vendor} | {row.fault} | {row.figures} | {verdict} |")
    return all_hold


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--due", type=int, default=1_000)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--only", default="", help="such as REL-01")
    given = parser.parse_args()
    os.environ.setdefault("MESSAGE_LEASE_SECONDS", "60")
    chosen = [one for one in SCENARIOS if given.only in (one.__doc__ or "")]
    print("| goal | database | fault | figures | verdict |\n| - | - | - | - | - |")
    if not run(chosen, Sizes(given.due, given.kills)):
        raise SystemExit(1)


if __name__ == "__main__":
    main()
