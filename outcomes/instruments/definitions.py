"""Stored definitions, read once a process: a version never changes."""

from outcomes.instruments import reading
from outcomes.instruments.definition import InstrumentDefinition
from outcomes.models import Instrument

# More than clinics of one machine ask at a time; older ones are read again.
KEPT = 256
_read: dict[str, InstrumentDefinition] = {}


def of(instrument: Instrument) -> InstrumentDefinition:
    """The definition of a row; its text may be deferred, and is then rarely loaded."""
    found = _read.get(instrument.sha256)
    if found is None:
        found = reading.stored(instrument.definition)
        if len(_read) >= KEPT:
            _read.clear()
        _read[instrument.sha256] = found
    return found
