"""Charts for the tests, and what their markup holds."""

from decimal import Decimal
from xml.etree import ElementTree

from outcomes.dashboards import charts, statistics
from outcomes.dashboards.charts import text as chart_text


def make_answers(*pairs, late=()):
    return [
        charts.CoursePoint(
            day, value, chart_text.day_words(day), in_window=day not in late
        )
        for day, value in pairs
    ]


def make_course(*answers, events=(), late=(), **facts):
    facts = {"low": 0, "high": 10, "title": "Pain in the left foot", **facts}
    series = charts.CourseSeries(
        key="pain", points=make_answers(*answers, late=late), **facts
    )
    return charts.course_chart([series], events, chart_id="c1", title="Course")


def make_cell(day, mean, n=40, **facts):
    ci = statistics.mean_interval(n, mean, 2.0) if n > 1 else None
    is_few = statistics.is_too_few(n)
    return charts.PopulationPoint(day, n, mean, ci, 2.0, is_few=is_few, **facts)


def make_population(*series, **facts):
    facts = {"low": 0, "high": 10, "better_is": "lower", **facts}
    return charts.population_chart(
        [
            charts.PopulationSeries(f"t{place}", f"Treatment {place}", cells)
            for place, cells in enumerate(series)
        ],
        chart_id="p1",
        measure="pain",
        **facts,
    )


FULL_COURSE = make_course(
    (-14, 7),
    (42, Decimal("5.50")),
    (90, 4.25),
    (365, 2),
    late=(90,),
    threshold=Decimal("4.9"),
    events=[charts.CourseEvent(0, "PRP", "left, ultrasound")],
)


FULL_POPULATION = make_population(
    [make_cell(0, 6.4), make_cell(90, 3.123456789), make_cell(365, 3.0, n=4)],
    [make_cell(0, 5.8), make_cell(14, 4.2, n=1), make_cell(365, 4.8)],
)


def parsed(markup):
    return ElementTree.fromstring(markup)


def drawings(chart):
    return parsed(charts.render(chart)).findall("svg")


def marked(part):
    """The values a part of the page carries, in its order."""
    found = []
    for owner in part.iter():
        own = [owner] if owner.tag == "tr" else list(owner)
        found += [
            (owner.get("data-series"), one.get("data-day"), one.get("data-value"))
            for one in own
            if owner.get("data-series") and one.get("data-value")
        ]
    return found


def texts(part):
    return ["".join(one.itertext()) for one in part.iter("text")]


def shapes(point, tag):
    """What is drawn of a mark, without the room that it is pointed at by."""
    return [one for one in point.findall(tag) if one.get("class") != "chart-hit"]
