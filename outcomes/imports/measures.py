"""The measures a mapping names become the clinic's own; a key keeps its meaning."""

from clinic.models import Clinic
from clinic.reference_data import ReferenceDataError
from outcomes.imports.mapping import Mapping, MeasureColumn
from outcomes.models import Measure

# Listed after the measures that ship.
_FIRST_POSITION = 100
_MEANING = (
    "name",
    "short_name",
    "role",
    "minimum",
    "maximum",
    "better_is",
    "mic_points",
    "mic_percent",
)


def named_by(mapping: Mapping, clinic: Clinic) -> list[Measure]:
    """In the mapping's order, those that stand and, unsaved, those that do not.

    ReferenceDataError where a key stands in the clinic with another meaning.
    """
    keys = [column.key for column in mapping.measures]
    known = {m.key: m for m in Measure.objects.filter(clinic=clinic, key__in=keys)}
    return [
        _agreed(column, known[column.key])
        if column.key in known
        else _made(column, clinic, place)
        for place, column in enumerate(mapping.measures, _FIRST_POSITION)
    ]


def _agreed(column: MeasureColumn, measure: Measure) -> Measure:
    if measure.origin != Measure.Origin.IMPORT:
        raise ReferenceDataError(
            f"measures, {column.key}: is the key of a measure that the clinic asks "
            "itself; choose another key."
        )
    for what in _MEANING:
        stands, wanted = getattr(measure, what), getattr(column, what)
        if stands != wanted:
            raise ReferenceDataError(
                f"measures, {column.key}, {what}: is {_said(stands)} since an earlier "
                f"import and {_said(wanted)} in the mapping; use the same, or choose "
                "another key."
            )
    return measure


def _said(value: object) -> str:
    return "not set" if value is None else f"{value}"


def _made(column: MeasureColumn, clinic: Clinic, place: int) -> Measure:
    return Measure(
        clinic=clinic,
        key=column.key,
        origin=Measure.Origin.IMPORT,
        position=place,
        **{what: getattr(column, what) for what in _MEANING},
    )
