"""What finding a patient costs: among many it must be as fast as among few.

A clinic with few patients is searched, then one with many is added to the same
database and searched: by name, MRN, phone and e-mail, as the front desk types them.
"""

import argparse
import statistics
import time
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import islice
from random import Random

from django.db import transaction

from benchmarks import scratch
from clinic import bulk
from clinic.access import Role
from clinic.models import Clinic, User
from patients.models import ContactPoint, Patient
from patients.record import search_index
from patients.record.views.lists import PAGE_SIZE
from tests import factories

ROUNDS, LOOKUPS = 7, 40
LARGEST_RATIO = 2.0
CONSONANTS, VOWELS = "bdfgklmnrst", "aeio"
BIRTHDAYS = 25_000


def name(rng: Random, length: int) -> str:
    """Of so many syllables."""
    letters = (rng.choice(CONSONANTS) + rng.choice(VOWELS) for _ in range(length))
    return "".join(letters).capitalize()


def people(clinic: Clinic, count: int, rng: Random) -> Iterator[Patient]:
    for number in range(count):
        yield Patient(
            clinic=clinic,
            mrn=f"M{100_000 + number}",
            given_name=name(rng, 3),
            family_name=name(rng, 4),
            birth_date=date(1930, 1, 1) + timedelta(days=rng.randrange(BIRTHDAYS)),
        )


def contacts(patient: Patient, number: int) -> list[ContactPoint]:
    local = f"{patient.given_name}.{patient.family_name}{number}".lower()
    area, line = divmod(number, 10_000)
    phone = f"+1 {312 + area} 555 {line:04}"
    made = [("email", f"{local}@example.org"), ("phone", phone)]
    return [ContactPoint.made(patient, system, value) for system, value in made]


@transaction.atomic
def clinic_with(count: int) -> User:
    """Somebody who works in a clinic with so many patients."""
    clinic = factories.make_clinic()
    rng = Random(count)
    rows = people(clinic, count, rng)
    number = 0
    while batch := list(islice(rows, 2_000)):
        bulk.insert(batch)
        reached = [contacts(p, number + place) for place, p in enumerate(batch)]
        bulk.insert([point for points in reached for point in points])
        terms = map(search_index.rows, batch, reached)
        bulk.insert([term for made in terms for term in made])
        number += len(batch)
    return factories.make_user(clinic, Role.FRONT_DESK)


def typed(user: User) -> dict[str, list[str]]:
    """What is typed to find some of the patients, by the way they are looked up."""
    visible = Patient.objects.visible_to(user)
    step = max(visible.count() // LOOKUPS, 1)
    some = list(visible.order_by("pk").prefetch_related("contact_points")[::step])
    some = some[:LOOKUPS]
    by = {p.pk: {c.system: c.value for c in p.contact_points.all()} for p in some}
    return {
        "name": [f"{p.given_name} {p.family_name}" for p in some],
        "half a name": [f"{p.family_name[:6]} {p.given_name[:4]}" for p in some],
        "MRN": [p.mrn for p in some],
        "phone": [by[p.pk]["phone"].removeprefix("+1 ") for p in some],
        "e-mail": [by[p.pk]["email"].partition("@")[0] + "@" for p in some],
        "nobody": [f"{p.family_name}x" for p in some],
    }


def search(user: User, query: str) -> list[Patient]:
    """As the list of patients asks."""
    found = Patient.objects.visible_to(user).not_merged().search(query)
    return list(found.order_by("family_name", "given_name", "pk")[: PAGE_SIZE + 1])


def timed(user: User, count: int) -> dict[str, float]:
    """The median lookup by each way, in milliseconds."""
    scratch.analyze()
    medians = {}
    for way, queries in typed(user).items():
        rounds, found = [], 0
        for _ in range(ROUNDS):
            began = time.perf_counter()
            found = sum(len(search(user, query)) for query in queries)
            spent = time.perf_counter() - began
            rounds.append(spent * 1000 / len(queries))
        medians[way] = statistics.median(rounds)
        each = found / len(queries)
        print(f"{way:<12} among {count:>7,}: {medians[way]:7.3f} ms, finds {each:.1f}")
    return medians


def measure(few: int, many: int) -> float:
    """How many times as long the slowest way takes among many as among few."""
    before = timed(clinic_with(few), few)
    after = timed(clinic_with(many), many)
    ratios = {way: after[way] / before[way] for way in before}
    for way, ratio in ratios.items():
        print(f"{way:<12} many / few: {ratio:.2f}")
    overall = sum(after.values()) / sum(before.values())
    print(f"{'all of them':<12} many / few: {overall:.2f} (at most {LARGEST_RATIO})")
    return overall


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--few", type=int, default=1_000)
    parser.add_argument("--many", type=int, default=100_000)
    chosen = parser.parse_args()
    with scratch.database() as vendor:
        print(f"patient search on {vendor}, {LOOKUPS} lookups a round")
        ratio = measure(chosen.few, chosen.many)
    if ratio > LARGEST_RATIO:
        raise SystemExit("Searching grows with the patients.")


if __name__ == "__main__":
    main()
