import pytest

from plans.protocols import comparison, documents
from tests.plans.protocols.drafting import CONTENT, content, spoilt


def compared(made):
    old, new = (
        documents.read(each, key="sample", version=n).definition
        for n, each in enumerate((content(), made), 1)
    )
    return [one.sentence for one in comparison.differences(old, new)]


def test_the_same_has_no_difference():
    assert compared(content()) == []
    assert compared(spoilt("goals", 1, target="3.00")) == []


@pytest.mark.parametrize(
    ("made", "said"),
    [
        (content(title="Other"), "The protocol, title: Sample becomes Other."),
        (content(sources=[]), "The protocol, sources: MIBO2017 becomes –."),  # noqa: RUF001
        (spoilt("steps", 2, offset_days=28), "PRP, day: 42 becomes 28."),
        (spoilt("steps", 2, title="Needle"), "Needle, title: PRP becomes Needle."),
        (
            spoilt("steps", 2, repeats=2, every_days=14),
            "PRP, repeats: 1 becomes 2.",
        ),
        (
            spoilt("timepoints", 2, close_day=50),
            "1 month, window closes on day: 45 becomes 50.",
        ),
        (
            spoilt("timepoints", 2, measures=["pain_back"]),
            "1 month, asked for: Pain at the site becomes Back pain.",
        ),
        (spoilt("goals", 1, target="2"), "Goal Pain at the site, target: 3 becomes 2."),
        (spoilt("rungs", 2, after_days=4), "Reminder 2, after days: 3 becomes 4."),
        (
            spoilt("rungs", 3, after_days=4),
            "Reminder 3, days before the window closes: 3 becomes 4.",
        ),
        (
            spoilt("steps", 2, modality="lifestyle", who="therapist"),
            "PRP, modality: Platelet-rich plasma becomes Lifestyle.",
        ),
        (
            spoilt("goals", 1, comparison="less_by_percent", target="30"),
            "Goal Pain at the site, comparison: at most becomes less by (%).",
        ),
        (content(goals=[]), "Goal Pain at the site is removed."),
        (content(timepoints=CONTENT["timepoints"][:1]), "1 month is removed."),
        (
            content(steps=CONTENT["steps"][::-1]),
            "The steps, order: Therapy; PRP becomes PRP; Therapy.",
        ),
    ],
)
def test_a_difference_is_said_in_words(made, said):
    assert said in compared(made)


def test_a_step_that_is_replaced_went_and_came():
    made = spoilt("steps", 1, key="exercise", title="Exercise")
    made["steps"][1]["after"] = "exercise"
    assert compared(made) == [
        "Therapy is removed.",
        "Exercise is added.",
        "PRP, after: Therapy becomes Exercise.",
    ]


def test_the_order_of_what_is_asked_and_cited_is_no_difference():
    asked = {"measures": ["pain_site", "global_change"]}
    cited = {"sources": ["MIBO2017", "DORIO2021"]}
    made = spoilt("timepoints", 2, **asked) | cited
    turned = {name: values[::-1] for name, values in (asked | cited).items()}
    other = spoilt("timepoints", 2, measures=turned["measures"])
    other["sources"] = turned["sources"]
    old, new = (
        documents.read(each, key="sample", version=1).definition
        for each in (made, other)
    )
    assert old != new
    assert comparison.differences(old, new) == []


def test_a_time_point_that_comes_names_what_it_asks_for():
    late = {**CONTENT["timepoints"][1], "key": "m3", "label": "3 months"}
    late["measures"] = ["pain_site", "global_change"]
    old, new = (
        documents.read(each, key="sample", version=1).definition
        for each in (content(), content(timepoints=[*CONTENT["timepoints"], late]))
    )
    (found,) = comparison.differences(old, new)
    assert "asked for Pain at the site, Global change" in found.after
