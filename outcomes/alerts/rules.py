"""What raises an alert: rules as data, judged on what was answered. Pure.

What is missing is never a reason: a measure without a baseline, without a change that
is known to matter, or without an answer raises nothing.
"""

import functools
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from clinic import reference_data
from clinic.reference_data import Entry
from outcomes.models import Alert

DATA = Path(__file__).parent / "data" / "rules.toml"
Severity = Alert.Severity
SEVERITIES = {severity.label: severity for severity in Severity}
URGENT_TIERS = ("E0", "E1")
OF_TIER = {"E0": Severity.URGENT, "E1": Severity.URGENT, "E2": Severity.SOON}
# Signs of an infection after a needle: they are asked as one flag.
INFECTION = "RF18"
# Where a measure only has a share of its baseline, that share of nearly nothing is
# noise: at least a fifth of the scale has to be between the two.
LEAST_SHARE = Decimal("0.2")
TEN = Decimal(10)


@dataclass(frozen=True, slots=True)
class Scored:
    """One measure of an answer, and what it can be held against; None is unknown."""

    key: str
    # In words, with its place: "Pain at the left foot".
    name: str
    better_is: str
    minimum: Decimal
    maximum: Decimal
    mic_points: Decimal | None
    mic_percent: Decimal | None
    value: Decimal | None
    baseline: Decimal | None = None
    last: Decimal | None = None
    # Pain of the treated place.
    is_pain: bool = False
    # A change since treatment is held against nothing.
    is_change: bool = False

    def worse_by(self, reference: Decimal, value: Decimal) -> Decimal:
        """Negative where it is better."""
        change = value - reference
        return change if self.better_is == "lower" else -change

    def matters(self, reference: Decimal) -> Decimal | None:
        """The smallest change from there that matters to patients; None if unknown."""
        if self.mic_points is not None:
            return self.mic_points
        if self.mic_percent is None:
            return None
        share = abs(reference - self.minimum) * self.mic_percent / 100
        return max(share, (self.maximum - self.minimum) * LEAST_SHARE)

    def could_improve(self, reference: Decimal, by: Decimal) -> bool:
        best = self.minimum if self.better_is == "lower" else self.maximum
        return abs(reference - best) >= by

    def of_ten(self) -> Decimal | None:
        """On a scale to ten, whatever its own."""
        if self.value is None:
            return None
        return (self.value - self.minimum) / (self.maximum - self.minimum) * TEN


@dataclass(frozen=True, slots=True)
class Flag:
    """A red flag as the patient said it."""

    key: str
    tier: str
    tier_name: str
    found: str


@dataclass(frozen=True, slots=True)
class Harm:
    name: str
    is_serious: bool


@dataclass(frozen=True, slots=True)
class Answered:
    """What was answered, without a word of the patient's own."""

    scores: tuple[Scored, ...] = ()
    # Days from day 0, of this answer and of the one before; None if there is no day 0.
    day: int | None = None
    last_day: int | None = None
    is_after_needle: bool = False
    flags: tuple[Flag, ...] = ()
    harms: tuple[Harm, ...] = ()
    has_text: bool = False
    # What was done in another place since last time, as it was asked.
    elsewhere: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """Why an alert is raised, in words with figures."""

    rule: str
    severity: Severity
    reason: str
    measure: str = ""
    # All that it tells of.
    measures: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule, as shipped or as a clinic set it."""

    key: str
    name: str
    kind: str
    severity: Severity
    meaning: str
    status: str
    sources: tuple[str, ...] = ()
    number: Decimal | None = None
    number_is: str = ""
    days: int | None = None
    days_are: str = ""
    until_day: int | None = None
    against: str = ""
    measures: tuple[str, ...] = ()
    # After a needle only from that day on: before it more pain is a flare.
    after_needle_from: int = 0
    # Says nothing of what that rule has said of the same answer.
    unless: str = ""
    is_always_on: bool = False
    is_on: bool = True


@dataclass(frozen=True, slots=True)
class RuleSet:
    version: int
    rules: Mapping[str, Rule] = field(default_factory=dict)


@functools.cache
def shipped() -> RuleSet:
    return read(DATA)


def evaluate(answered: Answered, rules: Iterable[Rule]) -> list[Finding]:
    """At most one finding a rule, in the order of the rules."""
    found: dict[str, Finding] = {}
    for rule in rules:
        finding = _JUDGES[rule.kind](rule, answered) if rule.is_on else None
        said = found.get(rule.unless)
        if finding is None or (said and finding.measures <= said.measures):
            continue
        found[rule.key] = finding
    return list(found.values())


def _red_flag(rule: Rule, answered: Answered) -> Finding | None:
    if not answered.flags:
        return None
    worst = min(answered.flags, key=lambda flag: flag.tier)
    severity = OF_TIER.get(worst.tier, Severity.INFORMATION)
    said = "; ".join(flag.found for flag in answered.flags)
    return Finding(
        rule.key, severity, f"Said by the patient: {said} ({worst.tier_name})."
    )


def _adverse_event(rule: Rule, answered: Answered) -> Finding | None:
    if not answered.harms:
        return None
    is_serious = any(harm.is_serious for harm in answered.harms)
    names = ", ".join(harm.name for harm in answered.harms)
    mark = ", serious" if is_serious else ""
    return Finding(
        rule.key,
        Severity.URGENT if is_serious else rule.severity,
        f"Said by the patient after treatment: {names}{mark}.",
    )


def _pain_after_needle(rule: Rule, answered: Answered) -> Finding | None:
    day = answered.day
    if not answered.is_after_needle or day is None or rule.number is None:
        return None
    if not 0 <= day <= (rule.until_day or 0):
        return None
    strong = [
        one
        for one in answered.scores
        if one.is_pain and (felt := one.of_ten()) is not None and felt >= rule.number
    ]
    if not strong:
        return None
    told = f"{_listed(strong)}, {_after(day)}"
    has_infection = any(flag.key == INFECTION for flag in answered.flags)
    if has_infection:
        reason = f"{told}, with signs of an infection."
        return Finding(rule.key, Severity.URGENT, reason, strong[0].key)
    if day <= (rule.days or 0):
        reason = (
            f"{told}: pain alone is common in the first {rule.days} days and passes. "
            "No fever or redness was said."
        )
        return Finding(rule.key, Severity.INFORMATION, reason, strong[0].key)
    reason = f"{told}: {figure(rule.number)} of 10 or more, past the days of a flare."
    return Finding(rule.key, rule.severity, reason, strong[0].key)


def _listed(scores: Iterable[Scored]) -> str:
    return ", ".join(f"{one.name} {figure(one.value)}" for one in scores)


def _after(day: int) -> str:
    if day == 0:
        return "on the day of the injection"
    return f"{day} day{'s' if day != 1 else ''} after the injection"


def _worsening(rule: Rule, answered: Answered) -> Finding | None:
    told: dict[str, str] = {}
    if _is_flare(rule, answered):
        return None
    for one in answered.scores:
        reference = one.baseline if rule.against == "baseline" else one.last
        if one.value is None or reference is None or one.is_change:
            continue
        matters = _scaled(rule, one, reference)
        worse = one.worse_by(reference, one.value)
        if matters is None or worse < matters or worse <= 0:
            continue
        when = "before treatment" if rule.against == "baseline" else "at the last time"
        told[one.key] = (
            f"{one.name} {figure(one.value)}, was {figure(reference)} {when}: worse by "
            f"{figure(worse)}, {figure(matters)} matters."
        )
    if not told:
        return None
    reason = " ".join(told.values())
    return Finding(rule.key, rule.severity, reason, next(iter(told)), frozenset(told))


def _is_flare(rule: Rule, answered: Answered) -> bool:
    """Strong pain in these days has a rule of its own, and fever is a red flag."""
    day = answered.day
    is_soon = day is not None and 0 <= day < rule.after_needle_from
    return answered.is_after_needle and is_soon


def _scaled(rule: Rule, one: Scored, reference: Decimal) -> Decimal | None:
    matters = one.matters(reference)
    return None if matters is None else matters * (rule.number or 1)


def _level(rule: Rule, answered: Answered) -> Finding | None:
    for one in answered.scores:
        if one.key not in rule.measures or one.value is None or rule.number is None:
            continue
        is_low_bad = one.better_is == "higher"
        is_past = one.value <= rule.number if is_low_bad else one.value >= rule.number
        if is_past:
            reason = (
                f"{one.name} {figure(one.value)} on a scale of {figure(one.minimum)} "
                f"to {figure(one.maximum)}, where {one.better_is} is better."
            )
            return Finding(rule.key, rule.severity, reason, one.key)
    return None


def _no_improvement(rule: Rule, answered: Answered) -> Finding | None:
    """Only at the first answer from that day on: nobody is told twice of one thing."""
    day, last, limit = answered.day, answered.last_day, rule.days
    if day is None or limit is None or day < limit:
        return None
    if last is not None and last >= limit:
        return None
    told, first = [], ""
    for one in answered.scores:
        if one.value is None or one.baseline is None or one.is_change:
            continue
        matters = _scaled(rule, one, one.baseline)
        if matters is None or not one.could_improve(one.baseline, matters):
            continue
        if one.worse_by(one.baseline, one.value) <= -matters:
            return None
        first = first or one.key
        told.append(f"{one.name} {figure(one.value)}, was {figure(one.baseline)}")
    if not told:
        return None
    reason = f"Nothing is better by what matters {day} days on: {'; '.join(told)}."
    return Finding(rule.key, rule.severity, reason, first)


def _free_text(rule: Rule, answered: Answered) -> Finding | None:
    if not answered.has_text:
        return None
    return Finding(
        rule.key, rule.severity, "The patient wrote something in their own words."
    )


def _elsewhere(rule: Rule, answered: Answered) -> Finding | None:
    if not answered.elsewhere:
        return None
    said = "; ".join(answered.elsewhere)
    reason = f"Since last time, in another place: {said}. Ask when, and record it."
    return Finding(rule.key, rule.severity, reason)


_JUDGES: Mapping[str, Callable[[Rule, Answered], Finding | None]] = {
    "red_flag": _red_flag,
    "adverse_event": _adverse_event,
    "pain_after_needle": _pain_after_needle,
    "worsening": _worsening,
    "level": _level,
    "no_improvement": _no_improvement,
    "free_text": _free_text,
    "elsewhere": _elsewhere,
}


def figure(number: Decimal | None) -> str:
    """7 and not 7.000000; a third digit says nothing."""
    if number is None:
        return "unknown"
    text = f"{number:.1f}"
    return text.removesuffix(".0")


def read(path: Path) -> RuleSet:
    """ReferenceDataError names the rule and the key at fault."""
    file = reference_data.read_toml(path)
    found: dict[str, Rule] = {}
    version = file.integer("version")
    for entry in file.tables("rules"):
        rule = _rule(entry, found)
        found[rule.key] = rule
    file.finish()
    return RuleSet(version, found)


def _rule(entry: Entry, known: Mapping[str, Rule]) -> Rule:
    kind = entry.choice("kind", _JUDGES)
    rule = Rule(
        key=entry.unique_text("key", known),
        name=entry.text("name"),
        kind=kind,
        severity=SEVERITIES[entry.choice("severity", SEVERITIES)],
        meaning=entry.text("meaning"),
        status=entry.text("status"),
        sources=entry.texts("sources"),
        number=entry.optional_number("number"),
        number_is=entry.optional_text("number_is"),
        days=entry.integer("days") if entry.has("days") else None,
        days_are=entry.optional_text("days_are"),
        until_day=entry.integer("until_day") if entry.has("until_day") else None,
        against=entry.choice("against", ("baseline", "last"))
        if kind == "worsening"
        else "",
        measures=entry.texts("measures"),
        after_needle_from=entry.integer("after_needle_from")
        if entry.has("after_needle_from")
        else 0,
        unless=entry.choice("unless", known) if entry.has("unless") else "",
        is_always_on=entry.flag("always_on") if entry.has("always_on") else False,
    )
    entry.finish()
    for name, words in (("number", rule.number_is), ("days", rule.days_are)):
        if (getattr(rule, name) is None) == bool(words):
            raise entry.error(name, "give it together with what it is, in words.")
    return rule
