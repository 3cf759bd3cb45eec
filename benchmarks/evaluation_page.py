"""What a full evaluation page costs in CPU time: it must not grow with the clinic.

The same page is asked for in a clinic of a few patients and in one of many, in turn;
the floor is a page that reads one patient and renders next to nothing.
"""

import argparse
import statistics
import time

from django.db import connection
from django.test import Client
from django.test.utils import override_settings
from django.urls import reverse

from benchmarks import scratch
from clinic import access, audit
from clinic.models import Clinic
from patients.catalogue import findings
from patients.models import Complaint, Evaluation, Finding, Patient
from patients.triage import evaluations
from tests import factories

ROUNDS, PAGES = 5, 10
LARGEST_RATIO = 2.0
FINDINGS_EACH = 5


def clinic_with(patients: int) -> tuple[Client, Evaluation]:
    """Everybody has a complaint and a signed evaluation; one has a full draft."""
    clinic = factories.make_clinic()
    fill(clinic, patients)
    complaint = factories.make_complaint(factories.make_patient(clinic))
    draft = factories.make_evaluation(complaint)
    for block in ("reflexes", "strength", "sensation", "motion", "tension"):
        evaluations.mark_normal(draft, by=audit.SYSTEM, block=block)
    client = Client()
    client.force_login(factories.make_user(clinic, access.Role.PROVIDER))
    return client, draft


def fill(clinic: Clinic, patients: int) -> None:
    people = Patient.objects.bulk_create(
        Patient(
            clinic=clinic,
            mrn=f"B{number}",
            family_name=f"Bench{number}",
            birth_date="1960-01-01",
        )
        for number in range(patients)
    )
    today = factories.days_ago(clinic, 10)
    complaints = Complaint.objects.bulk_create(
        Complaint(
            clinic=clinic, patient=p, pain_site="foot", side="left", opened_on=today
        )
        for p in people
    )
    looks = Evaluation.objects.bulk_create(
        Evaluation(
            clinic=clinic,
            complaint=complaint,
            examined_on=today,
            state=Evaluation.State.SIGNED,
            signed_at="2026-01-01T00:00Z",
            catalogue_version="bench",
        )
        for complaint in complaints
    )
    grades = [d.key for d in findings.definitions().values() if d.kind == "grade"]
    Finding.objects.bulk_create(
        (
            Finding(
                clinic=clinic,
                evaluation=look,
                code=code,
                side="left",
                value="5",
                revision=1,
            )
            for look in looks
            for code in grades[:FINDINGS_EACH]
        ),
        batch_size=2000,
    )


def milliseconds(client: Client, address: str) -> float:
    began = time.process_time()
    for _ in range(PAGES):
        assert client.get(address).status_code == 200
    return (time.process_time() - began) * 1000 / PAGES


# Pages without their files being gathered first, asked for by the test client.
PAGES_ALONE = {
    "STORAGES": {
        "staticfiles": {
            "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        }
    },
    "ALLOWED_HOSTS": ["testserver"],
}


@override_settings(**PAGES_ALONE)
def measure(few: int, many: int) -> float:
    with scratch.database() as vendor:
        small, large = clinic_with(few), clinic_with(many)
        scratch.analyze()
        times: dict[str, list[float]] = {"few": [], "many": [], "floor": []}
        for _ in range(ROUNDS):
            for name, (client, draft) in (("few", small), ("many", large)):
                address = reverse("patients:evaluation", args=[draft.pk])
                times[name].append(milliseconds(client, address))
            times["floor"].append(milliseconds(large[0], reverse("clinic:choose")))
        found = {name: statistics.median(values) for name, values in times.items()}
    print(
        f"{vendor}: evaluation page {found['few']:.1f} ms with {few} patients, "
        f"{found['many']:.1f} ms with {many}; a small page {found['floor']:.1f} ms"
    )
    return found["many"] / found["few"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--few", type=int, default=100)
    parser.add_argument("--many", type=int, default=10_000)
    given = parser.parse_args()
    ratio = measure(given.few, given.many)
    print(f"ratio {ratio:.2f}, at most {LARGEST_RATIO}")
    connection.close()
    if ratio > LARGEST_RATIO:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
