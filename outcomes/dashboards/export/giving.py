"""Hands a finished archive out, and keeps who took it."""

from django.http import FileResponse

from clinic.models import User
from outcomes.dashboards.export import files, runs
from outcomes.models import OutcomeExport

FILE_NAME = "outcomes.zip"


def given_out(run: OutcomeExport, *, by: User) -> FileResponse | None:
    """None where the file is no longer here; the caller may read the run."""
    try:
        file = files.path_of(run).open("rb")
    except FileNotFoundError:
        return None
    runs.note(run, "export_taken", by=by)
    response = FileResponse(file, as_attachment=True, filename=FILE_NAME)
    response["Content-Type"] = "application/zip"
    response["Cache-Control"] = "no-store"
    return response
