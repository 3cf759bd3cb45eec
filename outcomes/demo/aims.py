"""What a plan aims at: the protocol's goals, some in the patient's own words."""

from datetime import date
from random import Random

from outcomes.demo.stories import ComplaintStory
from plans.course import goals
from plans.models import Goal, Plan

IN_OWN_WORDS = 0.3
WALKING = (
    "Walk around the lake with the dog and not think about my foot",
    "Stand through my daughter's wedding",
    "Get through a shift at the shop without sitting down",
)
WORDS: dict[str, tuple[str, ...]] = {
    "fascia_turned_s1": WALKING,
    "foot_from_l5": WALKING,
    "foot_from_si_joint": WALKING,
    "foot_from_stenosis": ("Walk to the market and back without a bench", *WALKING),
    "plantar_fascia": ("Get out of bed without limping to the bathroom", *WALKING),
    "low_back": (
        "Lift my grandson again",
        "Drive two hours to my sister's without stopping",
        "Tie my own shoes in the morning",
    ),
    "knee": (
        "Take the stairs at work like everybody else",
        "Kneel in the garden again",
        "Ski one more winter",
    ),
    "hip": ("Put on my socks myself", "Dance on Saturdays", "Sleep on my left side"),
    "shoulder": (
        "Reach the top shelf",
        "Serve overhand again",
        "Sleep through the night",
    ),
}


def rows(rng: Random, plan: Plan, about: ComplaintStory, day_0: date) -> list[Goal]:
    """Not stored yet; words go to what limits the day."""
    found = goals.rows(plan, day_0)
    for goal in found:
        goal.created_at = plan.created_at
        has_words = rng.random() < IN_OWN_WORDS
        if goal.measure in ("activity_limits", "active_minutes_week") and has_words:
            goal.words = rng.choice(WORDS[about.condition.key])
    return found
