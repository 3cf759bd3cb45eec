import pytest

from outcomes.dashboards import charts
from tests.outcomes.charts import boxes, samples
from tests.outcomes.charts.drawing import drawings, parsed, shapes, texts

SPANISH = charts.PartWords(
    worsened="empeoraron",
    unchanged="sin cambio importante",
    improved="mejoraron",
    unanswered="no respondieron",
    too_few="muy pocas personas para un porcentaje",
    of="de",
)


def test_every_part_is_labelled_however_small():
    chart = samples.shares([charts.ShareRow("a", "PRP", 1, 196, 2, 1)])
    for drawing in drawings(chart):
        assert [one for one in texts(drawing) if "%" in one] == [
            "0 %",
            "98 %",
            "1 %",
            "0 %",
        ]


def test_shares_are_of_all_due_where_silence_is_told():
    row = charts.ShareRow("a", "PRP", 10, 20, 50, 20)
    chart = samples.shares([row])
    assert chart.description == (
        "PRP: worsened 10 (10 %), no meaningful change 20 (20 %), "
        "improved 50 (50 %), did not answer 20 (20 %); of 100."
    )
    assert [column.label for column in chart.table.columns] == [
        "Group",
        "Worsened",
        "No meaningful change",
        "Improved",
        "Did not answer",
        "n",
    ]


def test_without_silence_nothing_is_said_of_it():
    chart = samples.shares([charts.ShareRow("a", "PRP", 10, 20, 70)])
    assert "answer" not in charts.render(chart) + charts.render_table(chart)


def test_nobody_worsened_is_said_as_well():
    assert (
        "worsened 0 (0 %)"
        in samples.shares([charts.ShareRow("a", "PRP", 0, 20, 70)]).description
    )


def test_parts_differ_by_fill_and_not_by_colour_alone():
    drawing = drawings(samples.shares([charts.ShareRow("a", "PRP", 9, 9, 9, 9)]))[0]
    bars = [shapes(point, "rect")[0] for point, _ in boxes.hits(drawing)]
    pattern = drawing.find("defs/pattern").get("id")
    assert [bar.get("fill") for bar in bars] == [
        f"url(#{pattern})",
        "#ccd3d6",
        "#0b6b74",
        "#ffffff",
    ]
    assert [bar.get("stroke-dasharray") for bar in bars] == [None, None, None, "3 3"]


def test_too_few_are_people_without_a_rate():
    chart = samples.shares([charts.ShareRow("a", "BMC", 1, 2, 4, 2)])
    for drawing in drawings(chart):
        assert not any("%" in text for text in texts(drawing))
    assert "too few for a rate" in chart.description
    assert chart.table.rows[0].cells[0].text == "1"


def test_many_silent_people_are_one_mark_with_their_number():
    row = charts.ShareRow("a", "BMC", 1, 2, 4, 40)
    dots = charts.person_dots(row)
    assert [len(one.marks) for one in dots.people] == [1, 2, 4, 1]
    assert dots.people[-1].number == "× 40"
    assert dots.width <= 260


def test_person_dots_carry_their_counts():
    found = parsed(
        charts.render(charts.person_dots(charts.ShareRow("a", "A", 1, 2, 4)))
    )
    marks = [one for one in found if one.get("data-mark")]
    assert [(one.get("data-n"), one.get("data-of")) for one in marks] == (
        [("1", "7"), ("2", "7"), ("4", "7")]
    )
    assert found.find("title").text == found.get("aria-label")


def test_ten_answers_are_a_rate_and_no_dots():
    with pytest.raises(ValueError, match="show a rate"):
        charts.person_dots(charts.ShareRow("a", "A", 1, 3, 6))
    assert "10 %" in texts(
        drawings(samples.shares([charts.ShareRow("a", "A", 1, 3, 6)]))[0]
    )


def test_one_hidden_count_hides_its_row():
    row = charts.ShareRow("a", "A", 17, 43, None, 11)
    markup = charts.render(samples.shares([row])) + charts.render_table(
        samples.shares([row])
    )
    assert "hidden, so that fewer than 10 people" in markup
    assert not any(f">{n}<" in markup or f'"{n}"' in markup for n in (17, 43, 11, 71))


def test_words_of_patients_are_those_of_their_language():
    chart = charts.outcome_shares(
        [charts.ShareRow("a", "Personas", 1, 2, 4, 3)],
        chart_id="s",
        title="Personas como usted",
        words=SPANISH,
    )
    markup = charts.render(chart) + charts.render_table(chart)
    assert "mejoraron 4" in markup
    assert "muy pocas personas" in markup
    assert not any(
        word in markup for word in ("improved 4", "did not answer", "too few")
    )
