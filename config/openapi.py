"""Keeps the OpenAPI document the same whichever database wrote it."""

from typing import Any

# What PostgreSQL's and SQLite's integer columns hold; no rule of ours.
COLUMN_LIMITS = {32767, -32768, 2**31 - 1, -(2**31), 2**63 - 1, -(2**63)}


def without_column_limits(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """A postprocessing hook of drf-spectacular."""
    _strip(result)
    return result


def _strip(node: Any) -> None:
    if isinstance(node, list):
        for item in node:
            _strip(item)
    elif isinstance(node, dict):
        for bound in ("minimum", "maximum"):
            limit = node.get(bound)
            if isinstance(limit, int) and limit in COLUMN_LIMITS:
                del node[bound]
                node.pop("format", None)
        for value in node.values():
            _strip(value)
