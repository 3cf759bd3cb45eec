"""What the protocols cite."""

import functools
from pathlib import Path

from clinic import reference_data

DATA = Path(__file__).parent / "data"


@functools.cache
def sources() -> dict[str, reference_data.Source]:
    return reference_data.read_sources(DATA / "sources.csv")
