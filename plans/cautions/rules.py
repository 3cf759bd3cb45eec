"""Which cautions stand before an intervention, from what is on record. Pure.

A blank is never a "no": what nobody recorded is unknown, and warns where the row of
the data file has words for that.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import Enum
from uuid import UUID

from clinic import clock
from plans.cautions.catalogue import CautionRule

# As long as a stored one.
WORDS_LENGTH = 300


@dataclass(frozen=True, slots=True)
class StandingFlag:
    """A red flag that is open or acted on."""

    id: UUID
    flag: str
    tier: str
    finding: str
    is_open: bool
    raised_on: date

    def __str__(self) -> str:
        return f"{self.flag} {self.finding}"


@dataclass(frozen=True, slots=True)
class Said:
    """The newest answer to something that is asked, and the day of it."""

    value: str
    on: date

    @property
    def is_yes(self) -> bool:
        """Also a thing that has long been so."""
        return self.value in ("present", "unchanged")


@dataclass(frozen=True, slots=True)
class Facts:
    """What the records say on the day of an intervention; empty is not recorded."""

    on: date
    modality: str
    kind: str = ""
    guidance: frozenset[str] = frozenset()
    side: str = "none"
    complaint_side: str = "none"
    flags: tuple[StandingFlag, ...] = ()
    # By the key of the red flag that was asked about.
    said: Mapping[str, Said] = field(default_factory=dict)
    age: int | None = None
    is_male: bool = False
    anticoagulant_plan: str = ""
    nsaid_hold_days: int | None = None
    holds_steroid: bool | None = None
    last_steroid_on: date | None = None
    diabetes_codes: tuple[str, ...] = ()
    has_consent: bool = False
    has_indication: bool = False
    has_signed_evaluation: bool = False
    deficit: str = ""
    deficit_since: date | None = None
    allergic_events: tuple[str, ...] = ()
    # What was given here in the year before; shown, never judged.
    steroid_mg: str = ""


@dataclass(frozen=True, slots=True)
class Caution:
    """A warning that stands; `flags` are those it is about."""

    key: str
    words: str
    action: str
    stops: bool
    source: str
    is_unknown: bool = False
    flags: tuple[StandingFlag, ...] = ()


class Unknown(Enum):
    UNKNOWN = "not recorded"


UNKNOWN = Unknown.UNKNOWN
# What fills the words where it stands, None where it does not.
Verdict = Mapping[str, object] | Unknown | None
Condition = Callable[[CautionRule, Facts], Verdict]


def standing(facts: Facts, rules: Iterable[CautionRule]) -> list[Caution]:
    """In the order of the rules."""
    judged = (_caution(rule, facts) for rule in rules if applies(rule, facts))
    return [caution for caution in judged if caution is not None]


def applies(rule: CautionRule, facts: Facts) -> bool:
    """A kind that is not recorded may be any; a guidance is none until it is."""
    return (
        facts.modality in rule.modalities
        and (not rule.kinds or not facts.kind or facts.kind in rule.kinds)
        and (not rule.guidance or bool(facts.guidance & rule.guidance))
    )


def _caution(rule: CautionRule, facts: Facts) -> Caution | None:
    verdict = CONDITIONS[rule.condition](rule, facts)
    is_unknown = verdict is UNKNOWN
    if verdict is None or (is_unknown and not rule.unknown_words):
        return None
    fills = {} if isinstance(verdict, Unknown) else verdict
    words = rule.unknown_words if is_unknown else rule.words
    flags = fills.get("about", ())
    return Caution(
        key=rule.key,
        words=_cut(words.format_map({**rule.parameters, **fills})),
        action=rule.action,
        stops=rule.stops,
        source=rule.source,
        is_unknown=is_unknown,
        flags=flags if isinstance(flags, tuple) else (),
    )


def _cut(words: str) -> str:
    return words if len(words) <= WORDS_LENGTH else f"{words[: WORDS_LENGTH - 1]}…"


def open_flag(rule: CautionRule, facts: Facts) -> Verdict:
    """Raised by the day: what was done before a flag can still be put on record."""
    held = [f for f in facts.flags if f.is_open and f.raised_on <= facts.on]
    return _about([flag for flag in held if _named(rule, flag)])


def later_flag(rule: CautionRule, facts: Facts) -> Verdict:
    held = [f for f in facts.flags if f.is_open and f.raised_on > facts.on]
    return _about([flag for flag in held if _named(rule, flag)])


def acted_flag(rule: CautionRule, facts: Facts) -> Verdict:
    return _about([f for f in facts.flags if not f.is_open and _named(rule, f)])


def _named(rule: CautionRule, flag: StandingFlag) -> bool:
    """Whether the row is about a flag: by its tier or its key."""
    if flag.flag in rule.several("except"):
        return False
    return flag.tier in rule.several("tiers") or flag.flag in rule.several("flags")


def _about(flags: list[StandingFlag]) -> Verdict:
    if not flags:
        return None
    return {"flags": "; ".join(map(str, flags)), "about": tuple(flags)}


def found(rule: CautionRule, facts: Facts) -> Verdict:
    """An answer "no" counts for the days that the row gives it, if it gives any."""
    flag = rule.parameters["flag"]
    said = facts.said.get(flag)
    if any(f.flag == flag for f in facts.flags) or (said and said.is_yes):
        return {}
    return None if said and _is_recent(rule, said, facts.on) else UNKNOWN


def _is_recent(rule: CautionRule, said: Said, on: date) -> bool:
    return "days" not in rule.parameters or (on - said.on).days <= rule.number("days")


def anticoagulant(rule: CautionRule, facts: Facts) -> Verdict:
    """A plan that says none answers what was never asked, but no flag."""
    plan, asked = facts.anticoagulant_plan, found(rule, facts)
    if plan not in ("", "none"):
        return {"how": plan.replace("_", " ")}
    if asked is UNKNOWN:
        return None if plan else UNKNOWN
    return None if asked is None else {"how": "on record, no plan for it yet"}


def minor(rule: CautionRule, facts: Facts) -> Verdict:
    if facts.age is None:
        return UNKNOWN
    return {"age": facts.age} if facts.age < rule.number("age") else None


def pregnancy(rule: CautionRule, facts: Facts) -> Verdict:
    """What was answered long ago says nothing of the day; of a minor the flag may
    stand for the age alone.
    """
    low, high = rule.number("from_age"), rule.number("to_age")
    if facts.is_male or (facts.age is not None and not low <= facts.age <= high):
        return None
    flag = rule.parameters["flag"]
    said = facts.said.get(flag)
    if said is not None and _is_recent(rule, said, facts.on):
        return {} if said.is_yes else None
    is_adult = facts.age is None or facts.age >= ADULT_AGE
    is_flagged = is_adult and any(held.flag == flag for held in facts.flags)
    return {} if is_flagged else UNKNOWN


def diabetes(rule: CautionRule, facts: Facts) -> Verdict:
    if facts.holds_steroid is False:
        return None
    wanted = rule.several("codes")
    codes = [code for code in facts.diabetes_codes if code.startswith(wanted)]
    return {"codes": ", ".join(codes)} if codes else None


def repeat_steroid(rule: CautionRule, facts: Facts) -> Verdict:
    last = facts.last_steroid_on
    if facts.holds_steroid is False or last is None:
        return None
    is_early = (facts.on - last).days < rule.number("days")
    return {"last_on": clock.in_words(last)} if is_early else None


def wrong_side(rule: CautionRule, facts: Facts) -> Verdict:
    """The other side, or both where one hurts; the midline has no side to be wrong."""
    sided = ("left", "right")
    treated, hurts = facts.side, facts.complaint_side
    is_wrong = hurts in sided and treated in (*sided, "bilateral") and treated != hurts
    named = "both" if treated == "bilateral" else treated
    return {"side": named, "complaint_side": hurts} if is_wrong else None


def no_indication(rule: CautionRule, facts: Facts) -> Verdict:
    return None if facts.has_indication else {}


def no_signed_evaluation(rule: CautionRule, facts: Facts) -> Verdict:
    return None if facts.has_signed_evaluation else {}


def no_consent(rule: CautionRule, facts: Facts) -> Verdict:
    return None if facts.has_consent else {}


def short_nsaid_hold(rule: CautionRule, facts: Facts) -> Verdict:
    held = facts.nsaid_hold_days
    if held is None:
        return UNKNOWN
    return {"held": held} if held < rule.number("days") else None


def motor_deficit(rule: CautionRule, facts: Facts) -> Verdict:
    if facts.deficit_since is None:
        return None
    since = clock.in_words(facts.deficit_since)
    return {"kind": facts.deficit.capitalize(), "since": since}


def allergic_reaction(rule: CautionRule, facts: Facts) -> Verdict:
    events = "; ".join(facts.allergic_events)
    return {"events": events} if events else None


ADULT_AGE = 18
CONDITIONS: Mapping[str, Condition] = {
    condition.__name__: condition
    for condition in (
        open_flag,
        later_flag,
        acted_flag,
        found,
        anticoagulant,
        minor,
        pregnancy,
        diabetes,
        repeat_steroid,
        wrong_side,
        no_indication,
        no_signed_evaluation,
        no_consent,
        short_nsaid_hold,
        motor_deficit,
        allergic_reaction,
    )
}
