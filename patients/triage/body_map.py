"""The body map as it is drawn: which places are chosen, and which is the worst."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from patients.catalogue import outlines, regions

# Reach of the mark in the middle of a chosen place, in units of the picture.
REACH = 7
# What a thumbnail shows at least, from top to bottom, and around what is chosen.
LEAST_SPAN = 420
MARGIN = 60
TEXTS: Mapping[str, tuple[str, str]] = {
    "question": ("Where does it hurt?", "¿Dónde le duele?"),
    "map_hint": (
        "Tap every place that hurts. Tap again to take it back.",
        "Toque cada lugar que le duele. Toque otra vez para quitarlo.",
    ),
    "list_hint": ("Mark every place that hurts.", "Marque cada lugar que le duele."),
    "keys_hint": (
        "The arrow keys move between places, Space or Enter chooses one.",
        "Las flechas pasan de un lugar a otro; Espacio o Entrar elige uno.",
    ),
    "list": ("Choose from a list instead", "Elegir de una lista"),
    "views": ("Show", "Mostrar"),
    "none": ("Nothing chosen yet", "Todavía no hay nada elegido"),
    "chosen": ("Chosen", "Lugares elegidos"),
    "is_chosen": ("chosen", "elegido"),
    "worst": ("hurts most", "duele más"),
    "pick_worst": ("Hurts most", "Duele más"),
    "remove": ("Remove", "Quitar"),
    "worst_question": ("Which place hurts the most?", "¿Qué lugar le duele más?"),
    "worst_hint": (
        "Only if you chose more than one.",
        "Solo si eligió más de uno.",
    ),
    "nothing_here": (
        "This part cannot be chosen here.",
        "Esta parte no se puede elegir aquí.",
    ),
    "pain": ("Pain", "Dolor"),
    "worst_mark": ("worst", "el peor"),
    "left": ("Left", "Izquierda"),
    "right": ("Right", "Derecha"),
    "left_mark": ("L", "I"),
    "right_mark": ("R", "D"),
    "front": ("Front", "Delante"),
    "back": ("Back", "Detrás"),
    "top": ("Feet, top", "Empeines"),
    "sole": ("Soles", "Plantas"),
}


@dataclass(frozen=True, slots=True)
class Area:
    """One region in one picture; `state` is empty, chosen or worst."""

    value: str
    label: str
    path: str
    state: str


@dataclass(frozen=True, slots=True)
class Mark:
    """A cross where it hurts most, a dot elsewhere: the cue besides the colour."""

    path: str
    state: str


@dataclass(frozen=True, slots=True)
class Picture:
    view: str
    label: str
    short: str
    box: str
    on_the_left: str
    on_the_right: str
    areas: tuple[Area, ...]
    marks: tuple[Mark, ...]
    plain: str
    details: str


@dataclass(frozen=True, slots=True)
class BodyMap:
    pictures: tuple[Picture, ...]
    texts: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Sign:
    """The letter of a side in a thumbnail."""

    text: str
    x: int
    y: int
    size: int


@dataclass(frozen=True, slots=True)
class Miniature:
    view: str
    box: str
    outline: str
    areas: tuple[Area, ...]
    marks: tuple[Mark, ...]
    signs: tuple[Sign, ...]


@dataclass(frozen=True, slots=True)
class Thumbnail:
    label: str
    miniatures: tuple[Miniature, ...]


def texts(language: str) -> dict[str, str]:
    position = 1 if language == "es" else 0
    return {key: pair[position] for key, pair in TEXTS.items()}


def draw(chosen: Collection[str], worst: str, language: str) -> BodyMap:
    """All four pictures. A chosen value that is no region is not drawn."""
    words = texts(language)
    return BodyMap(
        tuple(
            Picture(
                view=view.key,
                label=regions.view_label(view.key, language),
                short=words[view.key],
                box=_words(view.box),
                on_the_left=words[_other(view.side_on_the_right)],
                on_the_right=words[view.side_on_the_right],
                areas=_areas(view, view.shapes, chosen, worst, language),
                marks=_marks(view, chosen, worst),
                plain=view.plain,
                details=view.details,
            )
            for view in outlines.views().values()
        ),
        words,
    )


def thumbnail(chosen: Sequence[str], worst: str, language: str) -> Thumbnail:
    """Only the views that hold what is chosen, and only that in them."""
    return Thumbnail(
        sentence(chosen, worst, language),
        tuple(
            _miniature(outlines.views()[view], chosen, worst, language)
            for view in needed_views(chosen)
        ),
    )


def sentence(chosen: Sequence[str], worst: str, language: str) -> str:
    """'Pain: left heel, from below (worst); arch of the left foot', worst first."""
    if not chosen:
        return texts(language)["none"]
    words = texts(language)
    mark = f" ({words['worst_mark']})" if len(chosen) > 1 else ""
    named = [
        regions.label(value, language) + (mark if value == worst else "")
        for value in sorted(chosen, key=lambda value: value != worst)
    ]
    return f"{words['pain']}: {'; '.join(named)}"


def needed_views(chosen: Sequence[str]) -> list[str]:
    """As few views as show every place: one that must be shown may show others too."""
    places = [regions.parse(value).region for value in chosen]
    needed = {region.views[0] for region in places if len(region.views) == 1}
    for region in places:
        if not needed.intersection(region.views):
            needed.add(region.views[0])
    return [view for view in outlines.views() if view in needed]


def _miniature(
    view: outlines.View, chosen: Sequence[str], worst: str, language: str
) -> Miniature:
    shown = [value for value in view.shapes if value in chosen]
    box = _cut(view.box, [view.shapes[value].bounds for value in shown])
    return Miniature(
        view=view.key,
        box=_words(box),
        outline=view.outline,
        areas=_areas(view, shown, chosen, worst, language),
        marks=_marks(view, chosen, worst),
        signs=_signs(box, view.side_on_the_right, language),
    )


def _cut(box: outlines.Box, bounds: Sequence[outlines.Box]) -> outlines.Box:
    """The part of a tall picture that shows what is chosen and enough around it."""
    left, top, width, height = box
    highest, lowest = min(b[1] for b in bounds), max(b[3] for b in bounds)
    widest = 2 * max(max(-b[0], b[2]) for b in bounds)
    span = max(LEAST_SPAN, lowest - highest + MARGIN, (widest + MARGIN) * 3 // 2)
    if span > height * 3 // 4:
        return box
    start = (highest + lowest - span) // 2
    start = min(max(start, top), top + height - span)
    across = min(span * 2 // 3, width)
    return -(across // 2), start, across, span


def _areas(
    view: outlines.View,
    values: Collection[str],
    chosen: Collection[str],
    worst: str,
    language: str,
) -> tuple[Area, ...]:
    return tuple(
        Area(
            value,
            regions.label(value, language),
            view.shapes[value].path,
            _state(value, chosen, worst),
        )
        for value in values
    )


def _marks(
    view: outlines.View, chosen: Collection[str], worst: str
) -> tuple[Mark, ...]:
    return tuple(
        Mark(_mark(shape.middle, state), state)
        for value, shape in view.shapes.items()
        if (state := _state(value, chosen, worst))
    )


def _mark(middle: tuple[int, int], state: str) -> str:
    x, y = middle
    if state == "chosen":
        return f"M{x} {y}h0"
    reach, whole = REACH, 2 * REACH
    return f"M{x - reach} {y - reach}l{whole} {whole}m0-{whole}l-{whole} {whole}"


def _state(value: str, chosen: Collection[str], worst: str) -> str:
    if value not in chosen:
        return ""
    return "worst" if value == worst else "chosen"


def _signs(box: outlines.Box, right: str, language: str) -> tuple[Sign, Sign]:
    words = texts(language)
    left, top, width, height = box
    size = max(width // 10, height // 14)
    bottom = top + height - size // 3
    return (
        Sign(words[f"{_other(right)}_mark"], left + size // 2, bottom, size),
        Sign(words[f"{right}_mark"], left + width - size // 2, bottom, size),
    )


def _other(side: str) -> str:
    return "left" if side == "right" else "right"


def _words(box: outlines.Box) -> str:
    return " ".join(map(str, box))
