"""What a demo's patients answer beside their pain: it follows from how strong it is.

Drawn apart from the course, so that a question more changes no course.
"""

from datetime import date
from decimal import Decimal
from random import Random

from outcomes.demo.stories import PatientStory
from outcomes.instruments.definition import NO, YES, Given, Item

# Of ten patients so many have a sign of a nerve at the worst pain, or were elsewhere.
NERVE, ELSEWHERE, NOTE = 0.5, 0.03, 0.05
NOTES = {
    "en": (
        "The stairs are still hard.",
        "I could walk to the shop this week.",
        "Can I take the brace off at night?",
    ),
    "es": (
        "Las escaleras todavía me cuestan.",
        "Esta semana pude caminar hasta la tienda.",
        "¿Puedo quitarme la faja de noche?",
    ),
}


def of(item: Item, pain: float, story: PatientStory, on: date) -> Given:
    """None where this patient cannot tell, or leaves it empty."""
    seed = f"{story.person.mrn}:{item.link_id}:{on}"
    rng = Random(seed)  # noqa: S311
    if item.link_id == "note":
        return rng.choice(NOTES[story.person.language]) if rng.random() < NOTE else None
    if item.type == "yes_no":
        return Decimal(_yes_no(item, pain, rng))
    if item.is_coded:
        return Decimal(_step(item, pain, rng))
    return None


def _yes_no(item: Item, pain: float, rng: Random) -> int:
    if item.link_id == "acceptable_state":
        return YES if pain + rng.gauss(0, 1) < 4 else NO
    if item.link_id.startswith("nerve_"):
        return YES if rng.random() < NERVE * pain / 10 else NO
    if item.link_id.startswith("elsewhere_"):
        return YES if rng.random() < ELSEWHERE else NO
    # Red flags and harm have stories of their own.
    return NO


def _step(item: Item, pain: float, rng: Random) -> int:
    """The step that lies as far from the end as the pain does, more or less."""
    is_good_high = item.link_id in ("sane", "satisfaction", "adherence")
    share = min(max(pain / 10 + rng.gauss(0, 0.08), 0), 1)
    steps = sorted(item.values)
    place = round((1 - share if is_good_high else share) * (len(steps) - 1))
    return steps[place]
