from collections import Counter
from random import Random
from types import SimpleNamespace
from typing import Any

from outcomes.demo import platelets
from plans.procedures import checks
from plans.procedures.prp import classes

TREATED: Any = SimpleNamespace(
    row=SimpleNamespace(series_number=None), way=SimpleNamespace(structures=("joint",))
)
DRAWN = [platelets.values(Random(f"test:{n}"), TREATED) for n in range(400)]


def test_every_class_turns_up() -> None:
    found = [classes.classify(values) for values in DRAWN]
    for part in ("dose", "efficiency", "purity"):
        letters = {getattr(each, part).letter for each in found}
        assert {"A", "B", "C"} <= letters, part
    assert {each.platelets.letter for each in found} >= {"P1", "P2", "P3", "P4"}
    assert {each.white_cells.letter for each in found} >= {"A", "B"}


def test_a_recovery_above_all_that_was_drawn_is_rare() -> None:
    odd = sum(bool(checks.oddities(values)) for values in DRAWN)
    assert 0 < odd / len(DRAWN) < 0.06


def test_all_of_them_can_be() -> None:
    assert not any(checks.check("prp", values) for values in DRAWN)


def test_most_are_counted_and_some_assumed() -> None:
    sources = Counter(values["count_source"] for values in DRAWN)
    assert sources["measured"] > 200
    assert min(sources["kit_default"], sources["not_counted"]) > 30
