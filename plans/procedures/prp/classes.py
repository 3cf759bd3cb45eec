"""How platelet-rich plasma is classed from its counts: DEPA and PAW. Pure.

DEPA2016: dose A over 5, B 3 to 5, C 1 to 3, D under 1 billion platelets; efficiency
and purity A over 90, B 70 to 90, C 30 to 70, D under 30 %; activation yes or no.
PRPCLASS (PAW): platelets P1 at or below the blood's, P2 to 750, P3 750 to 1,250, P4
over 1,250 thousand per µL; x activated outside the body; white cells A above, B at or
below the blood's; neutrophils alpha and beta likewise.

Two bands share an edge that the sources leave open. Ours: in DEPA it belongs to the
upper band (3 is B, 70 is B), as the source itself has it with 1 and 30, which "under"
leaves to C; in PAW to the lower one (750 is P2), as the source has it with the
blood's own count and, by "over", with 1,250.

A class needs counts of this product: what a kit promises is shown as assumed and never
classed. Classes are read from unrounded numbers.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

Values = Mapping[str, object]

MEASURED, KIT_DEFAULT, NOT_COUNTED = "measured", "kit_default", "not_counted"
ASSUMED = "assumed"
NOT_CHARACTERISED = "not characterised"
UNKNOWN_ORIGIN = f"{NOT_CHARACTERISED}: where the counts come from is not recorded"
UNKNOWN = "?"
RED_TO_THOUSANDS = 1000
DOSE_UNIT, SHARE_UNIT, COUNT_UNIT = "billion", "%", "thousand per µL"
DOSE, EFFICIENCY = "Dose, platelets delivered", "Efficiency, platelets recovered"
WORDS = {
    "prp_platelets": "platelets in the product",
    "whole_blood_platelets": "platelets in whole blood",
    "prp_volume_ml": "product volume",
    "injected_volume_ml": "volume injected",
    "blood_draw_ml": "blood drawn",
    "leukocytes": "white cells in the product",
    "whole_blood_leukocytes": "white cells in whole blood",
    "neutrophils": "neutrophils in the product",
    "whole_blood_neutrophils": "neutrophils in whole blood",
    "red_cells": "red cells in the product",
    "activation": "activation",
}
RECOVERY_WARNING = (
    "More platelets than the blood held: a counter's error, or a slip in a unit or "
    "volume. The number stands, the recovery gets no class."
)


@dataclass(frozen=True, slots=True)
class Class:
    """One part of a classification: its letter, or why it has none."""

    key: str
    title: str
    letter: str = ""
    number: Decimal | None = None
    unit: str = ""
    # How the number or letter came about.
    working: str = ""
    why_not: str = ""
    warning: str = ""

    @property
    def shown(self) -> str:
        return self.letter or self.why_not

    @property
    def number_words(self) -> str:
        """'94.97 %', to two places; empty where there is no number."""
        if self.number is None:
            return ""
        return f"{_plain(round(self.number, 2))} {self.unit}"

    @property
    def reason(self) -> str:
        """'Needs red cells in the product', without the words that stand for all."""
        _, _, reason = self.why_not.partition(": ")
        return reason[:1].upper() + reason[1:]

    @property
    def is_assumed(self) -> bool:
        return self.why_not == ASSUMED


@dataclass(frozen=True, slots=True)
class Classes:
    dose: Class
    efficiency: Class
    purity: Class
    activation: Class
    platelets: Class
    outside: Class
    white_cells: Class
    neutrophils: Class

    @property
    def depa(self) -> tuple[Class, ...]:
        return self.dose, self.efficiency, self.purity, self.activation

    @property
    def paw(self) -> tuple[Class, ...]:
        return self.platelets, self.outside, self.white_cells, self.neutrophils

    @property
    def depa_code(self) -> str:
        """'BCA' for dose, efficiency, purity; a ? for what has no letter."""
        letters = "".join(c.letter or UNKNOWN for c in self.depa[:3])
        return "" if letters == UNKNOWN * 3 else letters

    @property
    def paw_code(self) -> str:
        """'P3-x-Bβ'; a ? for what has no letter, nothing where all of it is."""
        if not self.platelets.letter and not self.white_cells.letter:
            return ""
        white = (self.white_cells.letter or UNKNOWN) + (
            self.neutrophils.letter or UNKNOWN
        )
        outside = UNKNOWN if self.outside.why_not else self.outside.letter
        parts = [self.platelets.letter or UNKNOWN, outside, white]
        return "-".join(part for part in parts if part)

    @property
    def warnings(self) -> list[str]:
        return [c.warning for c in (*self.depa, *self.paw) if c.warning]


def classify(values: Values) -> Classes:
    """Of the columns of PRPTreatment; whatever is missing is said, never guessed."""
    return Classes(
        dose=_class(values, "dose", DOSE, platelets_delivered(values), DOSE_UNIT),
        efficiency=_efficiency(values),
        purity=_class(values, "purity", "Purity", purity(values), SHARE_UNIT),
        activation=activation(values),
        platelets=_platelets(values),
        outside=_outside(values),
        white_cells=_against_blood(
            values, "white_cells", "White cells", "leukocytes", white_cell_letter
        ),
        neutrophils=_against_blood(
            values, "neutrophils", "Neutrophils", "neutrophils", neutrophil_letter
        ),
    )


# --- Numbers -------------------------------------------------------------------


def platelets_delivered(values: Values) -> Decimal | None:
    """Billions: 10^3/µL x mL = 10^6, and a thousand of these are a billion."""
    found = _numbers(values, NEEDS["dose"])
    return None if found is None else found[0] * found[1] / 1000


def recovery(values: Values) -> Decimal | None:
    """% of the platelets drawn that are in the product; None where none were drawn."""
    found = _numbers(values, NEEDS["efficiency"])
    if found is None:
        return None
    made, volume, blood, drawn = found
    return None if not blood * drawn else made * volume / (blood * drawn) * 100


def purity(values: Values) -> Decimal | None:
    """Platelets as % of all cells; red cells are counted in millions."""
    found = _numbers(values, NEEDS["purity"])
    if found is None:
        return None
    platelets, white, red = found
    cells = platelets + white + red * RED_TO_THOUSANDS
    return None if not cells else platelets / cells * 100


# --- Letters ---------------------------------------------------------------------


def dose_letter(billions: Decimal) -> str:
    """A over 5, B 3 to 5, C 1 to 3, D under 1 (DEPA2016); exactly 3 is B: ours."""
    if billions > 5:
        return "A"
    if billions >= 3:
        return "B"
    return "C" if billions >= 1 else "D"


def share_letter(percent: Decimal) -> str:
    """A over 90, B 70 to 90, C 30 to 70, D under 30 (DEPA2016); 70 is B: ours."""
    if percent > 90:
        return "A"
    if percent >= 70:
        return "B"
    return "C" if percent >= 30 else "D"


def platelet_letter(count: Decimal, blood: Decimal) -> str:
    """P1 at or below the blood's, P2 to 750, P3 to 1,250, P4 over it (PRPCLASS).

    Exactly 750 is P2: ours.
    """
    if count <= blood:
        return "P1"
    if count <= 750:
        return "P2"
    return "P3" if count <= 1250 else "P4"


def white_cell_letter(count: Decimal, blood: Decimal) -> str:
    """A above the blood's, B at or below it (PRPCLASS)."""
    return "A" if count > blood else "B"


def neutrophil_letter(count: Decimal, blood: Decimal) -> str:
    """Alpha above the blood's, beta at or below it (PRPCLASS)."""
    return "α" if count > blood else "β"


LETTERS = {"dose": dose_letter, "efficiency": share_letter, "purity": share_letter}
NEEDS = {
    "dose": ("prp_platelets", "injected_volume_ml"),
    "efficiency": (
        "prp_platelets",
        "prp_volume_ml",
        "whole_blood_platelets",
        "blood_draw_ml",
    ),
    "purity": ("prp_platelets", "leukocytes", "red_cells"),
}
BLOOD = {
    "prp_platelets": "whole_blood_platelets",
    "leukocytes": "whole_blood_leukocytes",
    "neutrophils": "whole_blood_neutrophils",
}


def _efficiency(values: Values) -> Class:
    percent = recovery(values)
    if percent is not None and percent > 100:
        return Class(
            "efficiency",
            EFFICIENCY,
            number=percent,
            unit=SHARE_UNIT,
            working=_working("efficiency", values),
            why_not=_not_counted(values) or "not classed",
            warning=RECOVERY_WARNING,
        )
    return _class(values, "efficiency", EFFICIENCY, percent, SHARE_UNIT)


def _class(
    values: Values, key: str, title: str, number: Decimal | None, unit: str
) -> Class:
    if number is None:
        return Class(key, title, why_not=_why_not(values, NEEDS[key]))
    why_not = _not_counted(values)
    return Class(
        key,
        title,
        letter="" if why_not else LETTERS[key](number),
        number=number,
        unit=unit,
        working=_working(key, values),
        why_not=why_not,
    )


def activation(values: Values) -> Class:
    """The agent is recorded, not counted: it holds whatever the counts are."""
    agent = values.get("activation")
    if not agent:
        return Class("activation", "Activation", why_not=_missing(["activation"]))
    return Class(
        "activation",
        "Activation",
        letter="no" if agent == "none" else "yes",
        working="" if agent == "none" else _plain(agent),
    )


def _outside(values: Values) -> Class:
    """An empty letter with no reason: it was not activated."""
    agent = values.get("activation")
    if not agent:
        return Class("outside", "Activated outside", why_not=_missing(["activation"]))
    if agent == "none":
        return Class("outside", "Activated outside", working="no")
    return Class("outside", "Activated outside", letter="x", working=_plain(agent))


def _platelets(values: Values) -> Class:
    return _against_blood(
        values, "platelets", "Platelets", "prp_platelets", platelet_letter
    )


def _against_blood(
    values: Values,
    key: str,
    title: str,
    column: str,
    letter: Callable[[Decimal, Decimal], str],
) -> Class:
    """A count of the product beside the same of the blood that it was made from."""
    names = (column, BLOOD[column])
    found = _numbers(values, names)
    if found is None or not found[1]:
        return Class(key, title, why_not=_why_not(values, names))
    why_not, (count, blood) = _not_counted(values), found
    return Class(
        key,
        title,
        letter="" if why_not else letter(count, blood),
        number=count,
        unit=COUNT_UNIT,
        working=f"blood {_plain(blood)}",
        why_not=why_not,
    )


# --- Words -------------------------------------------------------------------------


def _working(key: str, values: Values) -> str:
    given = [_plain(values[name]) for name in NEEDS[key]]
    if key == "dose":
        return f"{given[0]} {COUNT_UNIT} × {given[1]} mL injected"
    if key == "efficiency":
        return f"{given[0]} × {given[1]} mL of {given[2]} × {given[3]} mL drawn"
    return f"{given[0]} thousand platelets, {given[1]} white, {given[2]} million red"


def _not_counted(values: Values) -> str:
    """Why numbers that stand there are no counts of this product; '' if they are."""
    source = values.get("count_source")
    if source == MEASURED:
        return ""
    return ASSUMED if source == KIT_DEFAULT else UNKNOWN_ORIGIN


def _why_not(values: Values, names: Iterable[str]) -> str:
    if values.get("count_source") == NOT_COUNTED:
        return f"{NOT_CHARACTERISED}: not counted"
    missing = [name for name in names if _number(values.get(name)) is None]
    if missing:
        return _missing(missing)
    return f"{NOT_CHARACTERISED}: a count or volume of 0"


def _missing(names: list[str]) -> str:
    return f"{NOT_CHARACTERISED}: needs {', '.join(WORDS[name] for name in names)}"


def _numbers(values: Values, names: Iterable[str]) -> list[Decimal] | None:
    """All of them, or None where one is missing, not counted or below zero."""
    if values.get("count_source") == NOT_COUNTED:
        return None
    found = [_number(values.get(name)) for name in names]
    known = [number for number in found if number is not None]
    return known if len(known) == len(found) else None


def _number(value: object) -> Decimal | None:
    if value is None or value == "" or isinstance(value, bool):
        return None
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return None
    return number if number.is_finite() and number >= 0 else None


def _plain(value: object) -> str:
    number = _number(value)
    if number is None:
        return str(value).replace("_", " ")
    text = f"{number:,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
