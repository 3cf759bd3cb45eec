"""What the demo clinics made themselves, beside the protocols that are shipped."""

from dataclasses import replace

from clinic.models import User
from plans.models import Protocol
from plans.protocols import documents, drafts, library
from plans.protocols.definition import ProtocolDefinition

SERIES = "prp-series-of-three"
TITLE = "PRP, series of three"
WHY = "Three injections two weeks apart, as we give them for tendons and early joints."
REPEATS, EVERY_DAYS = 3, 14


def series() -> ProtocolDefinition:
    """The shipped PRP protocol with its injection given three times."""
    shipped = next(each for each in library.load_all() if each.key == "prp")
    return replace(
        shipped,
        key=SERIES,
        version=1,
        title=TITLE,
        steps=tuple(
            replace(step, repeats=REPEATS, every_days=EVERY_DAYS)
            if step.is_index
            else step
            for step in shipped.steps
        ),
    )


def publish(by: User) -> Protocol:
    """As an admin would: a draft, saved, published."""
    draft = drafts.begin(None, by=by, title=TITLE)
    content = documents.write(series())
    drafts.save(draft, content, revision=draft.revision, by=by)
    return drafts.publish(draft, change_note=WHY, by=by)
