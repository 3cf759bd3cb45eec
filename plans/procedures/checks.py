"""What cannot be true of a procedure, and what is odd enough to be looked at again.

Pure: values come by column, as the models keep them. An error is refused; an oddity is
refused until somebody says that they have looked.
"""

from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import ROUND_UP, Decimal, InvalidOperation
from typing import Protocol

from clinic import clock
from plans.harm import labels
from plans.procedures import catalogue
from plans.procedures.catalogue_field import CHOSEN, Field
from plans.procedures.conditions import EMPTY
from plans.procedures.prp import classes

Values = Mapping[str, object]
Said = Iterator[tuple[str, str]]
NONE = "none"
OPPOSITE = {"left": "right", "right": "left"}
NUMBERS = ("integer", "decimal")
# Two clocks in one room differ by so much.
CLOCK_MINUTES = 5
TIMES = ("drawn_at", "performed_at")
# The ways by which each kind of image-guided injection is done.
ROUTES: dict[str, tuple[str, ...]] = {
    "epidural_injection": ("interlaminar", "transforaminal", "caudal"),
    "nerve_root_injection": ("transforaminal", "selective_nerve_root"),
    "si_joint_injection": ("si_joint_intra_articular", "si_lateral_branch"),
    "facet_or_medial_branch_injection": ("facet_joint", "medial_branch"),
    "joint_injection": ("peripheral_joint", "bursa"),
    "tendon_or_fascia_injection": ("tendon_sheath", "bursa"),
}


class Label(Protocol):
    """What checks read of a lot, stored or only typed."""

    @property
    def name(self) -> str: ...
    @property
    def lot(self) -> str: ...
    @property
    def expires_on(self) -> date | None: ...


@dataclass(frozen=True, slots=True)
class Oddity:
    field: str
    words: str


def check(modality: str, values: Values) -> dict[str, str]:
    """What is wrong by column; empty where everything can be as it is said."""
    return check_fields(tuple(catalogue.by_column(modality).values()), values, modality)


def check_measured(values: Values) -> dict[str, str]:
    """The same for one measurement of a lifestyle change."""
    return check_fields(catalogue.measured(), values, "lifestyle")


def check_fields(
    fields: Sequence[Field], values: Values, modality: str
) -> dict[str, str]:
    known = {field.column: field for field in fields}
    env = {**values, "modality": modality}
    wrong: dict[str, str] = {}
    for name, value in values.items():
        if value in EMPTY or name not in known:
            continue
        said = wrong_value(known[name], value) or unasked(known, name, env)
        if said:
            wrong[name] = said
    # One slip at a time: a wrong number would set off every rule that reads it.
    for rule in () if wrong else RULES:
        for name, said in rule(values):
            if name in known:
                wrong.setdefault(name, said)
    return wrong


def still_to_come(
    values: Values, performed_on: date | None, now: datetime
) -> dict[str, str]:
    """Times of that day which have not come; `now` is told in the patient's zone."""
    wrong: dict[str, str] = {}
    latest = now.astimezone(UTC) + timedelta(minutes=CLOCK_MINUTES)
    for name in TIMES:
        said = values.get(name)
        if performed_on is None or not isinstance(said, time):
            continue
        # In UTC: where the clock is put back, an hour comes twice.
        if datetime.combine(performed_on, said, now.tzinfo).astimezone(UTC) > latest:
            wrong[name] = (
                f"{said:%H:%M} on {clock.in_words(performed_on)} is still to come; "
                f"for the patient it is {now:%H:%M}."
            )
    return wrong


def oddities(
    values: Values,
    *,
    complaint_side: str = "",
    lots: Iterable[Label] = (),
    performed_on: date | None = None,
    kit_counts: Mapping[str, Container[Decimal]] | None = None,
) -> list[Oddity]:
    """What is rarely so: to be confirmed before it is stored."""
    found = [said for rule in ODD for said in rule(values)]
    found += _other_side(values, complaint_side)
    found += _expired(lots, performed_on)
    found += _of_a_kit(values, kit_counts or {})
    return [Oddity(*said) for said in found]


def wrong_value(field: Field, value: object) -> str:
    """Out of bounds or no choice of this field, in words; empty where it is fine."""
    if field.type in CHOSEN:
        return _wrong_choice(field, value)
    if field.type in NUMBERS and not _is_within(field, value):
        return f"Give {field.bounds_in_words()}, not {catalogue.plain(value)}."
    if field.type == "decimals":
        return _wrong_numbers(field, value, "Give each number")
    if field.type == "amounts" and isinstance(value, list):
        if not all(str(each.get("target", "")).strip() for each in value):
            return "Name the target of each amount, such as “left knee: 4”."
        return _wrong_numbers(field, [each.get("ml") for each in value], "Give each")
    return ""


def unasked(known: Mapping[str, Field], name: str, env: Values) -> str:
    """Why a field has no place beside what else was said, in words."""
    field = known[name]
    if field.is_asked(env) or env.get(name) in (NONE, [NONE]):
        return ""
    term = next(t for t in field.asked_if.terms if not t.holds(env))
    other = known.get(term.name)
    if other is None:
        return "This is not recorded for such a treatment; leave it empty."
    if term.operator == "in":
        words = " or ".join(other.choices.get(key, key) for key in term.operands)
        where = f"“{other.label}” is {words}"
    elif term.operator == "over":
        where = f"“{other.label}” is over {term.operands[0]}"
    else:
        where = f"“{other.label}” is given"
    return f"This is recorded only where {where}; leave it empty or correct that."


def _wrong_choice(field: Field, value: object) -> str:
    held = value if isinstance(value, list | tuple) else [value]
    for one in held:
        if one not in field.choices:
            listed = ", ".join(field.choices)
            return f"{one!r} is not one of {listed}."
    if NONE in held and len(held) > 1:
        return "Choose “none” or what there was, not both."
    return ""


def _wrong_numbers(field: Field, value: object, give: str) -> str:
    numbers = value if isinstance(value, list | tuple) else [value]
    if all(_is_within(field, number) for number in numbers):
        return ""
    return f"{give} from {field.bounds_in_words()}."


def _is_within(field: Field, value: object) -> bool:
    number = number_of(value)
    if number is None or not number.is_finite():
        return False
    is_low = field.low is not None and number < field.low
    return not is_low and not (field.high is not None and number > field.high)


def number_of(value: object) -> Decimal | None:
    if value is None or isinstance(value, bool):
        return None
    try:
        return Decimal(str(value))
    except InvalidOperation:
        return None


def _numbers(values: Values, *names: str) -> list[Decimal] | None:
    """All of them, or None where one is missing."""
    found = [number_of(values.get(name)) for name in names]
    return None if None in found else [n for n in found if n is not None]


def _more_than(values: Values, part: str, whole: str, words: str) -> Said:
    found = _numbers(values, part, whole)
    if found and found[0] > found[1]:
        yield part, words.format(*map(catalogue.plain, found))


def _volumes(values: Values) -> Said:
    yield from _more_than(
        values,
        "prp_volume_ml",
        "blood_draw_ml",
        "{0} mL cannot come from {1} mL of blood.",
    )
    yield from _more_than(
        values,
        "injected_volume_ml",
        "prp_volume_ml",
        "{0} mL were injected, but only {1} mL made. Count the product alone, "
        "without what was added to it.",
    )
    given, made = _given(values), number_of(values.get("concentrate_ml"))
    if made is not None and given > made:
        yield (
            "injected_ml_by_target",
            f"{catalogue.plain(given)} mL were injected, but only "
            f"{catalogue.plain(made)} mL made. Count the concentrate alone; what was "
            "mixed in is named under “Combined with”.",
        )
    yield from _more_than(
        values,
        "concentrate_ml",
        "aspirate_total_ml",
        "{0} mL cannot come from {1} mL of marrow.",
    )


def _given(values: Values) -> Decimal:
    return total_of(values.get("injected_ml_by_target"))


def _cells(values: Values) -> Said:
    words = "Neutrophils are white cells: {0} cannot be of {1}."
    yield from _more_than(values, "neutrophils", "leukocytes", words)
    yield from _more_than(
        values, "whole_blood_neutrophils", "whole_blood_leukocytes", words
    )


def _draw_before_injection(values: Values) -> Said:
    drawn, injected = values.get("drawn_at"), values.get("performed_at")
    if isinstance(drawn, time) and isinstance(injected, time) and injected < drawn:
        yield (
            "performed_at",
            f"At {injected:%H:%M} the blood was not drawn yet ({drawn:%H:%M}).",
        )


def _minutes_to_injection(values: Values) -> Said:
    """Both times say it already; a few minutes are a matter of the clock."""
    drawn, injected = values.get("drawn_at"), values.get("performed_at")
    said = number_of(values.get("minutes_to_injection"))
    if said is None or not (isinstance(drawn, time) and isinstance(injected, time)):
        return
    minutes = injected.hour * 60 + injected.minute - drawn.hour * 60 - drawn.minute
    if abs(said - minutes) > CLOCK_MINUTES:
        yield (
            "minutes_to_injection",
            f"From {drawn:%H:%M} to {injected:%H:%M} are {minutes} minutes.",
        )


def _spins(values: Values) -> Said:
    spins = number_of(values.get("spins"))
    for name in ("spin_g", "spin_minutes"):
        given = values.get(name)
        if spins is None or not isinstance(given, list) or not given:
            continue
        if len(given) != spins:
            yield name, f"Give {spins} numbers, one for each spin."


def _draws(values: Values) -> Said:
    draws = total_of(values.get("aspirations"))
    total = number_of(values.get("aspirate_total_ml"))
    if draws and total and draws > total:
        yield (
            "aspirate_total_ml",
            f"The draws add up to {catalogue.plain(draws)} mL, more than this.",
        )


def _odd_draws(values: Values) -> Said:
    """More than a rounding less than all that was drawn: one may be missing."""
    draws = total_of(values.get("aspirations"))
    total = number_of(values.get("aspirate_total_ml"))
    if draws and total and total - draws > total / 10:
        yield (
            "aspirations",
            f"The draws add up to {catalogue.plain(draws)} mL of "
            f"{catalogue.plain(total)} mL in all: is one missing?",
        )


def _odd_route(values: Values) -> Said:
    kind, route = str(values.get("kind") or ""), values.get("route")
    fitting = ROUTES.get(kind)
    if route and fitting and route not in fitting:
        known = catalogue.by_column("image_guided_injection")
        said = known["kind"].choices[kind]
        way = known["route"].choices.get(str(route), str(route))
        yield "route", f"What was done is {said}, the approach {way}."


def total_of(value: object) -> Decimal:
    """The sum of a list of numbers, or of amounts by target."""
    if not isinstance(value, list):
        return Decimal(0)
    numbers = [number_of(e.get("ml") if isinstance(e, dict) else e) for e in value]
    return sum((n for n in numbers if n is not None), Decimal(0))


def _odd_recovery(values: Values) -> Said:
    recovery = classes.recovery(values)
    if recovery is not None and recovery > 100:
        yield (
            "prp_platelets",
            f"{_up(recovery)} % of the platelets drawn are in the product: "
            "a counter's error, or a slip in a unit or volume?",
        )


def _of_a_kit(values: Values, kit_counts: Mapping[str, Container[Decimal]]) -> Said:
    """A kit's number that stays behind when the counts are said to be measured."""
    if values.get("count_source") != classes.MEASURED:
        return
    known = catalogue.by_column("prp")
    for name, numbers in kit_counts.items():
        count = number_of(values.get(name))
        if count is not None and count in numbers:
            yield (
                name,
                f"{known[name].label}: {catalogue.plain(count)} is what was assumed "
                "from a kit. Was it counted in this product?",
            )


def _up(percent: Decimal) -> Decimal:
    """What is over 100 never reads 100."""
    return percent.quantize(Decimal("0.1"), rounding=ROUND_UP)


def _odd_sessions(values: Values) -> Said:
    prescribed = number_of(values.get("sessions_prescribed"))
    attended = number_of(values.get("sessions_attended")) or Decimal(0)
    missed = number_of(values.get("sessions_missed")) or Decimal(0)
    if prescribed is not None and attended + missed > prescribed:
        yield (
            "sessions_attended",
            f"{attended} attended and {missed} missed are more than the "
            f"{prescribed} prescribed.",
        )


def odd_weight(kilograms: Decimal, on: date, other: Decimal, other_on: date) -> str:
    """What is odd about a weight beside the one nearest to it, in words; our own rule:
    more than a tenth apart, and a hundredth more for each week between them.
    """
    days = abs((on - other_on).days)
    apart = abs(kilograms - other) / other * 100
    if apart <= 10 + Decimal(days) / 7:
        return ""
    return (
        f"{catalogue.plain(kilograms)} kg beside {catalogue.plain(other)} kg on "
        f"{clock.in_words(other_on)}: {apart:.0f} % apart in {days} days. "
        "Tick this if it is so, or correct it."
    )


def _other_side(values: Values, complaint_side: str) -> Said:
    side = str(values.get("side") or "")
    if complaint_side in OPPOSITE and side == OPPOSITE[complaint_side]:
        yield "side", f"The complaint is on the {complaint_side}, this is the {side}."


def _expired(lots: Iterable[Label], performed_on: date | None) -> Said:
    for each in lots:
        if each.expires_on and labels.was_expired(each.expires_on, performed_on):
            named = f"Lot {each.lot}" if each.lot else each.name
            yield "lots", f"{named} had expired on {clock.in_words(each.expires_on)}."


RULES: tuple[Callable[[Values], Said], ...] = (
    _volumes,
    _cells,
    _draw_before_injection,
    _minutes_to_injection,
    _spins,
    _draws,
)
ODD: tuple[Callable[[Values], Said], ...] = (
    _odd_recovery,
    _odd_sessions,
    _odd_draws,
    _odd_route,
)
