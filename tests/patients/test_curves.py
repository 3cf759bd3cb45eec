"""Curves of the body map and the SVG paths they become."""

import pytest

from patients.catalogue import curves

ARCH = [(10, 0), (20, 30), (40, 35), (60, 0)]


def test_a_curve_goes_through_its_points():
    assert curves.through(ARCH).nodes == tuple(ARCH)


def test_a_straight_line_stays_straight():
    assert curves.open_path([curves.through([(5, 0), (35, 60)])]) == "M5 0l30 60"


def test_a_curve_has_one_tangent_at_a_point():
    (_, before, node), (after, _, _) = curves.through(ARCH).pieces[:2]
    into = node[0] - before[0], node[1] - before[1]
    out = after[0] - node[0], after[1] - node[1]
    assert into[0] * out[1] == pytest.approx(into[1] * out[0])


def test_a_curve_meets_the_midline_at_a_right_angle():
    curve = curves.through([(0, 50), (20, 80), (50, 90)])
    assert curve.pieces[0][0][1] == pytest.approx(50)


def test_a_curve_backwards_twice_is_itself():
    curve = curves.through(ARCH)
    assert curve.backwards().nodes == tuple(reversed(ARCH))
    assert curve.backwards().backwards() == curve


def test_a_part_runs_either_way():
    curve = curves.through(ARCH)
    assert curve.part(1, 3).nodes == tuple(ARCH[1:])
    assert curve.part(3, 1) == curve.part(1, 3).backwards()


def test_a_mirror_image_lies_on_the_other_side():
    mirrored = curves.through(ARCH).mirrored()
    assert mirrored.nodes == tuple((-x, y) for x, y in ARCH)
    assert mirrored.mirrored() == curves.through(ARCH)


def test_a_handle_that_mirrors_the_one_before_is_left_out():
    wave = curves.through([(5, 0), (35, 20), (65, 0), (95, 20), (125, 0)])
    path = curves.open_path([wave])
    assert path.count("c") == 1
    assert path.count("s") == 3


def test_a_closed_path_goes_on_where_the_curve_before_ended():
    curve = curves.through(ARCH)
    path = curves.closed_path([curve, curves.through([(60, 0), (10, 0)])])
    assert path.startswith("M10 0")
    assert path.endswith("l-50 0z")
    assert curves.bounds([curve]) == (10, 0, 60, 35)
