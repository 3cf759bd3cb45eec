"""Nothing of a chart lies on something else, or where it cannot be seen."""

import itertools

import pytest

from tests.outcomes.charts import boxes, samples
from tests.outcomes.charts.drawing import drawings

EVERY = pytest.mark.parametrize("name", samples.ALL)


def clashes(drawing):
    words = boxes.words(drawing)
    return [
        (one.text, other.text)
        for one, other in itertools.combinations(words, 2)
        if one.overlaps(other)
    ]


@EVERY
def test_no_words_lie_on_each_other(name):
    for drawing in drawings(samples.ALL[name]):
        assert clashes(drawing) == []


@EVERY
def test_all_words_lie_inside_the_drawing(name):
    for drawing in drawings(samples.ALL[name]):
        width, height = boxes.size(drawing)
        for box in boxes.words(drawing):
            assert box.left >= -3, box
            assert box.right <= width + 3, box
            assert box.top >= -3, box
            assert box.bottom <= height + 3, box


@EVERY
def test_all_marks_lie_inside_the_drawing(name):
    for drawing in drawings(samples.ALL[name]):
        width, height = boxes.size(drawing)
        for _, (x, y, wide, high) in boxes.hits(drawing):
            assert wide / 2 - 4 <= x <= width - wide / 2 + 4
            assert high / 2 - 4 <= y <= height - high / 2 + 4
