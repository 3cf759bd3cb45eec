"""The outlines of the body map: complete, mirrored, and faults in the file named."""

import re
from pathlib import Path

import pytest

from clinic.reference_data import ReferenceDataError
from patients.catalogue import outlines, regions

VIEWS = outlines.views()
REGIONS = regions.regions()


def test_every_region_is_drawn_in_its_views_and_nothing_else_is():
    drawn = {(view.key, value) for view in VIEWS.values() for value in view.shapes}
    assert drawn == {
        (view, value)
        for region in REGIONS.values()
        for view in region.views
        for value in region.values()
    }
    assert list(VIEWS) == list(regions.VIEWS)


def flipped(path: str) -> str:
    """The path with every x negated; numbers come in pairs of x and y."""
    numbers = iter(range(10_000))

    def turn(found: re.Match[str]) -> str:
        value = int(found[0])
        return f" {-value if next(numbers) % 2 == 0 else value}"

    return re.sub(r" ?-?\d+", turn, path)


def spaced(path: str) -> str:
    return re.sub(r" ?(-?\d+)", r" \1", path)


def test_left_is_the_mirror_image_of_right():
    for view in VIEWS.values():
        for value, shape in view.shapes.items():
            if value.endswith(":left"):
                other = view.shapes[value.replace(":left", ":right")]
                assert flipped(shape.path) == spaced(other.path)


def test_what_has_no_side_lies_across_the_midline():
    for view in VIEWS.values():
        for value in (v for v in view.shapes if ":" not in v):
            left, _, right, _ = view.shapes[value].bounds
            assert -left == right > 0


@pytest.mark.parametrize(
    ("view", "value", "sign"),
    [
        # Face to face with the patient, and with the soles of a patient who lies.
        ("front", "knee_front:left", 1),
        ("sole", "arch:left", 1),
        # From behind, and as patients see their own feet.
        ("back", "knee_back:left", -1),
        ("top", "foot_top:left", -1),
    ],
)
def test_left_lies_where_it_would_be_seen(view, value, sign):
    assert VIEWS[view].shapes[value].middle[0] * sign > 0


def test_the_big_toe_is_the_inner_one():
    for view in ("top", "sole"):
        toes = VIEWS[view].shapes
        big, small = toes["big_toe:left"].middle, toes["small_toes:left"].middle
        assert abs(big[0]) < abs(small[0])


def test_every_shape_lies_inside_its_picture():
    for view in VIEWS.values():
        left, top, width, height = view.box
        for shape in view.shapes.values():
            a, b, c, d = shape.bounds
            assert left < a < c < left + width
            assert top < b < d < top + height


SHEET = """
[lines.body]
outer = "a=0,0 b=10,5 c=10,15 d=0,20"
cut = "b 5,15 d"

[views.back]
lines = "body"
box = "-20 0 40 40"
side_on_the_right = "right"
outline = "outer"
details = "cut"
plain = {}
regions = { neck = "a b c d" }
"""
NECK = {"neck": regions.Region("neck", "neck", "cuello", False, "neck", ("back",))}


def read(tmp_path: Path, text: str) -> dict[str, outlines.View]:
    path = tmp_path / "map.toml"
    path.write_text(text, encoding="utf-8")
    return outlines.read_views(path, NECK)


def test_a_region_goes_round_its_corners_and_is_mirrored(tmp_path: Path):
    view = read(tmp_path, SHEET)["back"]
    assert view.shapes["neck"].bounds == (-10, 0, 10, 20)
    assert view.shapes["neck"].middle == (0, 10)
    assert view.details.count("M") == view.outline.count("M") == 2


def test_the_line_with_the_fewest_corners_between_joins_two(tmp_path: Path):
    short = read(tmp_path, SHEET.replace("a b c d", "a b d"))["back"]
    assert (
        short.shapes["neck"].path != read(tmp_path, SHEET)["back"].shapes["neck"].path
    )


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("5,15 d", "5,15 e", "lines, body, cut: 'e' is neither x,y nor the name"),
        ("5,15 d", "5,1o d", "lines, body, cut: '5,1o' is neither x,y nor the name"),
        ("b 5,15 d", "b b=5,15 d", "lines, body, cut: b is the name of a point above"),
        ("b 5,15 d", "b", "lines, body, cut: a line needs two points"),
        ("b 5,15 d", "b 5,15 c", "regions, neck: 2 lines join b and c, not one"),
        ("a b c d", "a b e", "regions, neck: 0 lines join b and e, not one"),
        ("neck =", "tail =", "regions, tail: is not a region of the view back"),
        ('neck = "a b c d"', "", "views: neck has no outline in back"),
        ("-20 0 40 40", "-20 0 40", "box: must be left, top, width and height"),
        ('outline = "outer"', 'outline = "rim"', "outline: 'rim' is not a line"),
        ('= "right"', '= "none"', "side_on_the_right: 'none' is not one of left"),
        ('lines = "body"', 'lines = "foot"', "lines: 'foot' is not one of body"),
        ("plain = {}", "plain = {}\nframe = 1", "views, back, frame: unknown key"),
    ],
)
def test_a_fault_is_named(tmp_path: Path, old, new, message):
    assert old in SHEET
    with pytest.raises(ReferenceDataError, match=f"map.toml, .*{message}"):
        read(tmp_path, SHEET.replace(old, new))
