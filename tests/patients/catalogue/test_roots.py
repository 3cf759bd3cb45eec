"""The nerve roots: what ships, and what a faulty row is told."""

import pytest

from clinic.reference_data import ReferenceDataError
from patients.catalogue import findings, roots
from tests.patients.catalogue import faults

S1 = faults.shipped(roots.DATA / "roots.csv", "S1")


def test_the_roots_run_from_the_groin_to_the_saddle():
    assert list(roots.roots()) == ["L1", "L2", "L3", "L4", "L5", "S1", "S2", "S3-S5"]


def test_a_root_carries_its_facts_its_caveat_and_its_sources():
    root = roots.roots()["S1"]
    assert root.reflex == "ankle jerk"
    assert "Se 0.65, Sp 0.80" in root.caveat
    assert "MURPHY2009" in root.sources


def test_the_saddle_area_says_that_it_is_a_red_flag():
    assert "cauda equina red flag" in roots.roots()["S3-S5"].separates_from


def test_each_root_of_the_foot_has_a_muscle_and_a_test_point_in_the_examination():
    examined = findings.definitions().values()
    for root in ("L4", "L5", "S1"):
        assert any(root in d.roots and d.block == "strength" for d in examined)
        assert any(root in d.roots and d.block == "sensation" for d in examined)


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        ({"caveat": ""}, "line 2, caveat: is missing"),
        ({"status": "checked"}, "line 2, status: must begin with one of verified"),
        ({"sources": ""}, "line 2, sources: what is verified must name the source"),
        ({"sources": "NOBODY1999"}, "line 2, sources: 'NOBODY1999' is not a key of"),
    ],
)
def test_a_faulty_root_is_named(tmp_path, cells, message):
    path = faults.write(tmp_path / "roots.csv", roots.COLUMNS, S1 | cells)
    with pytest.raises(ReferenceDataError, match=f"roots.csv, {message}"):
        roots.read(path, S1["sources"].split(";"))


def test_a_root_stands_once(tmp_path):
    path = faults.write(tmp_path / "roots.csv", roots.COLUMNS, S1, S1)
    with pytest.raises(ReferenceDataError, match="line 3, key: S1 stands twice"):
        roots.read(path, S1["sources"].split(";"))
