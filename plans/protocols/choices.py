"""What can be chosen in a field of a protocol, and the words for each choice."""

from plans.models import (
    Anchor,
    Comparison,
    Modality,
    ProtocolStep,
    ReminderRung,
    Timepoint,
)
from plans.procedures import catalogue
from plans.protocols import definition, measures

Choices = list[tuple[str, str]]
WHO: dict[str, Choices] = {
    "steps": list(ProtocolStep.Who.choices),
    "timepoints": list(Timepoint.Who.choices),
}


def of(section: str, name: str) -> Choices:
    """Keys and their words, in the order in which they are offered; none for a text."""
    asked = [(key, one.name) for key, one in measures.vocabulary().items()]
    known: dict[str, Choices] = {
        "kind": list(catalogue.by_column("other")["kind"].choices.items()),
        "measures": asked,
        "optional_measures": asked,
        "modality": list(Modality.choices),
        "condition": list(definition.CONDITIONS.items()),
        "anchor": list(Anchor.choices),
        "status": list(Timepoint.Grounded.choices),
        "comparison": list(Comparison.choices),
        "channel": list(ReminderRung.Channel.choices),
        "who": WHO.get(section, []),
        "measure": [(key, one.name) for key, one in measures.known().items()],
    }
    return known.get(name, [])
