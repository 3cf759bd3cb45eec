"""The long form of the fault tests: a row for each goal, with what must hold.

To add one, write a function that takes the chosen sizes and returns a Row, and name it
in SCENARIOS. Its experiment lives in tests/faults, where a short form runs too.
"""

import argparse
import time
from collections.abc import Mapping, Sequence

from benchmarks import scratch
from benchmarks.faults import (
    backups,
    brokers,
    clocks,
    databases,
    load,
    mail_servers,
    schedulers,
    sequences,
    web,
    workers,
)
from benchmarks.faults.rows import Row, Scenario, Sizes

SCENARIOS: Mapping[str, Scenario] = {
    "REL-01": workers.killed,
    "REL-02": workers.killed_before_recording,
    "REL-03": brokers.lost,
    "REL-04": databases.stopped,
    "REL-05": schedulers.many_and_none,
    "REL-06": schedulers.dead,
    "REL-07": clocks.moved,
    "REL-08": mail_servers.hangs,
    "REL-12": web.killed,
    "REL-13": sequences.played,
    "REL-14": clocks.of_every_zone,
    "REL-15": backups.restored,
    "REL-16": load.busiest_hour,
}


def run(goals: Sequence[str], sizes: Sizes) -> bool:
    all_hold = True
    for goal in goals:
        began = time.monotonic()
        with scratch.database() as vendor:
            row = SCENARIOS[goal](sizes)
        all_hold &= row.holds
        print(_line(goal, vendor, row, time.monotonic() - began), flush=True)
    return all_hold


def _line(goal: str, vendor: str, row: Row, seconds: float) -> str:
    verdict = "holds" if row.holds else "FAILS"
    cells = (goal, vendor, row.fault, row.figures, f"{seconds:.0f} s", verdict)
    return f"| {' | '.join(cells)} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--due", type=int, default=1_000)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--losses", type=int, default=5)
    parser.add_argument("--down", type=float, default=600, help="seconds")
    parser.add_argument("--tick", type=int, default=60, help="seconds")
    parser.add_argument("--sequences", type=int, default=10_000)
    parser.add_argument("--load-minutes", type=float, default=15)
    parser.add_argument("--only", nargs="+", choices=SCENARIOS, default=[*SCENARIOS])
    given = parser.parse_args()
    sizes = Sizes(
        due=given.due,
        kills=given.kills,
        losses=given.losses,
        down_seconds=given.down,
        tick_seconds=given.tick,
        sequences=given.sequences,
        load_minutes=given.load_minutes,
    )
    head = ("goal", "database", "fault", "figures", "took", "verdict")
    print(f"| {' | '.join(head)} |\n|{' - |' * len(head)}", flush=True)
    if not run(given.only, sizes):
        raise SystemExit(1)


if __name__ == "__main__":
    main()
