"""How long an answer that cannot wait takes to the provider, by real workers.

    python -m benchmarks.alert_hand_over --flags 200 --due 200 --pace 0.5

Patients say a red flag one after the other while messages go out by a mail server that
takes `pace` seconds a letter. Fails where the 95th percentile is above a minute.
"""

import argparse
import sys

from benchmarks import scratch
from tests.faults import urgent_answers


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--flags", type=int, default=100)
    parser.add_argument("--due", type=int, default=200)
    parser.add_argument("--pace", type=float, default=0.5)
    parser.add_argument("--no-bell", action="store_true")
    asked = parser.parse_args()
    with scratch.database() as vendor:
        outcome = urgent_answers.run(
            flags=asked.flags, due=asked.due, pace=asked.pace, bell=not asked.no_bell
        )
    print(f"{vendor}: {outcome}")
    sys.exit(not outcome.holds)


if __name__ == "__main__":
    main()
