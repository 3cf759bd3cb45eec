"""What the columns hold, for people and for REDCap; and the measures. Pure."""

import csv
import io
from collections.abc import Iterable, Mapping

from outcomes.dashboards import statistics
from outcomes.dashboards.export import csv_text
from outcomes.dashboards.export.columns import COLUMNS, Column, Kind
from outcomes.instruments.redcap import table
from outcomes.models import Measure

HEADER = ("column", "type", "values", "unit", "meaning", "source")
MEASURES_HEADER = (
    *("measure", "name", "minimum", "maximum", "better_is"),
    *("mic_points", "mic_percent", "mdc_points", "is_asked_at_baseline", "step"),
)
REDCAP_HEADER = tuple(names[0] for names in table.COLUMNS.values())
FORM = "outcomes"
_VALIDATION = {
    Kind.NUMBER: "number",
    Kind.WHOLE: "integer",
    Kind.DATE: "date_ymd",
}
# How REDCap takes a code that stands before a comma and after a bar.
_NO_CODE = frozenset(" ,|+")


def columns() -> str:
    return csv_text.table(HEADER, map(_line, COLUMNS))


def _line(column: Column) -> tuple[str, ...]:
    values = "; ".join(f"{key}: {words}" for key, words in column.told_values.items())
    return (
        *(column.name, column.kind, values, column.unit),
        *(column.meaning, column.source),
    )


def measures(known: Iterable[Measure]) -> str:
    return csv_text.table(
        MEASURES_HEADER,
        (
            (
                *(one.key, one.name, _plain(one.minimum), _plain(one.maximum)),
                *(one.better_is, _plain(one.mic_points), _plain(one.mic_percent)),
                _plain(one.mdc_points),
                int(one.is_asked_at_baseline),
                # Of the distribution of changes.
                _plain(statistics.step_width(float(one.minimum), float(one.maximum))),
            )
            for one in known
        ),
    )


def _plain(number: object) -> str:
    return "" if number is None else f"{float(str(number)):g}"


def redcap() -> str:
    """A data dictionary that REDCap loads, one record a row of outcomes.csv.

    Without a mark at its beginning, as the first heading is compared letter by letter.
    """
    text = io.StringIO()
    writer = csv.DictWriter(text, list(table.COLUMNS), restval="")
    writer.writerow(dict(zip(table.COLUMNS, REDCAP_HEADER, strict=True)))
    writer.writerows(map(_field, COLUMNS))
    return text.getvalue()


def _field(column: Column) -> Mapping[str, str]:
    """Checked by REDCap where every value that can occur is one it can check."""
    found = {
        "field": column.name,
        "form": FORM,
        "label": column.name.replace("_", " ").capitalize(),
        "note": column.meaning,
        "type": "text",
    }
    if column.kind == Kind.FLAG:
        return {**found, "type": "yesno"}
    if column.values and all(map(_is_code, column.told_values)):
        pairs = column.told_values.items()
        listed = " | ".join(f"{key}, {words}" for key, words in pairs)
        return {**found, "type": "dropdown", "choices": listed}
    return {**found, "validation": _VALIDATION.get(column.kind, "")}


def _is_code(key: str) -> bool:
    return _NO_CODE.isdisjoint(key)
