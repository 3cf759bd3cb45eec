"""What the dashboards cost: with few scores, with a million, and with ten million.

The default views read tallies, a filter that no tally holds counts facts, and the floor
is one indexed row through Django on the same server. Each is timed by whole pages, made
as the web process makes them, without the network.
"""

import argparse
import gc
import resource
import statistics
import time
from collections.abc import Callable

from django.db import connection
from django.test import Client, override_settings

from benchmarks import many_rows, outcome_rows, scratch
from benchmarks.survey_page import PLAIN_FILES
from clinic.models import User
from outcomes.dashboards.facts import whole
from outcomes.models import Episode, OutcomeFact, OutcomeTally, Score
from patients.models import Patient

ROUNDS = 3
# The default views: what the page opens with, and other groupings of everybody.
DEFAULT = ("", "by=provider", "by=age&day=90", "by=diagnosis", "by=all")
# Beyond what a tally holds, each over all that was answered to one measure.
FILTERED = (
    "by=provider&treatment=prp",
    "by=treatment&sex=female&payer=medicare",
    "by=age&baseline_from=5&added=without",
    "by=severity&treatment=bmc",
)
# Of ten points, and of a hundred.
MEASURES = ("measure_0", "measure_6")
QUERIES = [
    (name, f"measure={measure}&{query}")
    for name, queries in (("default", DEFAULT), ("filtered", FILTERED))
    for measure in MEASURES
    for query in queries
]


def timed(act: Callable[[], object], times: int) -> list[float]:
    """Milliseconds each, sorted."""
    taken = []
    for _ in range(times):
        began = time.perf_counter()
        act()
        taken.append((time.perf_counter() - began) * 1000)
    return sorted(taken)


def p95(taken: list[float]) -> float:
    return taken[max(0, round(0.95 * len(taken)) - 1)]


def page(reader: Client, address: str) -> None:
    reply = reader.get(address)
    assert reply.status_code == 200, (address, reply.content[:400])


@override_settings(**PLAIN_FILES)
def measure(scores: int, times: int) -> None:
    with many_rows.quickly():
        user = outcome_rows.clinic_with(scores)
    scratch.analyze()
    rebuild(user)
    scratch.analyze()
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("VACUUM (ANALYZE) outcomes_outcomefact")
            cursor.execute("SET jit = off")
    reader = Client()
    reader.force_login(user)
    row = Patient.objects.order_by("pk").values_list("pk", flat=True)[100]
    asked = [(name, f"/outcomes/?{query}") for name, query in QUERIES]
    asked.append(("patient", f"/patients/{row}/"))
    # What the first page of a process loads is no part of the others.
    for _, address in asked:
        page(reader, address)
    gc.collect()
    gc.freeze()
    for _ in range(ROUNDS):
        floor = timed(lambda: Patient.objects.get(pk=row), 200)
        print(f"  floor: one row {p95(floor):.2f} ms p95")
        for name, address in asked:
            taken = timed(lambda at=address: page(reader, at), times)
            print(
                f"  {name:8} {address:62} {p95(taken):7.1f} ms p95, "
                f"{statistics.median(taken):7.1f} in the middle, "
                f"{p95(taken) / p95(floor):6.0f} floors"
            )


def rebuild(user: User) -> None:
    assert user.membership
    began, before = time.perf_counter(), memory()
    made = whole.rebuild(user.membership.clinic)
    taken = time.perf_counter() - began
    print(
        f"{connection.vendor}: {Score.objects.count():,} scores, "
        f"{Episode.objects.count():,} courses -> {made:,} facts, "
        f"{OutcomeTally.objects.count():,} tallies in {taken:.1f} s "
        f"({made / taken:,.0f} a second), memory {before} -> {memory()} MB"
    )
    assert made == OutcomeFact.objects.count()


def memory() -> int:
    """The most that this process ever held, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--scores", type=int, nargs="+", default=[10_000, 1_000_000])
    options.add_argument("--times", type=int, default=20)
    asked = options.parse_args()
    for scores in asked.scores:
        with scratch.database():
            measure(scores, asked.times)


if __name__ == "__main__":
    main()
