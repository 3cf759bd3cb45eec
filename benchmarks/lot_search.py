"""What a recall costs among 200,000 interventions: the database's time of one search.

Every statement of a search is timed on its own, fetched to the end, and added up; the
floor is a read by primary key in the same run.
"""

import argparse
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import islice
from random import Random
from typing import Any

from django.db import connection, transaction

from benchmarks import scratch
from clinic import bulk
from clinic.access import Role
from clinic.models import User
from patients.models import Complaint
from plans.harm import lots, recall
from plans.models import Intervention, LotUse, Modality, Plan
from tests import factories

MOST_MS = 20.0
LOOKUPS, ROUNDS = 20, 7
SHOWN = 51
LOTS, KITS, CENTRIFUGES, OPERATORS = 10_000, 400, 40, 40
PATIENTS = 2_000
Statement = tuple[str, Any]


@dataclass(frozen=True, slots=True)
class Clinic:
    plans: list[Plan]
    operators: list[User]
    reader: User


@transaction.atomic
def clinic_with(count: int) -> User:
    """Somebody who reads plans in a clinic that has done so much."""
    made = make_clinic()
    rng = Random(count)
    rows = interventions(made, count, rng)
    number = 0
    while batch := list(islice(rows, 2_000)):
        bulk.insert(batch)
        used = [use for n, row in enumerate(batch, number) for use in uses(row, n, rng)]
        bulk.insert(used)
        number += len(batch)
    return made.reader


def make_clinic() -> Clinic:
    clinic = factories.make_clinic()
    people = [factories.make_patient(clinic) for _ in range(PATIENTS)]
    complaints = [
        Complaint(clinic=clinic, patient=p, pain_site="knee", side="left")
        for p in people
    ]
    for complaint in complaints:
        complaint.opened_on = date(2020, 1, 1)
    bulk.insert(complaints)
    plans = [
        Plan(
            clinic=clinic,
            complaint=complaint,
            title="PRP",
            modality=Modality.PRP,
            treatment_key="prp",
            treatment_label="PRP",
            started_on=date(2020, 1, 1),
        )
        for complaint in complaints
    ]
    bulk.insert(plans)
    operators = [
        factories.make_user(clinic, Role.PROVIDER, name=f"Dr Operator{n:02}")
        for n in range(OPERATORS)
    ]
    return Clinic(plans, operators, factories.make_user(clinic, Role.PROVIDER))


def interventions(made: Clinic, count: int, rng: Random) -> Iterator[Intervention]:
    for number in range(count):
        plan = made.plans[number % PATIENTS]
        yield Intervention(
            clinic_id=plan.clinic_id,
            plan=plan,
            title="PRP injection",
            modality=Modality.PRP,
            status=Intervention.Status.PERFORMED,
            performed_on=date(2020, 1, 1) + timedelta(days=rng.randrange(2_000)),
            performed_by=rng.choice(made.operators),
            course=1 + number // PATIENTS,
        )


def uses(row: Intervention, number: int, rng: Random) -> list[LotUse]:
    """A kit of its own lot, and the centrifuge that stands in the room."""
    kit = lots.made(
        row,
        name=f"Kit {rng.randrange(KITS):03}",
        lot=f"LT-{number % LOTS:05}-{'ABCD'[number % 4]}",
    )
    centrifuge = rng.randrange(CENTRIFUGES)
    return [
        kit,
        lots.made(
            row, kind=LotUse.Kind.CENTRIFUGE, name=f"Spin X200 no. {centrifuge:02}"
        ),
    ]


def typed(rng: Random) -> dict[str, list[str]]:
    """What is looked up, by the way it is found; as people type it."""
    numbers = [rng.randrange(LOTS) for _ in range(LOOKUPS)]
    return {
        "a lot": [f" lt-{n:05}-{'ABCD'[n % 4]} " for n in numbers],
        "most of a lot": [f"LT-{n:05}" for n in numbers],
        "a lot that is not": [f"LT-{n:05}-Z9" for n in numbers],
        "a kit": [f"kit {n % KITS:03}" for n in numbers],
        "a centrifuge": [f"SPIN X200 no. {n % CENTRIFUGES:02}" for n in numbers],
        "an operator": [f"dr operator{n % OPERATORS:02}" for n in numbers],
    }


def search(user: User, text: str) -> list[Intervention]:
    """As the page asks: how it was found, of how many, and the first rows of it."""
    found = recall.matches(user, text)
    if not found or found[0].is_too_wide:
        recall.alike(user, text)
        return []
    recall.alike(user, text)
    recall.reach(user, found[0])
    return list(recall.interventions(user, found[0])[:SHOWN])


def statements(asked: Callable[[], object]) -> list[Statement]:
    seen: list[Statement] = []

    def keep(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        seen.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(keep):
        asked()
    return seen


def milliseconds(asked: list[Statement]) -> float:
    """Sent and fetched to the end: SQLite works while it is fetched from."""
    began = time.perf_counter()
    with connection.cursor() as cursor:
        for sql, params in asked:
            cursor.execute(sql, params)
            cursor.fetchall()
    return (time.perf_counter() - began) * 1000


def best(asked: list[list[Statement]]) -> float:
    """Of one look-up in the least disturbed round."""
    rounds = [sum(milliseconds(each) for each in asked) for _ in range(ROUNDS)]
    return min(rounds) / len(asked)


def measure(count: int) -> float:
    user = clinic_with(count)
    scratch.analyze()
    keys = Intervention.objects.visible_to(user).values_list("pk", flat=True)[:LOOKUPS]
    floor = best([statements(lambda pk=pk: read(user, pk)) for pk in keys])
    print(f"{'a primary key':<18} {floor:7.3f} ms, the floor")
    worst = 0.0
    for way, texts in typed(Random(7)).items():
        asked = [statements(lambda text=text: search(user, text)) for text in texts]
        found = sum(len(search(user, text)) for text in texts) / len(texts)
        spent = best(asked)
        worst = max(worst, spent)
        print(
            f"{way:<18} {spent:7.3f} ms in {len(asked[0])} statements, "
            f"{spent / floor:6.1f} x the floor, shows {found:.1f}"
        )
    print(f"the slowest: {worst:.1f} ms (at most {MOST_MS:.0f})")
    return worst


def read(user: User, pk: object) -> Intervention:
    return Intervention.objects.visible_to(user).get(pk=pk)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--interventions", type=int, default=200_000)
    chosen = parser.parse_args()
    with scratch.database() as vendor:
        print(f"lot search on {vendor} among {chosen.interventions:,} interventions")
        worst = measure(chosen.interventions)
    if worst > MOST_MS:
        raise SystemExit("A recall takes too long.")


if __name__ == "__main__":
    main()
