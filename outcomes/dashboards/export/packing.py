"""The archive: rows and all that tells what they are, packed as a stream."""

import shutil
import zipfile
from collections.abc import Sequence
from pathlib import Path

from clinic import clock
from outcomes.dashboards.export import asked, dictionary, files
from outcomes.dashboards.export.disguise import MOST_WEEKS, OLDER
from outcomes.dashboards.export.small_cells import Combination, Tally
from outcomes.models import Measure, OutcomeExport

ROWS = "outcomes.csv"
# The columns repeat, so that little is won by trying harder.
_EFFORT = 1
_PIECE = 1024 * 1024


def pack(
    run: OutcomeExport,
    measures: Sequence[Measure],
    tally: Tally,
    people: dict[Combination, int],
) -> int:
    """Beside the rows, then in the place of the finished one; returns its bytes."""
    small = tally.told_together() if run.is_suppressed else tally.told(people)
    beside = {
        "dictionary.csv": dictionary.columns(),
        "measures.csv": dictionary.measures(measures),
        "redcap_dictionary.csv": dictionary.redcap(),
        "small_cells.csv": small,
        "README.txt": readme(run, tally),
    }
    part = files.packing_of(run)
    part.touch(mode=0o600)
    with zipfile.ZipFile(
        part, "w", zipfile.ZIP_DEFLATED, compresslevel=_EFFORT
    ) as archive:
        _take_in(archive, files.rows_of(run))
        for name, text in beside.items():
            archive.writestr(name, text)
    size = part.stat().st_size
    part.replace(files.path_of(run))
    return size


def _take_in(archive: zipfile.ZipFile, rows: Path) -> None:
    with (
        rows.open("rb") as source,
        archive.open(ROWS, "w", force_zip64=True) as packed,
    ):
        shutil.copyfileobj(source, packed, _PIECE)


def readme(run: OutcomeExport, tally: Tally) -> str:
    """Without the clinic's days: they would narrow the shift."""
    combinations, courses, rows = tally.total
    made = clock.now().year
    if run.is_suppressed:
        few = (
            f"{asked.few(courses)} courses with {asked.few(rows)} rows are left out, "
            "because fewer than 10 people share their combination, or would be left "
            "out otherwise."
        )
    else:
        few = (
            f"{rows:,} rows of {courses:,} courses stand in {combinations:,} "
            "combinations that fewer than 10 people share; small_cells.csv lists "
            "them. Whoever passes this file on decides about them first."
        )
    return _README.format(
        purpose=run.purpose,
        choices=asked.in_words(run.choices),
        rows=run.rows,
        courses=run.done - (courses if run.is_suppressed else 0),
        year=made,
        few=few,
        weeks=MOST_WEEKS,
        older=OLDER,
    ).replace("\n", "\r\n")


_README = """\
De-identified outcomes, exported from Mendline in {year}
Purpose: {purpose}
Whose: {choices}
{rows:,} rows of {courses:,} courses

Files
  outcomes.csv           one row for each measure at each time point of a course
  dictionary.csv         each column: type, values, unit, meaning, source
  measures.csv           each measure: range, which way is better, important change
  redcap_dictionary.csv  the columns as a REDCap data dictionary; create a project from
                         it, then import outcomes.csv (one record a row)
  small_cells.csv        which combinations of age band, sex, diagnosis, treatment and
                         payer few people share

How it is made
  Text is UTF-8. The CSV files follow RFC 4180, with a byte order mark for Excel; the
  dictionary for REDCap has none. A text that a spreadsheet would take for a formula
  begins with an apostrophe.
  row_id, course, person, provider and location are HMAC-SHA256 of ids with a random
  key of this export alone. The key was erased when the file was whole: pseudonyms of
  two exports cannot be joined, and nobody can lead one back.
  All dates of a person are moved by one offset of whole weeks, 1 to {weeks} either way,
  made with the same key. Days from day 0 are true. `year` is the shifted one.
  Ages over 89 are told as {older}. Rows stand in no order of time.
  No name, number, address, note or free text is in the file.

What remains
  {few}
  This is not anonymous data. Whoever knows how somebody was treated, and how they
  answered, may recognise them. Do not join it with other data to find people, and
  keep it as you keep clinical data.

How figures are made of it
  The dashboards count the rows that have a bin_day. docs/examples/
  recompute_outcomes.py in Mendline's sources recomputes each figure of the page.
  Changes are uncontrolled: who comes at their worst improves anyway.
"""
