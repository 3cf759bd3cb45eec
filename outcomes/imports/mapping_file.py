"""Reads a mapping from TOML; ReferenceDataError names the key and what to do."""

import re
from datetime import date
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

from django.core.exceptions import ValidationError
from django.utils.text import slugify

from clinic import reference_data
from clinic.reference_data import Entry
from outcomes.imports.mapping import (
    BASELINE_DAYS,
    ComplaintColumns,
    CsvFormat,
    Mapping,
    MeasureColumn,
    PersonColumns,
    Point,
    Start,
    Treatment,
)
from outcomes.instruments import library, reading
from patients.catalogue import places
from patients.models import Patient
from patients.triage import complaints
from plans.models import Modality

MISSING = ("", "NA", "NaN", ".")
EARLIEST = date(1900, 1, 1)
# Fifty years; far more would not fit the columns that hold days.
LAST_DAY = 18_250
# A window where the mapping states none: a tenth of the days, within these limits.
_LEAST_SLACK, _MOST_SLACK = 3, 90
_KEY = re.compile(r"[a-z0-9]+(?:[-_][a-z0-9]+)*")
_LONGEST_PREFIX = 20


def read(path: Path) -> Mapping:
    file = reference_data.read_toml(path)
    treatment, time = file.table("treatment"), file.table("time")
    coded = _points(time)
    points = tuple(sorted(coded.values(), key=lambda point: point.day))
    mapping = Mapping(
        csv=_csv(file),
        person=_person(file.table("person")),
        start=_start(file.table("start")),
        complaint=_complaint(file.table("complaint")),
        treatment_column=treatment.text("column"),
        treatments=_treatments(treatment),
        time_column=time.text("column"),
        points=points,
        point_of_code={code: points.index(point) for code, point in coded.items()},
        measures=_measures(file.table("measures")),
    )
    for entry in (treatment, time, file):
        entry.finish()
    _check_columns(file, mapping)
    return mapping


def _csv(file: Entry) -> CsvFormat:
    entry = file.optional_table("csv")
    missing = entry.texts("missing")
    found = CsvFormat(
        encoding=_encoding(entry),
        delimiter=_one_character(entry, "delimiter", ","),
        decimal=_one_character(entry, "decimal", "."),
        missing=frozenset(missing) if entry.has("missing") else frozenset(MISSING),
    )
    if found.decimal not in (".", ",") or found.decimal == found.delimiter:
        raise entry.error("decimal", 'must be "." or ",", and not the delimiter.')
    entry.finish()
    return found


def _encoding(entry: Entry) -> str:
    name = entry.optional_text("encoding") or "utf-8"
    try:
        # Knows from unknown, and text from codecs such as base64, in one call.
        "".encode(name)
    except LookupError:
        raise entry.error(
            "encoding", f'{name!r} is unknown; use "utf-8", "latin-1" or "utf-16".'
        ) from None
    return name


def _one_character(entry: Entry, key: str, default: str) -> str:
    value = entry.optional_text(key) or default
    if value == "tab":
        return "\t"
    if len(value) != 1 or value == '"':
        raise entry.error(key, f'must be one character or "tab", not {value!r}.')
    return value


def _person(entry: Entry) -> PersonColumns:
    prefix = entry.text("mrn_prefix")
    if len(prefix) > _LONGEST_PREFIX:
        raise entry.error("mrn_prefix", f"use at most {_LONGEST_PREFIX} characters.")
    sex = entry.optional_text("sex")
    found = PersonColumns(
        id=entry.text("id"),
        mrn_prefix=prefix,
        age=entry.optional_text("age"),
        sex=sex,
        sex_codes=_sex_codes(entry.table("sex_codes")) if sex else {},
        given_name=entry.optional_text("given_name"),
        family_name=entry.optional_text("family_name"),
        birth_date=entry.optional_text("birth_date"),
    )
    entry.finish()
    return found


def _sex_codes(entry: Entry) -> dict[str, str]:
    return {code: entry.choice(code, Patient.Sex.values) for code in entry}


def _start(entry: Entry) -> Start:
    if entry.has("date") == entry.has("column"):
        raise entry.error(
            "date", "give either a date for everybody or the column that holds it."
        )
    if entry.has("column"):
        found = Start(None, entry.text("column"))
    else:
        found = Start(entry.day("date"), "")
    if found.date and found.date < EARLIEST:
        raise entry.error("date", f"must not be before {EARLIEST}.")
    entry.finish()
    return found


def _complaint(entry: Entry) -> ComplaintColumns:
    if entry.has("pain_site") == entry.has("pain_site_column"):
        raise entry.error(
            "pain_site", "give either a site for everybody or a pain_site_column."
        )
    found = ComplaintColumns(
        pain_site=entry.optional_text("pain_site"),
        side=entry.optional_text("side") or "none",
        pain_site_column=entry.optional_text("pain_site_column"),
        side_column=entry.optional_text("side_column"),
    )
    entry.finish()
    if found.side not in places.SIDES:
        known = ", ".join(places.SIDES)
        raise entry.error("side", f"{found.side!r} is not one of {known}.")
    if found.pain_site:
        _check_site(entry, found)
    return found


def _check_site(entry: Entry, found: ComplaintColumns) -> None:
    if found.pain_site not in places.body_sites():
        known = ", ".join(places.body_sites())
        raise entry.error("pain_site", f"{found.pain_site!r} is not one of {known}.")
    if found.side_column:
        return
    try:
        complaints.validate_site(found.pain_site, found.side)
    except ValidationError as error:
        raise entry.error("side", " ".join(error.messages)) from None


def _treatments(entry: Entry) -> dict[str, Treatment]:
    labels = entry.table("labels")
    found: dict[str, Treatment] = {}
    for code in labels:
        treatment = _treatment(labels.table(code))
        for other in found.values():
            if other.key == treatment.key and other != treatment:
                raise labels.error(
                    code,
                    f"{treatment.label!r} is too like {other.label!r}; codes that "
                    "mean one treatment need the same label and modality.",
                )
        found[code] = treatment
    if not found:
        raise labels.error("labels", "name at least one treatment.")
    return found


def _treatment(entry: Entry) -> Treatment:
    label = entry.text("label")
    if len(label) > 80:
        raise entry.error("label", "use at most 80 characters.")
    key = slugify(label)[:60].strip("-")
    if not key:
        raise entry.error("label", f"{label!r} needs a Latin letter or a digit.")
    if key in Modality.values:
        # What the clinic did itself and what was brought in stay two groups.
        key = f"{key}-imported"
    found = Treatment(key, label, entry.choice("modality", Modality.values))
    entry.finish()
    return found


def _points(time: Entry) -> dict[str, Point]:
    entry = time.table("points")
    found = {code: _point(entry.table(code)) for code in entry}
    in_order = sorted(found.values(), key=lambda point: point.day)
    baselines = [point for point in in_order if point.is_baseline]
    if len(baselines) != 1:
        raise entry.error(
            "is_baseline",
            f"exactly one time point must be the baseline, not {len(baselines)}.",
        )
    for code, point in found.items():
        _check_days(entry.table(code), point)
    keys = [point.key for point in in_order]
    if len(set(keys)) != len(keys):
        raise entry.error("key", "two time points have the same key.")
    for before, after in pairwise(in_order):
        _check_order(entry, before, after)
    return found


def _check_order(entry: Entry, before: Point, after: Point) -> None:
    if after.is_baseline:
        raise entry.error(after.key, "the baseline must be the first time point.")
    if before.close_day >= after.open_day:
        raise entry.error(
            after.key,
            f"its window (days {after.open_day} to {after.close_day}) overlaps "
            f"that of {before.key} ({before.open_day} to {before.close_day}); "
            "state open_day and close_day so that each day belongs to one of them.",
        )


def _point(entry: Entry) -> Point:
    day = entry.integer("day")
    is_baseline = entry.flag("is_baseline") if entry.has("is_baseline") else False
    open_day, close_day = _window(day, is_baseline)
    found = Point(
        key=_key(entry, entry.text("key"), longest=40),
        label=entry.text("label"),
        day=day,
        open_day=entry.integer("open_day") if entry.has("open_day") else open_day,
        close_day=entry.integer("close_day") if entry.has("close_day") else close_day,
        is_baseline=is_baseline,
    )
    entry.finish()
    if len(found.label) > 40:
        raise entry.error("label", "use at most 40 characters.")
    return found


def _window(day: int, is_baseline: bool) -> tuple[int, int]:
    if is_baseline:
        return -BASELINE_DAYS, 0
    slack = min(max(_LEAST_SLACK, abs(day) // 10), _MOST_SLACK)
    return max(day - slack, min(day, 1)), day + slack


def _check_days(entry: Entry, point: Point) -> None:
    first, last = (-BASELINE_DAYS, 0) if point.is_baseline else (1, LAST_DAY)
    if not first <= point.day <= last:
        what = "a baseline" if point.is_baseline else "a later time point"
        raise entry.error("day", f"{what} lies on day {first} to {last}.")
    if not point.open_day <= point.day <= point.close_day:
        raise entry.error("open_day", "the day must lie inside its window.")
    if point.open_day < -LAST_DAY or point.close_day > LAST_DAY + _MOST_SLACK:
        raise entry.error("close_day", "the window is longer than fifty years.")


def _measures(entry: Entry) -> tuple[MeasureColumn, ...]:
    found = tuple(_measure(entry.table(key), key) for key in entry)
    if not found:
        raise entry.error("measures", "name at least one measure.")
    return found


def _measure(entry: Entry, key: str) -> MeasureColumn:
    if key in library.measures():
        raise entry.error(
            key,
            "is the key of a shipped measure; choose another key, such as "
            f"{key}_study.",
        )
    name = entry.text("name")
    found = MeasureColumn(
        key=_key(entry, key, longest=60),
        column=entry.text("column"),
        name=name,
        short_name=entry.optional_text("short_name") or name,
        role=entry.choice("role", reading.ROLES) if entry.has("role") else "none",
        minimum=entry.number("minimum"),
        maximum=entry.number("maximum"),
        better_is=entry.choice("better_is", reading.DIRECTIONS),
        mic_points=entry.optional_number("mic_points"),
        mic_percent=entry.optional_number("mic_percent"),
    )
    entry.finish()
    _check_measure(entry, found)
    return found


def _check_measure(entry: Entry, measure: MeasureColumn) -> None:
    if len(measure.name) > 120:
        raise entry.error("name", "use at most 120 characters.")
    if len(measure.short_name) > 60:
        raise entry.error("short_name", "give one of at most 60 characters.")
    for key, number in (("minimum", measure.minimum), ("maximum", measure.maximum)):
        if not number.is_finite() or abs(number) >= 1_000_000:
            raise entry.error(key, "must lie within a million of 0.")
        _check_decimals(entry, key, number, 6)
    if measure.minimum >= measure.maximum:
        raise entry.error("maximum", f"must be above the minimum {measure.minimum}.")
    _check_threshold(entry, "mic_points", measure.mic_points, 1_000_000, 6)
    _check_threshold(entry, "mic_percent", measure.mic_percent, 1000, 2)


def _check_threshold(
    entry: Entry, key: str, value: Decimal | None, below: int, decimals: int
) -> None:
    if value is None:
        return
    if not 0 < value < below:
        raise entry.error(key, f"must be above 0 and below {below}.")
    _check_decimals(entry, key, value, decimals)


def _check_decimals(entry: Entry, key: str, value: Decimal, decimals: int) -> None:
    """More would be cut by the database, and differ at the next import."""
    if value != round(value, decimals):
        raise entry.error(key, f"may have at most {decimals} decimals.")


def _key(entry: Entry, key: str, *, longest: int) -> str:
    if len(key) > longest or not _KEY.fullmatch(key):
        raise entry.error(
            "key",
            f"{key!r} must be lower-case letters, digits, _ and -, "
            f"at most {longest} of them.",
        )
    return key


def _check_columns(file: Entry, mapping: Mapping) -> None:
    named: dict[str, str] = {}
    for key, column in mapping.columns():
        if column in named:
            raise file.error(
                key, f"column {column!r} is {named[column]} already; each column once."
            )
        named[column] = key
