"""What the demo clinics made themselves, beside the protocols that are shipped."""

from dataclasses import replace

from clinic.models import Clinic, User
from plans.models import Protocol, ProtocolDraft
from plans.protocols import documents, drafts, library, stored
from plans.protocols.definition import ProtocolDefinition

SERIES = "prp-series-of-three"
TITLE = "PRP, series of three"
WHY = "Three injections two weeks apart, as we give them for tendons and early joints."
REPEATS, EVERY_DAYS = 3, 14
LATER_EVERY_DAYS = 21
WHY_LATER = (
    "Three weeks apart, as two were too close; and asked every year, for ten years."
)
YEARS = 10
DRAFTED, DRAFTED_TITLE = "physical_therapy", "Physical therapy with a gym program"


def series() -> ProtocolDefinition:
    """The shipped PRP protocol with its injection given three times, for two years."""
    shipped = next(each for each in library.load_all() if each.key == "prp")
    return replace(
        _spaced(shipped, EVERY_DAYS),
        key=SERIES,
        version=1,
        title=TITLE,
        yearly_until=0,
    )


def _spaced(protocol: ProtocolDefinition, every_days: int) -> ProtocolDefinition:
    steps = (
        replace(step, repeats=REPEATS, every_days=every_days) if step.is_index else step
        for step in protocol.steps
    )
    return replace(protocol, steps=tuple(steps))


def publish(by: User) -> Protocol:
    """As an admin would: a draft, saved, published."""
    draft = drafts.begin(None, by=by, title=TITLE)
    return drafts.publish(_saved(draft, series(), by), change_note=WHY, by=by)


def revise(clinic: Clinic, by: User) -> None:
    """A version that no running plan goes by yet, and one that is worked on still."""
    standing = Protocol.objects.filter(clinic=clinic)
    held = standing.get(key=SERIES)
    later = _spaced(stored.definition_of(held), LATER_EVERY_DAYS)
    later = replace(later, yearly_until=YEARS)
    draft = _saved(drafts.begin(held, by=by), later, by)
    drafts.publish(draft, change_note=WHY_LATER, by=by)
    shipped = standing.get(key=DRAFTED)
    changed = replace(stored.definition_of(shipped), title=DRAFTED_TITLE)
    _saved(drafts.begin(shipped, by=by), changed, by)


def _saved(
    draft: ProtocolDraft, protocol: ProtocolDefinition, by: User
) -> ProtocolDraft:
    content = documents.write(protocol)
    return drafts.save(draft, content, revision=draft.revision, by=by)
