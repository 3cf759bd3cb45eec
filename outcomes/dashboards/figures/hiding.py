"""What who may not see few people is told: nothing of 1 to 9, nor what gives it away.

Each day is looked at by itself. Everybody together stands in a table of its own, so
what is hidden of all groups can be worked out as well: that must not be of few either.
A group that is large, and has few who got worse or did not improve, is told without
these parts: how many answered and how much they changed on the whole.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace

from outcomes.dashboards import statistics, time_axis
from outcomes.dashboards.figures.cells import Group, Point, Result
from outcomes.dashboards.statistics import Summary

_NOTHING = Summary(0, None, None, None)


def hide_small(groups: Iterable[Group]) -> list[Group]:
    """Blank what is of few people, and more until the rest does not give it away."""
    held = list(groups)
    told: dict[tuple[str, int], Point] = {}
    for day in {point.day for group in held for point in group.points}:
        at_day = {group.key: point for group in held if (point := group.at(day))}
        told |= {(key, day): point for key, point in _told_at(at_day).items()}
    return [
        replace(
            group, points=tuple(told[group.key, point.day] for point in group.points)
        )
        for group in held
    ]


def _told_at(at_day: Mapping[str, Point]) -> dict[str, Point]:
    """Of one day: what is told of each group."""
    hidden = _small({key: _counts(point) for key, point in at_day.items()}, ())
    parts = {key: _parts(point.result) for key, point in at_day.items()}
    partless = _small(parts, hidden)
    has_rate = not any(map(_rate_tells, at_day.values()))
    return {
        key: _blank(point)
        if key in hidden
        else _told(point, has_parts=key not in partless, has_rate=has_rate)
        for key, point in at_day.items()
    }


def _small(
    counts: Mapping[str, Mapping[str, int]], hidden: Collection[str]
) -> Collection[str]:
    """With those that are hidden anyway the small ones, then the next smallest while
    their sum is small as well.
    """
    found = [key for key, own in counts.items() if key in hidden or _is_small(own)]
    rest = sorted(
        counts.keys() - set(found), key=lambda key: (sum(counts[key].values()), key)
    )
    while rest and found and _is_small(_sum(counts[key] for key in found)):
        found.append(rest.pop(0))
    return found


def _is_small(counts: Mapping[str, int]) -> bool:
    return any(map(statistics.is_too_few, counts.values()))


def _sum(each: Iterable[Mapping[str, int]]) -> Mapping[str, int]:
    total: Counter[str] = Counter()
    for counts in each:
        total.update(counts)
    return total


def _counts(point: Point) -> dict[str, int]:
    """Every number that is told, or follows from two that are."""
    found = {"answered": point.answered.n, "eligible": point.eligible}
    if point.day != time_axis.BASELINE:
        found["changed"] = point.change.n
        found["missing"] = point.eligible - point.change.n
    return found


def _parts(result: Result | None) -> dict[str, int]:
    if result is None:
        return {}
    counts = {}
    if worsened := result.worsened:
        counts = {
            "worse": worsened.worsened,
            "not worse": worsened.answered - worsened.worsened,
            "not judged worse": result.answered - worsened.answered,
        }
    if result.responders:
        found = result.responders
        counts |= {
            "improved": found.improved,
            "not improved": found.answered - found.improved,
            "rated": found.answered,
            "to be rated": found.eligible,
            "not rated": found.eligible - found.answered,
            "unchanged": result.unchanged or 0,
        }
    return counts


def _rate_tells(point: Point) -> bool:
    """Whether it tells, beside the change, how few began where no rate is defined."""
    if point.result is None or point.result.responders is None:
        return False
    rated = point.result.responders
    without = (
        point.result.answered - rated.answered,
        point.result.eligible - rated.eligible,
    )
    return any(map(statistics.is_too_few, without))


def _blank(point: Point) -> Point:
    return replace(
        point,
        answered=_NOTHING,
        change=_NOTHING,
        eligible=0,
        courses=0,
        result=None,
        is_hidden=True,
    )


def _told(point: Point, *, has_parts: bool, has_rate: bool) -> Point:
    """Steps and who left are few people each; so are those without a baseline, who
    are in the level and not in the change.
    """
    result = point.result
    if result is not None:
        result = replace(
            result,
            responders=result.responders if has_parts and has_rate else None,
            worsened=result.worsened if has_parts else None,
            steps=(),
            died=None,
            withdrew=None,
            added=None,
        )
    is_start = point.day == time_axis.BASELINE
    return replace(point, result=result, tells_level=is_start)
