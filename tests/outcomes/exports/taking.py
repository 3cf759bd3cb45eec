"""Exports as the worker makes them, without it; and what is in them."""

import csv
import io
import zipfile

from outcomes.dashboards.export import files, runs, work
from outcomes.models import OutcomeExport

PURPOSE = "Annual report for the registry"


def export(user, **choices) -> OutcomeExport:
    """Asked for and worked off."""
    run = runs.start(user, user.membership.clinic, purpose=PURPOSE, data=choices)
    assert not work.work_off(run.pk)
    run.refresh_from_db()
    assert run.state == "finished", run.error
    return run


def text_of(run: OutcomeExport, name: str) -> str:
    with zipfile.ZipFile(files.path_of(run)) as archive:
        assert archive.testzip() is None
        return archive.read(name).decode()


def table_of(run: OutcomeExport, name: str = "outcomes.csv") -> list[dict[str, str]]:
    text = text_of(run, name).removeprefix("\ufeff")
    return list(csv.DictReader(io.StringIO(text, newline="")))
