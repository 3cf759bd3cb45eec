"""Small charts which stand in a line of a table or a list."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from outcomes.dashboards import statistics
from outcomes.dashboards.charts import geometry
from outcomes.dashboards.charts import text as chart_text
from outcomes.dashboards.charts.geometry import STYLES, Position, Scale, Style
from outcomes.dashboards.statistics import Interval, Number, Responders


@dataclass(frozen=True, slots=True)
class Dot:
    """One person of a group too small for a rate."""

    x: float
    is_improved: bool


@dataclass(frozen=True, slots=True)
class PlottedRate:
    """The rate, its 95 % interval and what the missing could make of it."""

    at: float
    interval: tuple[float, float]
    bounds: tuple[float, float]


@dataclass(frozen=True, slots=True)
class RateBar:
    """Either a rate from 0 to 100 %, or dots where people are too few for one."""

    template_name: ClassVar[str] = "outcomes/charts/rate_bar.svg"
    width: ClassVar[int] = 260
    height: ClassVar[int] = 24

    responders: Responders
    description: str
    style: Style
    ends: tuple[float, float]
    rate: PlottedRate | None
    dots: tuple[Dot, ...]


def rate_bar(responders: Responders, *, label: str, place: int = 0) -> RateBar:
    """Inline chart of a rate; place is the treatment's place among the series."""
    is_few = statistics.is_too_few(responders.answered)
    scale = Scale(0, 1, start=8, end=RateBar.width - 8)
    return RateBar(
        responders=responders,
        description=f"{label}: {rate_words(responders)}",
        style=STYLES[place % len(STYLES)],
        ends=(scale(0), scale(1)),
        rate=None if is_few else _plotted_rate(responders, scale),
        dots=_dots(responders) if is_few else (),
    )


def _plotted_rate(responders: Responders, scale: Scale) -> PlottedRate | None:
    failed, succeeded = responders.if_missing_failed, responders.if_missing_succeeded
    if responders.rate is None or responders.ci is None:
        return None
    if failed is None or succeeded is None:
        return None
    return PlottedRate(
        at=scale(responders.rate),
        interval=_span(responders.ci, scale),
        bounds=_span((failed, succeeded), scale),
    )


def _span(interval: Interval, scale: Scale) -> tuple[float, float]:
    """Start and length, as an SVG rectangle wants them."""
    start, end = scale(interval[0]), scale(interval[1])
    return start, round(end - start, 1)


def _dots(responders: Responders) -> tuple[Dot, ...]:
    return tuple(
        Dot(x=8.0 + 24 * place, is_improved=place < responders.improved)
        for place in range(responders.answered)
    )


def rate_words(responders: Responders) -> str:
    """The rate as a sentence, with its n, interval and bounds."""
    facts = {
        "improved": responders.improved,
        "answered": responders.answered,
        "eligible": responders.eligible,
        "rate": percent(responders.rate),
        "failed": percent(responders.if_missing_failed),
        "succeeded": percent(responders.if_missing_succeeded),
    }
    if responders.ci is None:
        return "nobody of {eligible} answered".format(**facts)
    if statistics.is_too_few(responders.answered):
        return "{improved} of {answered} improved, too few for a rate".format(**facts)
    facts |= {"low": percent(responders.ci[0]), "high": percent(responders.ci[1])}
    return (
        "{improved} of {answered} improved, {rate}, 95 % interval {low} "
        "to {high}; {failed} if everyone missing had failed, {succeeded} if "
        "they had succeeded"
    ).format(**facts)


def percent(share: float | None) -> str:
    """A proportion as whole percent, "–" where it is undefined."""
    return "–" if share is None else f"{round(share * 100)} %"


@dataclass(frozen=True, slots=True)
class Sparkline:
    """A course without axes, for a line of a list."""

    template_name: ClassVar[str] = "outcomes/charts/sparkline.svg"
    width: ClassVar[int] = 96
    height: ClassVar[int] = 28

    description: str
    raw: str
    line: str
    last: Position | None
    style: Style


def sparkline(
    points: Sequence[tuple[int, Number]],
    *,
    low: Number,
    high: Number,
    label: str,
    place: int = 0,
) -> Sparkline:
    """Inline chart of (day, value) on the measure's own range."""
    ordered = sorted(points, key=lambda point: point[0])
    drawn = _positions(ordered, float(low), float(high))
    return Sparkline(
        description=f"{label}: {_course_words(ordered)}",
        raw=" ".join(str(value) for _, value in ordered),
        line=geometry.path(drawn) if len(drawn) > 1 else "",
        last=drawn[-1] if drawn else None,
        style=STYLES[place % len(STYLES)],
    )


def _positions(
    points: Sequence[tuple[int, Number]], low: float, high: float
) -> tuple[Position, ...]:
    if not points:
        return ()
    first, last = points[0][0], points[-1][0]
    time = Scale(first, max(last, first + 1), start=4, end=Sparkline.width - 6)
    value = Scale(low, high, start=Sparkline.height - 5, end=5)
    return tuple((time(day), value(float(one))) for day, one in points)


def _course_words(points: Sequence[tuple[int, Number]]) -> str:
    if not points:
        return "no answers yet"
    texts = [chart_text.number(value) for _, value in points]
    if len(texts) == 1:
        return texts[0]
    return f"{texts[0]} to {texts[-1]}"
