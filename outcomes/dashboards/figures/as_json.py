"""The figures as programs get them; rates are proportions from 0 to 1."""

from dataclasses import asdict
from typing import Any

from outcomes.dashboards.figures import funnel
from outcomes.dashboards.figures.cells import Group, Point, Result
from outcomes.dashboards.figures.funnel import Funnel
from outcomes.dashboards.figures.missing import Answering, Missing
from outcomes.dashboards.figures.population import Figures
from outcomes.dashboards.statistics import Responders


def of(found: Figures) -> dict[str, Any]:
    return {
        "measure": found.measure.key,
        "by": found.chosen.by,
        "rule": found.rule.key,
        "began_lower": found.began_lower,
        "stale": found.stale,
        "expected": asdict(found.expected),
        "groups": [_group(group) for group in found.groups],
        "together": _group(found.together) if found.together else None,
    }


def _group(group: Group) -> dict[str, Any]:
    return {
        "key": group.key,
        "label": group.label,
        "timepoints": [_point(point) for point in group.points],
    }


def _point(point: Point) -> dict[str, Any]:
    place = {"timepoint": point.timepoint, "day": point.day}
    if point.is_hidden:
        return {**place, "is_hidden": True}
    return {
        **place,
        **(asdict(point.answered) if point.tells_level else {}),
        "eligible": point.eligible,
        "change": asdict(point.change),
        **_result(point.result),
    }


def _result(found: Result | None) -> dict[str, Any]:
    if found is None:
        return {"responders": None, "worsened": None}
    return {
        "responders": _responders(found.responders),
        "worsened": asdict(found.worsened) if found.worsened else None,
        "unchanged": found.unchanged,
        **_few(found),
        "baseline": asdict(found.baseline),
        "answered_baseline": asdict(found.answered_baseline),
        "missing_baseline": asdict(found.missing_baseline),
    }


def _few(found: Result) -> dict[str, Any]:
    """Left out, and not 0, where the reader may not know so few people."""
    if found.added is None:
        return {}
    return {
        "steps": [asdict(step) for step in found.steps],
        "added": found.added,
        "died": found.died,
        "withdrew": found.withdrew,
    }


def _responders(found: Responders | None) -> dict[str, Any] | None:
    if found is None:
        return None
    return {
        "rule": found.rule.key,
        "improved": found.improved,
        "answered": found.answered,
        "eligible": found.eligible,
        "rate": found.rate,
        "ci": found.ci,
        "if_missing_failed": found.if_missing_failed,
        "if_missing_succeeded": found.if_missing_succeeded,
    }


def of_providers(found: Funnel) -> dict[str, Any]:
    return {
        "measure": found.figures.measure.key,
        "day": found.figures.day,
        "rule": found.figures.rule.key,
        "centre": found.centre,
        "smallest": funnel.SMALLEST,
        "left_out": found.left_out,
        "providers": [
            {
                "key": one.key,
                "label": one.label,
                "improved": one.responders.improved,
                "answered": one.responders.answered,
                "rate": one.responders.rate,
                "limits_95": {"low": one.warning.low, "high": one.warning.high},
                "limits_998": {"low": one.alarm.low, "high": one.alarm.high},
            }
            for one in found.providers
        ],
    }


def of_missing(found: Missing) -> dict[str, Any]:
    return {
        "measure": found.measure.key,
        "day": found.day,
        "days": [{"day": day, **_answering(one)} for day, one in found.points],
        "dimensions": [
            {"by": name, "groups": [_answering(one) for one in groups]}
            for name, groups in found.groups.items()
        ],
        "baseline": asdict(found.baseline),
        "last_known_change": asdict(found.course),
        "results_look": found.leads.likely,
    }


def _answering(one: Answering) -> dict[str, Any]:
    result = one.result
    return {
        "key": one.key,
        "label": one.label,
        "eligible": result.eligible,
        "answered": result.answered,
        "rate": one.rate,
        "ci": one.ci,
        "died": result.died,
        "withdrew": result.withdrew,
        "answered_baseline": asdict(result.answered_baseline),
        "missing_baseline": asdict(result.missing_baseline),
    }
