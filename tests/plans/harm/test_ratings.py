from dataclasses import dataclass
from uuid import UUID, uuid4

import pytest

from plans.harm import ratings

ANA, BEN, CAM = uuid4(), uuid4(), uuid4()


@dataclass(frozen=True)
class Rating:
    rater_id: UUID
    grade: int
    relatedness: str = "possible"


@pytest.mark.parametrize(
    ("given", "grade", "lacks_second"),
    [
        ([], None, False),
        ([(ANA, 1)], 1, False),
        ([(ANA, 2)], 2, False),
        ([(ANA, 3)], 3, True),
        ([(ANA, 5)], 5, True),
        ([(ANA, 3), (ANA, 3)], 3, True),
        ([(ANA, 3), (ANA, 2)], 2, False),
        ([(ANA, 2), (ANA, 3)], 3, True),
        ([(ANA, 3), (BEN, 1)], 3, False),
        ([(ANA, 2), (BEN, 4)], 4, False),
    ],
)
def test_the_gravest_word_that_stands_is_the_grade(given, grade, lacks_second):
    rows = [Rating(*each) for each in given]
    assert ratings.grade(rows) == grade
    assert ratings.needs_second_rater(rows) is lacks_second


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ([(ANA, 3)], []),
        ([(ANA, 3), (ANA, 2)], []),
        ([(ANA, 3), (BEN, 3)], []),
        ([(ANA, 3), (BEN, 2)], ["grade 3 and grade 2"]),
        ([(ANA, 3), (BEN, 2), (BEN, 3)], []),
        ([(ANA, 3), (BEN, 2), (ANA, 2)], []),
        ([(ANA, 1), (BEN, 2), (CAM, 2)], ["grade 1 and grade 2"]),
        ([(ANA, 1), (BEN, 2), (CAM, 3)], ["grade 1, grade 2 and grade 3"]),
        ([(ANA, 1), (BEN, 2), (CAM, 2), (ANA, 2)], []),
        (
            [(ANA, 5, "definite"), (BEN, 3), (CAM, 3)],
            ["grade 5 and grade 3", "definite and possible"],
        ),
        ([(ANA, 3), (BEN, 3, "definite")], ["possible and definite"]),
        (
            [(ANA, 1, "unlikely"), (BEN, 3, "definite")],
            ["grade 1 and grade 3", "unlikely and definite"],
        ),
    ],
)
def test_the_last_word_of_every_rater_is_compared(given, said):
    assert ratings.disagreement([Rating(*each) for each in given]) == said
