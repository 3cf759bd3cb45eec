"""Patients who say what cannot wait, one after the other: a program of its own.

Told the ids of complaints, and the seconds between two of them.
"""

import os
import sys
import time

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from clinic import audit  # noqa: E402
from patients.models import Complaint  # noqa: E402
from patients.triage import evaluations  # noqa: E402
from patients.triage.cells import Entry, cell_of  # noqa: E402


def main(pause: str, *complaint_ids: str) -> None:
    for complaint in Complaint.objects.filter(pk__in=complaint_ids):
        draft = evaluations.start(complaint, by=audit.SYSTEM)
        entries = {cell_of("RF01"): Entry("present")}
        evaluations.record(
            draft, by=audit.PATIENT, entries=entries, informant="patient"
        )
        time.sleep(float(pause))


if __name__ == "__main__":
    main(*sys.argv[1:])
