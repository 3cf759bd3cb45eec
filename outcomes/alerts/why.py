"""Why an alert or a red flag was raised: what was answered, when, and by which rule."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.urls import reverse

from clinic import clock
from clinic.models import User
from outcomes.alerts import chosen, rules
from outcomes.alerts.rules import Rule
from outcomes.models import Alert
from patients.catalogue import red_flags
from patients.models import Patient, RedFlag

# What is told of an alert is read with it.
SHOWN_WITH = (
    *("response__follow_up", "adverse_event"),
    *("acknowledged_by", "acted_by", "closed_by"),
)


@dataclass(frozen=True, slots=True)
class Why:
    """`reason` has the figures, `threshold` what the rule asks for; both in words."""

    address: str
    kind: str
    urgency: str
    tone: str
    reason: str
    answered: str
    threshold: str
    state: str
    raised_at: datetime
    is_open: bool
    rank: int

    @property
    def stood_for(self) -> timedelta:
        return clock.now() - self.raised_at


def of_patient(user: User, patient: Patient, flags: Sequence[RedFlag]) -> list[Why]:
    """What stands, the most urgent first, by the rules as the clinic has set them.

    `flags` must have come with their events; three queries.
    """
    found = Alert.objects.visible_to(user).filter(patient__in=patient.record_ids)
    alerts = list(found.standing().select_related(*SHOWN_WITH))
    held = chosen.rules_of(patient.clinic_id) if alerts else {}
    return standing(flags, alerts, held)


def standing(
    flags: Sequence[RedFlag],
    alerts: Iterable[Alert],
    held: Mapping[str, Rule] | None = None,
) -> list[Why]:
    """The most urgent first; an alert that tells of a flag here is told with it."""
    own = {flag.pk for flag in flags}
    found = [of_flag(flag) for flag in flags]
    found += [
        of_alert(alert, (held or {}).get(alert.rule))
        for alert in alerts
        if alert.red_flag_id not in own
    ]
    return sorted(found, key=lambda each: (each.rank, each.raised_at))


TONES = {Alert.Severity.URGENT: "bad", Alert.Severity.TODAY: "warn"}


def of_alert(alert: Alert, rule: Rule | None) -> Why:
    """`rule` as the clinic has set it now; None where it is no more."""
    severity = Alert.Severity(alert.severity)
    return Why(
        address=reverse("outcomes:alert", args=[alert.pk]),
        kind=rule.name if rule else "Alert",
        urgency=str(severity.label),
        tone=TONES.get(severity, ""),
        reason=alert.reason,
        answered=answered(alert),
        threshold=threshold(rule) if rule else "",
        state=_state(alert),
        raised_at=alert.raised_at,
        is_open=alert.state == Alert.State.OPEN,
        rank=alert.severity,
    )


def answered(alert: Alert) -> str:
    """At which occasion, when and how it was said."""
    response = alert.response
    if response is not None and response.answered_on is not None:
        day = clock.in_words(response.answered_on)
        how = response.get_provenance_display()
        return f"{response.follow_up.label}, answered {day} {how}"
    if alert.adverse_event is not None:
        day = clock.in_words(alert.adverse_event.onset_on)
        return f"{alert.adverse_event.category_words}, since {day}"
    return ""


def threshold(rule: Rule) -> str:
    """What it takes, with the figures as this clinic has set them."""
    figures = []
    if rule.number is not None:
        figures.append(f"{rules.figure(rule.number)} ({rule.number_is})")
    if rule.days is not None:
        figures.append(f"{rule.days} ({rule.days_are})")
    told = f" Set here: {', '.join(figures)}." if figures else ""
    return f"{rule.meaning}{told}"


def _state(alert: Alert) -> str:
    if alert.is_snoozed:
        return "put off"
    who = alert.latest_by
    words = str(alert.get_state_display()).lower()
    return f"{words}, {who}" if who else words


RANKS = {"E0": 0, "E1": 1, "E2": 3, "E3": 4}


def of_flag(flag: RedFlag) -> Why:
    """The flag must have come with its events and who wrote them."""
    rule = flag.rule
    is_open = flag.state == RedFlag.State.OPEN
    return Why(
        address=reverse("patients:red_flag", args=[flag.pk]),
        kind="Red flag",
        urgency=f"{flag.tier} {flag.get_tier_display()}",
        tone="bad" if flag.is_urgent else "warn",
        reason=f"{flag.found[:1].upper()}{flag.found[1:]}.",
        answered=_said(flag),
        threshold=_flag_threshold(rule, flag.tier),
        state="open" if is_open else f"acted on by {flag.acknowledged_by}, not closed",
        raised_at=flag.raised_at,
        is_open=is_open,
        rank=RANKS[flag.tier],
    )


def _said(flag: RedFlag) -> str:
    day = clock.in_words(clock.day_of(flag.raised_at, flag.patient.kept.time_zone))
    return f"{flag.who_said_it[:1].upper()}{flag.who_said_it[1:]}, {day}"


def _flag_threshold(rule: red_flags.RedFlagRule, tier: str) -> str:
    """One yes is enough; what makes it more urgent is said where it did."""
    asks = f"Looks for {rule.pathology}; one of these is enough: {rule.finding}."
    if rule.raised_tier == tier and rule.raised_tier != rule.tier and rule.raised_by:
        names = ", ".join(_named(name) for name in rule.raised_by)
        asks += f" {rule.tier} by itself, {tier} with one of: {names}."
    return f"{asks} To do: {rule.action}."


def _named(key: str) -> str:
    known: Mapping[str, red_flags.Detail] = red_flags.details()
    if key in known:
        return known[key].label.lower()
    return red_flags.red_flags()[key].pathology
