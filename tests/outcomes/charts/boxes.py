"""Where the words and marks of a drawing lie, by the widths that the charts reckon."""

from dataclasses import dataclass

from outcomes.dashboards.charts import text as chart_text

# The reckoned widths are generous: fonts stay well within them.
GENEROUS = 0.86
ASCENT, DESCENT = 0.72, 0.16


@dataclass(frozen=True)
class Box:
    text: str
    left: float
    top: float
    right: float
    bottom: float

    def overlaps(self, other):
        return (
            self.left < other.right
            and other.left < self.right
            and self.top < other.bottom
            and other.top < self.bottom
        )


def _em(text, size):
    return float(text[:-2]) * size if text.endswith("em") else float(text)


def words(drawing):
    """A box for each line of text."""
    return list(_walk(drawing, 14.0))


def _walk(part, size):
    size = float(part.get("font-size", size))
    if part.tag == "text":
        yield from _lines(part, size)
        return
    for inner in part:
        yield from _walk(inner, size)


def _lines(part, size):
    anchor = part.get("text-anchor", "start")
    x = float(part.get("x")) + _em(part.get("dx", "0"), size)
    y = float(part.get("y")) + _em(part.get("dy", "0"), size)
    runs = [((part.text or "").strip(), size)]
    for span in part:
        own = float(span.get("font-size", size))
        if span.get("x"):
            yield from _box(runs, x, y, anchor)
            runs = []
            x = float(span.get("x")) + _em(span.get("dx", "0"), size)
            y += _em(span.get("dy", "0"), size)
        runs.append((span.text or "", own))
    yield from _box(runs, x, y, anchor)


def _box(runs, x, y, anchor):
    text = " ".join(text for text, _ in runs if text)
    if not text:
        return
    room = GENEROUS * sum(chart_text.width(text, size) for text, size in runs)
    start = {"start": x, "middle": x - room / 2, "end": x - room}[anchor]
    size = max(size for text, size in runs if text)
    yield Box(text, start, y - ASCENT * size, start + room, y + DESCENT * size)


def hits(drawing):
    """Centre and extent of each mark that can be pointed at, with its owner."""
    for point in drawing.iter("g"):
        for hit in point:
            if hit.get("class") == "chart-hit":
                yield point, _extent(hit)


def _extent(hit):
    if hit.tag == "circle":
        return float(hit.get("cx")), float(hit.get("cy")), 0.0, 0.0
    x, y, width, height = (float(hit.get(k)) for k in ("x", "y", "width", "height"))
    return x + width / 2, y + height / 2, width, height


def size(drawing):
    """Width and height of the drawing, in chart units."""
    return [float(one) for one in drawing.get("viewBox").split()[2:]]
