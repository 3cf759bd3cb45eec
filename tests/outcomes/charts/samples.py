"""A chart of every kind, with the cases that are easy to draw wrong."""

from decimal import Decimal

from outcomes.dashboards import charts, statistics

LONG = (
    "Image-guided selective nerve root injection with dexamethasone, lumbar, one level"
)
DAYS = (14, 42, 90, 182, 365)


def cell(day, mean, n=40, sd=2.0):
    ci = statistics.mean_interval(n, mean, sd) if n > 1 else None
    few = statistics.is_too_few(n)
    return charts.PopulationPoint(day, n, mean, ci, sd if n > 1 else None, is_few=few)


def line(key, means, n=40, label=""):
    points = [cell(day, mean, n) for day, mean in zip(DAYS, means, strict=False)]
    return charts.PopulationSeries(key, label or f"Group {key}", points)


HIDDEN_POINT = charts.PopulationPoint(90, None, None, is_few=True)
SERIES = {
    "three": [
        line("a", (-0.5, -1.8, -2.8, -3.3, -3.4)),
        line("b", (-2.5, -2.6, -2.1, -1.8, -1.9), label=LONG),
        line("c", (0.4, -0.6, 0.1, 0.6, 1.1), n=6),
    ],
    "eight": [line(str(k), [-k / 4 - day / 400 for day in DAYS]) for k in range(8)],
    "one": [charts.PopulationSeries("a", "One", [cell(90, -1.25, n=1)])],
    "equal": [line("a", [-2.0] * 5), line("b", [-2.0] * 5)],
    "hidden": [
        charts.PopulationSeries("a", "Hidden", [cell(14, -1.0), HIDDEN_POINT]),
        charts.PopulationSeries("b", "Nobody", [charts.PopulationPoint(14, 0, None)]),
    ],
    "nothing": [],
}


def change(series, better_is="lower"):
    return charts.change_chart(
        series, chart_id="c", measure="Pain", low=0, high=10, better_is=better_is
    )


def population(series):
    lifted = [
        charts.PopulationSeries(
            one.key,
            one.label,
            [
                cell(point.day, point.mean + 6, point.n) if point.n else point
                for point in one.points
            ],
        )
        for one in series
    ]
    return charts.population_chart(
        lifted, chart_id="p", measure="Pain", low=0, high=10, better_is="lower"
    )


def group(key, counts, label="", start=-5):
    steps = [(start + at, start + at, n) for at, n in enumerate(counts)]
    return charts.DistributionGroup(key, label or f"Group {key}", steps)


GROUPS = {
    "three": [
        group("a", [3, 9, 14, 11, 6, 4, 2, 1, 0, 2]),
        group("b", [0, 1, 4, 10, 20, 18, 9, 5, 3, 1], LONG),
        group("c", [0, 1, 0, 2, 1, 0, 0, 1, 0, 1]),
    ],
    "eight": [group(str(k), [k, 5, 9, 9, 7, 3, 2, 1, 1, 1]) for k in range(8)],
    "one": [group("a", [0, 0, 1])],
    "equal": [group("a", [0, 0, 0, 30])],
    "hidden": [group("a", [None, None, None]), group("b", [0, 0, 0])],
    "wide": [
        charts.DistributionGroup(
            "a", "Steps", [(-30, -10, 4), (-10, 10, 22), (10, 30, 40), (30, 50, 9)]
        )
    ],
    "nothing": [],
}


def distribution(groups, better_is="lower", meaningful=2):
    return charts.distribution_chart(
        groups, chart_id="d", title="Change", better_is=better_is, meaningful=meaningful
    )


SHARES = {
    "three": [
        charts.ShareRow("a", "PRP", 7, 24, 58, 29),
        charts.ShareRow("b", LONG, 1, 40, 2, 1),
        charts.ShareRow("c", "Few", 1, 2, 4, 2),
        charts.ShareRow("d", "Few of many", 1, 2, 2, 40),
        charts.ShareRow("e", "Nobody", 0, 0, 0, 12),
        charts.ShareRow("f", "Hidden", None, None, None, None),
    ],
    "eight": [charts.ShareRow(str(k), LONG, k, 30, 10 * k, 4) for k in range(8)],
    "one": [charts.ShareRow("a", "One", 0, 0, 1)],
    "equal": [charts.ShareRow("a", "All better", 0, 0, 90)],
    "nothing": [],
}


def shares(rows):
    return charts.outcome_shares(rows, chart_id="s", title="How it went")


def limits(last, first=20, centre=0.5):
    """About those of chance; the widths are what matters here."""
    return [
        charts.FunnelLimit(
            n,
            (max(centre - 0.98 / n**0.5, 0), min(centre + 0.98 / n**0.5, 1)),
            (max(centre - 1.55 / n**0.5, 0), min(centre + 1.55 / n**0.5, 1)),
        )
        for n in range(first, last + 1)
    ]


POINTS = {
    "three": [
        charts.FunnelPoint("a", "Dr Okafor", 41, 0.51, is_own=True),
        charts.FunnelPoint("b", LONG, 120, 0.33),
        charts.FunnelPoint("c", "Dr Brandt", 118, 0.34),
        charts.FunnelPoint("d", "Dr Kim", 80, 0.64),
        charts.FunnelPoint("e", "Dr Dubois", 22, 0.4),
        charts.FunnelPoint("f", "Dr Hidden", None, None),
    ],
    "eight": [
        charts.FunnelPoint(str(k), LONG, 100 + k, 0.2 + k / 100) for k in range(8)
    ],
    "one": [charts.FunnelPoint("a", "Alone", 20, 0.5)],
    "equal": [charts.FunnelPoint(str(k), f"Dr {k}", 40, 0.5) for k in range(4)],
    "hidden": [charts.FunnelPoint("a", "Dr Hidden", None, None)],
    "nothing": [],
}


def funnel(points):
    return charts.funnel_chart(
        points, limits(200), centre=0.5, chart_id="f", title="Improved"
    )


DUMBBELLS = {
    "three": [
        charts.DumbbellRow("a", "18 to 39", 6.1, 30, 6.9, 41, section="By age"),
        charts.DumbbellRow("b", LONG, 5.2, 70, 5.2, 26, section="By age"),
        charts.DumbbellRow("c", "Spanish", 6.3, 8, 7.4, 11, section="By language"),
        charts.DumbbellRow("d", "All answered", 5.9, 72, None, 0, section="By channel"),
        charts.DumbbellRow("e", "Hidden", None, None, None, None, section="By channel"),
    ],
    "eight": [charts.DumbbellRow(str(k), LONG, k, 20, 8 - k, 20) for k in range(8)],
    "one": [charts.DumbbellRow("a", "One", 3.0, 1, None, 0)],
    "equal": [charts.DumbbellRow("a", "Same", 3.0, 10, 3.0, 10)],
    "nothing": [],
}


def dumbbell(rows, **facts):
    return charts.dumbbell_chart(rows, chart_id="b", title="Who is missing", **facts)


ESTIMATES = {
    "three": [
        charts.Estimate("pub", "Published", 2.0, is_reference=True, note="OSTELO2008"),
        charts.Estimate("mean", LONG, 2.375, (1.9, 2.9), n=64),
        charts.Estimate("roc", "Best cut-off", 1.5, (1.0, 3.0), n=9),
        charts.Estimate("adj", "Adjusted", None, note="asks for 50 answers"),
    ],
    "one": [charts.Estimate("pub", "Published", 2.0, is_reference=True)],
    "equal": [charts.Estimate("a", "A", 0.0), charts.Estimate("b", "B", 0.0)],
    "none": [charts.Estimate("adj", "Adjusted", None)],
    "nothing": [],
}


def estimates(rows):
    return charts.estimates_chart(rows, chart_id="e", title="Meaningful change")


def answers(*pairs, late=(), partial=()):
    return [
        charts.CoursePoint(
            day,
            value,
            f"day {day}",
            in_window=day not in late,
            is_partial=day in partial,
        )
        for day, value in pairs
    ]


EXPECTED = charts.ExpectedCourse(
    [(0, Decimal("5.5"), 8), (90, 3, 6), (365, Decimal("1.5"), 5)], 41
)
FULL_SERIES = charts.CourseSeries(
    "pain",
    LONG,
    answers(
        (-14, 7), (42, Decimal("5.50")), (90, 4), (365, 2), late=(90,), partial=(42, 90)
    ),
    0,
    10,
    threshold=Decimal("4.9"),
    goal=2,
    acceptable=3,
    expected=EXPECTED,
)
EVENTS = [
    charts.CourseEvent(0, "PRP", "left"),
    charts.CourseEvent(-10, "Physical therapy", until=80, days=(-10, 4, 18, 32, 80)),
    charts.CourseEvent(60, "Shockwave", until=95, days=(60, 72, 95)),
    charts.CourseEvent(170, LONG),
]
COURSES = {
    "three": [
        FULL_SERIES,
        charts.CourseSeries("act", "Limits", answers((0, 8), (90, 5)), 0, 10),
        charts.CourseSeries(
            "faam",
            "Ability",
            answers((0, 45), (365, 80)),
            0,
            100,
            better_is="higher",
            acceptable=54,
            threshold=54,
        ),
    ],
    "one": [charts.CourseSeries("pain", "Pain", answers((0, 5)), 0, 10)],
    "equal": [charts.CourseSeries("pain", "Pain", answers((0, 5), (0, 5)), 0, 10)],
    "none": [charts.CourseSeries("pain", "Pain", [], 0, 10, expected=EXPECTED)],
    "nothing": [],
}


def course(series):
    return charts.course_chart(series, EVENTS, chart_id="k", title="Course")


def _all():
    for name, series in SERIES.items():
        yield f"change {name}", change(series)
        yield f"population {name}", population(series)
    for name, groups in GROUPS.items():
        needed = 10 if name == "wide" else 2
        yield f"distribution {name}", distribution(groups, meaningful=needed)
    yield "change of a reversed measure", change(SERIES["three"], "higher")
    yield "distribution reversed", distribution(GROUPS["three"], "higher")
    yield (
        "distribution without a meaningful change",
        distribution(GROUPS["three"], meaningful=None),
    )
    for make, cases in (
        (shares, SHARES),
        (funnel, POINTS),
        (dumbbell, DUMBBELLS),
        (estimates, ESTIMATES),
        (course, COURSES),
    ):
        for name, rows in cases.items():
            yield f"{make.__name__} {name}", make(rows)
    # Its words reach where the levels are named.
    late = charts.CourseEvent(365, "At the end")
    top = charts.CourseSeries("p", "Pain", answers((0, 9)), 0, 10, acceptable=10)
    yield (
        "course that ends with a treatment",
        charts.course_chart([top], [late], chart_id="k", title="Course"),
    )
    share = charts.DumbbellRow("w", "Women", 0.62, 100, 0.5, 70)
    yield "dumbbell of shares", dumbbell([share], unit="%", low=0)


ALL = dict(_all())
