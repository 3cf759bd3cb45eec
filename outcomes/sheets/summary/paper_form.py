"""The summary as the template of its PDF wants it: text, lists of it and drawings."""

from dataclasses import asdict, replace
from typing import Any

from outcomes.dashboards import charts
from outcomes.sheets.summary.summary import Part, Summary
from outcomes.sheets.typesetting import drawings


def of(summary: Summary) -> dict[str, Any]:
    parts = [_part(part) for part in summary.parts]
    return {**asdict(replace(summary, parts=[])), "parts": parts}


def _part(part: Part) -> dict[str, Any]:
    chart = part.chart
    drawn = None
    if chart is not None:
        words = f"{chart.title}. {chart.description}"
        drawn = drawings.of_course(str(charts.render(chart)), words)
    return {**asdict(replace(part, chart=None)), "chart": drawn}
