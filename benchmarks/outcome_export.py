"""What an export of outcomes costs beside COPY TO of the same rows by PostgreSQL.

The whole of it is timed: who is in it, what few share, rows, pseudonyms, the archive.
The yardstick writes the same columns, joined as the export joins them, straight to a
file, with neither pseudonyms nor an archive. Without PostgreSQL there is none.
"""

import argparse
import resource
import tempfile
import time

from django.db import connection

from benchmarks import many_rows, outcome_rows, scratch
from clinic.access import Role
from clinic.models import User
from outcomes.dashboards.export import files, runs, work
from outcomes.dashboards.facts import whole
from outcomes.models import OutcomeExport, OutcomeFact
from tests import factories

ROUNDS = 3
COPIED = """
COPY (
  SELECT f.episode_id, e.patient_id, m.key, f.timepoint_key, f.bin_day, u.offset_days,
    r.answered_on, f.baseline, f.severity, f.baseline_is_recalled, f.value, f.change,
    f.is_eligible, f.apart, f.in_window, f.has_added_treatment, f.pct30, f.pct50,
    f.points2, f.mic, f.both, f.worse, p.began_on, p.year, p.treatment, p.modality,
    p.protocol, p.diagnosis, p.source, p.provider, p.location, p.payer, p.age,
    p.age_band, p.sex, p.language, p.channel
  FROM outcomes_outcomefact f
  JOIN outcomes_episodeprofile p ON p.episode_id = f.episode_id
  JOIN outcomes_episode e ON e.id = f.episode_id
  JOIN outcomes_measure m ON m.id = f.measure_id
  JOIN outcomes_followup u
    ON u.episode_id = f.episode_id AND u.timepoint_key = f.timepoint_key
  LEFT JOIN outcomes_response r ON r.follow_up_id = u.id
) TO STDOUT WITH (FORMAT csv)
"""


def copied() -> float:
    """Seconds that the database needs for the rows alone."""
    began = time.perf_counter()
    with (
        tempfile.TemporaryFile() as file,
        connection.cursor() as cursor,
        cursor.copy(COPIED) as rows,
    ):
        for piece in rows:
            file.write(piece)
    return time.perf_counter() - began


def exported(user: User) -> tuple[float, OutcomeExport]:
    """In one go, as pieces of ten seconds add little."""
    assert user.membership
    run = runs.start(user, user.membership.clinic, purpose="Benchmark", data={})
    began = time.perf_counter()
    assert not work.work_off(run.pk)
    taken = time.perf_counter() - began
    run.refresh_from_db()
    assert run.state == OutcomeExport.State.FINISHED, run.error
    return taken, run


def memory() -> int:
    """The most that this process ever held, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def measure(scores: int) -> None:
    with many_rows.quickly():
        treating = outcome_rows.clinic_with(scores)
    assert treating.membership
    clinic = treating.membership.clinic
    scratch.analyze()
    whole.rebuild(clinic)
    scratch.analyze()
    user = factories.make_user(clinic, Role.ADMIN)
    facts = OutcomeFact.objects.count()
    before = memory()
    for _ in range(ROUNDS):
        taken, run = exported(user)
        assert run.rows == facts
        line = f"{connection.vendor}: {facts:,} rows in {taken:.1f} s"
        line += f" ({facts / taken:,.0f} a second), {run.size / 1e6:.0f} MB"
        if connection.vendor == "postgresql":
            yardstick = copied()
            line += f", COPY TO {yardstick:.1f} s: {yardstick / taken:.2f} of it"
        print(f"{line}, memory {before} -> {memory()} MB")
        files.discard(run)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--scores", type=int, nargs="+", default=[10_000, 1_000_000])
    asked = options.parse_args()
    for scores in asked.scores:
        with scratch.database():
            measure(scores)


if __name__ == "__main__":
    main()
