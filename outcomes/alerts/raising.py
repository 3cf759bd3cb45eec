"""Raises alerts in the transaction that keeps the answer, each once.

Each verb here may run twice, also at the same time: the database holds one alert a
rule and answer, and who comes second finds it there.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from clinic import audit, clock
from clinic.audit import By
from clinic.models import User
from outcomes.alerts import chosen, reading, rules, telling
from outcomes.alerts.rules import Answered, Finding, Rule
from outcomes.instruments import library
from outcomes.models import Alert, AlertEvent, Measure, Response, Score
from patients.models import RedFlag, RedFlagEvent
from plans.models import AdverseEvent

Kind = AlertEvent.Kind
State = Alert.State
NOTE_LENGTH = 1000
DENIED = "Answered no later; the flag stands."
SYSTEM_NOTE = "A corrected answer does not raise this any more; somebody should look."
# What an event of a red flag makes of its alert, where it says the same again.
AGAIN = (RedFlagEvent.Kind.REPEATED, RedFlagEvent.Kind.TIER_RAISED)


# No savepoint: it would be two more statements of each survey that is sent.
@transaction.atomic(savepoint=False)
def response_sealed(
    response: Response,
    scores: Sequence[Score],
    *,
    at: datetime,
    words: str = "",
    elsewhere: Sequence[str] = (),
    told: set[tuple[str, str]] | None = None,
) -> list[Alert]:
    """Judge sealed answers; one read where nothing is raised, two with own rules.

    What is recalled of the time before tells nothing that is new. `words` are the
    patient's own. `told` is what other answers of the same survey have raised, see
    `reading.once`; what is raised here joins it.
    """
    if response.is_recalled:
        return []
    measures = {score.measure_id: score.measure for score in scores}
    found = reading.history(response, measures)
    standing = _rules(response.clinic_id, has_own=found.has_own_rules)
    said = reading.of_response(
        response,
        [(measures[score.measure_id], score.value) for score in scores],
        found.past,
        has_text=bool(words),
        elsewhere=elsewhere,
    )
    said = _with_flags(response, said, standing, at)
    findings = rules.evaluate(said, standing.values())
    news = findings
    if told is not None:
        news = [one for one in findings if reading.once(one, words) not in told]
        told.update(reading.once(one, words) for one in news)
    raised = _raise_of_response(response, news, measures, at)
    if response.revision > 1:
        _note_amended(response, {finding.rule for finding in findings}, at)
    return raised


def _rules(clinic_id: UUID, *, has_own: bool | None) -> Mapping[str, Rule]:
    """Those of the red flags and events are judged as they are raised."""
    known = rules.shipped().rules if has_own is False else chosen.rules_of(clinic_id)
    own = ("red_flag", "adverse_event")
    return {key: rule for key, rule in known.items() if rule.kind not in own}


def _with_flags(
    response: Response, said: Answered, standing: Mapping[str, Rule], at: datetime
) -> Answered:
    """The signs of an infection, looked for only where they would change a finding."""
    matters = rules.evaluate(said, [standing["pain_after_needle"]])
    if not matters:
        return said
    flags = RedFlag.objects.of_person(response.patient).filter(
        flag=rules.INFECTION, raised_at__gte=at - reading.SAID_TOGETHER
    )
    found = reading.flags_of(flags.values_list("flag", "tier"))
    return replace(said, flags=tuple(found))


def _raise_of_response(
    response: Response,
    findings: Iterable[Finding],
    measures: Mapping[UUID, Measure],
    at: datetime,
) -> list[Alert]:
    by_key = {measure.key: measure for measure in measures.values()}
    earlier = _rules_of_earlier(response)
    made = [
        Alert(
            clinic_id=response.clinic_id,
            patient_id=response.patient_id,
            complaint_id=response.follow_up.episode.complaint_id,
            response=response,
            measure=by_key.get(finding.measure),
            **_columns(finding, at),
        )
        for finding in findings
        if finding.rule not in earlier
    ]
    return _keep(made, by=audit.PATIENT)


def _rules_of_earlier(response: Response) -> set[str]:
    """What an earlier revision of the answers raised already is not raised again."""
    if response.revision == 1:
        return set()
    return set(_of_others(response).values_list("rule", flat=True))


def _of_others(response: Response) -> QuerySet[Alert]:
    """Alerts of other revisions; a clinic's own questionnaire is none of what ships."""
    key = response.instrument.key if response.instrument else ""
    keys = library.SETS if key in library.SETS else {key}
    return Alert.objects.filter(
        response__follow_up=response.follow_up_id, response__instrument__key__in=keys
    ).exclude(response=response)


def _columns(finding: Finding, at: datetime) -> dict[str, object]:
    return {
        "rule": finding.rule,
        "rules_version": rules.shipped().version,
        "severity": finding.severity,
        "reason": finding.reason,
        "raised_at": at,
    }


def _keep(made: Sequence[Alert], *, by: By) -> list[Alert]:
    """Those that nobody had raised yet, each with its event, audit and notices."""
    if not made:
        return []
    Alert.objects.bulk_create(made, ignore_conflicts=True)
    ours = set(
        Alert.objects.filter(pk__in=[alert.pk for alert in made]).values_list(
            "pk", flat=True
        )
    )
    kept = [alert for alert in made if alert.pk in ours]
    AlertEvent.objects.bulk_create(
        _event(alert, Kind.RAISED, by=by, note=alert.reason, at=alert.raised_at)
        for alert in kept
    )
    audit.record_all(
        [
            audit.Entry(
                "alert.raised", alert, {"rule": alert.rule, "severity": alert.severity}
            )
            for alert in kept
        ],
        by=by,
    )
    for alert in kept:
        telling.begin(alert, at=alert.raised_at)
    return kept


def _event(
    alert: Alert,
    kind: AlertEvent.Kind,
    *,
    by: By,
    note: str = "",
    at: datetime | None = None,
) -> AlertEvent:
    return AlertEvent(
        clinic_id=alert.clinic_id,
        alert=alert,
        at=at or clock.now(),
        kind=kind,
        by=by if isinstance(by, User) else None,
        note=note[:NOTE_LENGTH],
    )


def note(
    alert: Alert,
    kind: AlertEvent.Kind,
    *,
    by: By,
    words: str = "",
    at: datetime | None = None,
) -> AlertEvent:
    """Keep what happened to it among its events."""
    event = _event(alert, kind, by=by, note=words, at=at)
    event.save()
    return event


def _note_amended(response: Response, findings: set[str], at: datetime) -> None:
    """An alert stays when the answer is corrected to "no": it was given (INT-11)."""
    gone = _of_others(response).exclude(rule__in=findings)
    AlertEvent.objects.bulk_create(
        _event(alert, Kind.AMENDED, by=audit.PATIENT, note=SYSTEM_NOTE)
        for alert in gone
    )


def red_flag_changed(flag: RedFlag, *, event: RedFlagEvent, by: By) -> None:
    """The alert of a flag that the patient raised goes with the flag, word for word."""
    alert = Alert.objects.filter(red_flag=flag).first()
    if alert is None:
        if flag.informant == RedFlag.Informant.PATIENT and _is_said(event):
            _raise_of_flag(flag, event, by)
        return
    if event.kind in AGAIN:
        _say_again(alert, flag, event, by)
    elif event.kind == RedFlagEvent.Kind.DENIED:
        note(alert, Kind.AMENDED, by=by, words=DENIED, at=event.at)
    elif event.kind in _FOLLOWING:
        _FOLLOWING[event.kind](alert, flag, event, by)


def _is_said(event: RedFlagEvent) -> bool:
    return event.kind == RedFlagEvent.Kind.RAISED or event.kind in AGAIN


def _raise_of_flag(flag: RedFlag, event: RedFlagEvent, by: By) -> None:
    finding = _judged_flag(flag, event)
    made = Alert(
        clinic_id=flag.clinic_id,
        patient_id=flag.patient_id,
        complaint_id=flag.complaint_id,
        red_flag=flag,
        **_columns(finding, event.at),
    )
    _keep([made], by=by)


def _judged_flag(flag: RedFlag, event: RedFlagEvent) -> Finding:
    """This rule is always on, and a flag is always a finding."""
    rule = rules.shipped().rules["red_flag"]
    (finding,) = rules.evaluate(reading.of_flag(flag, event.note), [rule])
    return finding


def _say_again(alert: Alert, flag: RedFlag, event: RedFlagEvent, by: By) -> None:
    """Told anew where somebody was done with it, or where it is more urgent now."""
    finding = _judged_flag(flag, event)
    is_worse = finding.severity < alert.severity
    note(alert, Kind.REPEATED, by=by, words=finding.reason, at=event.at)
    is_seen_to = alert.state in (State.OPEN, State.ACKNOWLEDGED)
    if is_seen_to and not is_worse and not alert.is_snoozed:
        return
    reopened = Alert.objects.filter(pk=alert.pk, state=alert.state, round=alert.round)
    changed = reopened.update(
        state=State.OPEN,
        severity=min(finding.severity, alert.severity),
        reason=finding.reason,
        round=alert.round + 1,
        step=0,
        **NOT_YET,
    )
    if changed:
        alert.refresh_from_db()
        telling.begin(alert, at=event.at)


# As if nobody had looked; who did stands among the events.
NOT_YET: dict[str, object] = {
    "acknowledged_at": None,
    "acknowledged_by": None,
    "acted_at": None,
    "acted_by": None,
    "action": "",
    "closed_at": None,
    "closed_by": None,
    "snoozed_until": None,
}


def _flag_acted_on(alert: Alert, flag: RedFlag, event: RedFlagEvent, by: By) -> None:
    changed = Alert.objects.filter(
        pk=alert.pk, state__in=(State.OPEN, State.ACKNOWLEDGED)
    ).update(
        state=State.ACTED,
        acted_at=event.at,
        acted_by=event.by,
        action=alert.action or Alert.Action.OTHER,
        next_action_at=None,
        snoozed_until=None,
    )
    if changed:
        telling.stop(alert)
        note(alert, Kind.ACTED, by=by, words=event.note, at=event.at)


def _flag_closed(alert: Alert, flag: RedFlag, event: RedFlagEvent, by: By) -> None:
    _close(alert, event.at, by, event.note)


def _flag_noted(alert: Alert, flag: RedFlag, event: RedFlagEvent, by: By) -> None:
    note(alert, Kind.NOTED, by=by, words=event.note, at=event.at)


_FOLLOWING: Mapping[str, Callable[[Alert, RedFlag, RedFlagEvent, By], None]] = {
    RedFlagEvent.Kind.ACKNOWLEDGED: _flag_acted_on,
    RedFlagEvent.Kind.NOTED: _flag_noted,
    RedFlagEvent.Kind.CLOSED: _flag_closed,
}


def _close(alert: Alert, at: datetime, by: By, words: str) -> None:
    changed = (
        Alert.objects.filter(pk=alert.pk)
        .exclude(state=State.CLOSED)
        .update(
            state=State.CLOSED,
            closed_at=at,
            closed_by=by if isinstance(by, User) else None,
            next_action_at=None,
            snoozed_until=None,
        )
    )
    if changed:
        telling.stop(alert)
        note(alert, Kind.CLOSED, by=by, words=words, at=at)


def event_opened(event: AdverseEvent, *, by: By) -> None:
    """Only what a patient's answer opened: staff know what they enter themselves."""
    if event.origin != AdverseEvent.Origin.ANSWER:
        return
    rule = chosen.rules_of(event.clinic_id)["adverse_event"]
    findings = rules.evaluate(reading.of_event(event), [rule])
    made = [
        Alert(
            clinic_id=event.clinic_id,
            patient_id=event.patient_id,
            complaint_id=event.complaint_id,
            adverse_event=event,
            **_columns(finding, clock.now()),
        )
        for finding in findings
    ]
    _keep(made, by=by)


def event_ended(event: AdverseEvent, *, by: By) -> None:
    """Closed or taken back on the ledger, where it is worked on: so is its alert."""
    alert = Alert.objects.filter(adverse_event=event).first()
    if alert is not None:
        words = f"The adverse event is {event.get_status_display().lower()}."
        _close(alert, clock.now(), by, words)
