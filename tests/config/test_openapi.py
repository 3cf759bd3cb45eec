from config.openapi import without_column_limits


def test_a_column_limit_of_the_database_is_left_out() -> None:
    grade = {"type": "integer", "minimum": 0, "maximum": 2**63 - 1, "format": "int64"}
    assert without_column_limits({"grade": grade}) == {
        "grade": {"type": "integer", "minimum": 0}
    }


def test_a_limit_of_ours_stays() -> None:
    pain = {"type": "integer", "minimum": 0, "maximum": 10}
    assert without_column_limits({"allOf": [dict(pain)]}) == {"allOf": [pain]}


def test_a_property_may_be_called_maximum() -> None:
    properties = {"properties": {"maximum": {"type": "number"}}}
    assert without_column_limits(properties) == properties
