import os
import subprocess
import sys
import time

import pytest
from django.db.models import Count

from outcomes.models import FollowUp, OutcomeFact, Response, Score
from patients.models import Patient
from tests import factories
from tests.faults.programs import database_url
from tests.outcomes.imports.running import MADE_UP, MADE_UP_CSV, import_file

pytestmark = pytest.mark.django_db(transaction=True)


def test_an_import_killed_in_the_middle_is_completed_by_the_next(tmp_path):
    clinic = factories.make_clinic()
    lines = MADE_UP_CSV.read_text().splitlines(keepends=True)
    path = tmp_path / "file.csv"
    copies = [line.replace("P", f"Q{n}P", 1) for n in range(200) for line in lines[1:]]
    path.write_text("".join([lines[0], *copies]))
    doomed = subprocess.Popen(
        [sys.executable, "manage.py", "import_outcomes", str(path)]
        + ["--mapping", str(MADE_UP), "--clinic", clinic.slug],
        env={
            **os.environ,
            "DATABASE_URL": database_url(),
            "DJANGO_SETTINGS_MODULE": "config.settings",
        },
        stdout=subprocess.DEVNULL,
    )
    deadline = time.monotonic() + 60
    while not Patient.objects.exists() and time.monotonic() < deadline:
        time.sleep(0.01)
    doomed.kill()
    doomed.wait()
    # One query, as PostgreSQL may still be finishing a commit.
    whole = list(
        Patient.objects.annotate(
            asked=Count("follow_ups", distinct=True),
            facts=Count("episodes__facts", distinct=True),
        ).values_list("asked", "facts")
    )
    assert len(whole) in range(200, 1200, 200)
    assert all(asked == 3 and facts >= 3 for asked, facts in whole)

    assert import_file(clinic, path).code == 0
    assert Patient.objects.count() == 1200
    assert Response.objects.count() == 13 * 200
    assert Score.objects.count() == 18 * 200
    assert FollowUp.objects.count() == 3 * 1200
    assert OutcomeFact.objects.count() == 24 * 200
