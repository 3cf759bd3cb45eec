"""Every mark of a chart is told by its table with the same number, and none lacks."""

import re

import pytest

from outcomes.dashboards import charts
from tests.outcomes.charts import samples
from tests.outcomes.charts.drawing import drawings, parsed

# What a drawing may say about a mark besides where it stands in the chart.
FACTS = ("value", "low", "high", "n", "level")
EVERY = pytest.mark.parametrize("name", samples.ALL)


def marks(part):
    """The data attributes of each mark, by the mark's name."""
    found = {}
    for one in part.iter():
        data = {k[5:]: v for k, v in one.attrib.items() if k.startswith("data-")}
        if "mark" in data:
            name = data.pop("mark")
            data.pop("series", None)
            assert name not in found
            found[name] = data
    return found


def is_drawn(name, data):
    """Whether there is something to draw: what is hidden or undefined has no mark."""
    if name.startswith("event "):
        return True
    if data.keys() & {"part", "of"}:
        return data.get("n", "0") != "0"
    return bool(data.keys() & {"value", "level", "low"})


@EVERY
def test_each_variant_plots_what_the_table_tells(name):
    chart = samples.ALL[name]
    told = marks(parsed(charts.render_table(chart)))
    expected = {mark: data for mark, data in told.items() if is_drawn(mark, data)}
    shown = drawings(chart)
    for drawing in shown:
        assert marks(drawing) == expected
    assert bool(shown) or not expected


def numbers(text):
    plain = text.replace("\N{MINUS SIGN}", "-").replace("+", "")
    return [abs(float(one)) for one in re.findall(r"\d+(?:\.\d+)?", plain)]


def is_told(raw, text):
    """To as many digits as it is told with, in itself or as a percentage."""
    value = abs(float(raw))
    shown = [*numbers(text), *([0.0] if "no change" in text else [])]
    return any(abs(one - value) <= 0.0051 for one in shown) or any(
        abs(one / 100 - value) <= 0.0051 for one in shown
    )


@EVERY
def test_the_table_says_in_words_what_its_attributes_hold(name):
    table = parsed(charts.render_table(samples.ALL[name]))
    for row in table.iter("tr"):
        said = " ".join(row.itertext())
        for fact in FACTS:
            raw = row.get(f"data-{fact}")
            assert raw is None or is_told(raw, said), (fact, raw, said)


@EVERY
def test_a_cell_with_a_number_of_its_own_says_it(name):
    table = parsed(charts.render_table(samples.ALL[name]))
    for cell in table.iter("td"):
        raw = cell.get("data-value") or cell.get("data-n")
        if raw is not None:
            assert is_told(raw, cell.text)


@EVERY
def test_hidden_and_undefined_numbers_are_nowhere(name):
    markup = charts.render(samples.ALL[name]) + charts.render_table(samples.ALL[name])
    assert "None" not in markup
    assert not re.search(r"\b(nan|inf)\b", markup)


@EVERY
def test_the_table_has_a_cell_for_each_column(name):
    table = parsed(charts.render_table(samples.ALL[name]))
    columns = len(table.find("thead/tr"))
    assert all(len(row) == columns for row in table.findall("tbody/tr"))
    assert table.find("caption").text


def test_no_kind_of_chart_is_left_out():
    tabled = {
        kind
        for kind in vars(charts).values()
        if hasattr(kind, "table_template_name") and isinstance(kind, type)
    } - {charts.Tabled}
    assert {type(chart) for chart in samples.ALL.values()} == tabled
