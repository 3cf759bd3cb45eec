"""From recorded findings to the items of the lumbar-origin checklist. Pure.

Each item is met, not met, or unknown: what nobody recorded leaves it unknown, and
never counts as a "no". What an item means is the text of its row in
origin_rules.csv; where that leaves room, the choice is explained here.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations

from patients.catalogue import findings
from patients.catalogue.findings import ABSENT, PRESENT

Cell = tuple[str, str]
Recorded = Mapping[Cell, str]
SIDES = ("left", "right")
OTHER = {"left": "right", "right": "left"}
REDUCED_JERKS, NORMAL_JERKS = ("0", "1"), ("2", "3", "4")
BRISK_JERKS = ("3", "4")
JERKS = ("ankle_jerk", "knee_jerk")
LOW_ABI = 0.90
OLD_AGE = 70
FULL_STRENGTH = 5
# Foot drop by strength: the foot is not lifted against gravity and resistance.
DROP_GRADE = 3
# The roots of the foot; and what tells an L5 root from the fibular nerve.
FOOT_POINTS = ("sensation_l4", "sensation_l5", "sensation_s1")
ROOT_OR_NERVE = ("hip_abduction", "ankle_inversion")
SI_TESTS: tuple[Cell, ...] = (
    ("si_distraction", "none"),
    ("si_compression", "none"),
    ("si_sacral_thrust", "none"),
    ("si_gaenslen", "left"),
    ("si_gaenslen", "right"),
)
SI_NEEDED = 3


@dataclass(frozen=True, slots=True)
class Verdict:
    """is_met is None where too little was recorded; basis names what it rests on."""

    is_met: bool | None
    basis: tuple[Cell, ...] = ()


@dataclass(frozen=True, slots=True)
class Items:
    """Verdicts by rule id, for pain on one side."""

    side: str
    verdicts: Mapping[str, Verdict]
    has_foot_exam: bool

    @property
    def present(self) -> set[str]:
        return {rule for rule, found in self.verdicts.items() if found.is_met}

    @property
    def core_recorded(self) -> set[str]:
        """The core inputs that were recorded, whether met or not."""
        known = {r for r, found in self.verdicts.items() if found.is_met is not None}
        core = known & {"L01", "L02", "L03", "L10", "L11", "L20", "L21"}
        if known & {"L22", "N03"}:
            core.add("weakness_pattern")
        return core | ({"foot_exam"} if self.has_foot_exam else set())


@dataclass(frozen=True, slots=True)
class Picture:
    """What was recorded, seen from the painful side; age in completed years."""

    recorded: Recorded
    side: str
    age: int | None = None

    def value(self, code: str, side: str | None = None) -> str | None:
        sided = findings.definitions()[code].is_sided
        return self.recorded.get((code, side or self.side if sided else "none"))

    def is_present(self, code: str, side: str | None = None) -> bool | None:
        return {PRESENT: True, ABSENT: False}.get(self.value(code, side) or "")

    def number(self, code: str, side: str | None = None) -> float | None:
        value = self.value(code, side)
        return None if value is None else float(value)

    def on_any_side(self, code: str) -> bool | None:
        """Of a sided finding; unknown unless one side has it or both were asked."""
        return either(self.is_present(code, side) for side in SIDES)

    def cell(self, code: str, side: str | None = None) -> Cell:
        sided = findings.definitions()[code].is_sided
        return code, (side or self.side) if sided else "none"


Rule = Callable[[Picture], Verdict]


def items_of(recorded: Recorded, side: str, age: int | None) -> Items:
    """Every item of the checklist for pain on the left or the right side."""
    picture = Picture(recorded, side, age)
    return Items(
        side=side,
        verdicts={rule: judge(picture) for rule, judge in RULES.items()},
        has_foot_exam=picture.value("foot_reproduced") is not None,
    )


def either(parts: Iterable[bool | None]) -> bool | None:
    """True as soon as one is; False only where every one is known to be."""
    known = list(parts)
    if any(known):
        return True
    return None if None in known else False


def both(parts: Iterable[bool | None]) -> bool | None:
    """False as soon as one is; True only where every one is known to be."""
    known = list(parts)
    if any(part is False for part in known):
        return False
    return None if None in known else True


def _finding(code: str) -> Rule:
    """An item that is one finding on the painful side."""

    def judge(picture: Picture) -> Verdict:
        return Verdict(picture.is_present(code), (picture.cell(code),))

    return judge


def _when_walking(code: str, *, wanted: bool = True) -> Rule:
    """An item that applies to leg symptoms on walking or standing only."""

    def judge(picture: Picture) -> Verdict:
        walking, found = (
            picture.is_present("walking_symptoms"),
            picture.is_present(code),
        )
        has_it = None if found is None else found == wanted
        basis = (picture.cell("walking_symptoms"), picture.cell(code))
        return Verdict(both([walking, has_it]), basis)

    return judge


def _leg_worse_than_back(picture: Picture) -> Verdict:
    """Both places scored; without back pain there is nothing to compare."""
    site, back = picture.number("pain_site_now"), picture.number("pain_back_now")
    basis = (picture.cell("pain_site_now"), picture.cell("pain_back_now"))
    if site is None or back is None:
        return Verdict(None, basis)
    return Verdict(back > 0 and site > back, basis)


def _back_pain(picture: Picture) -> Verdict:
    back = picture.number("pain_back_now")
    hurts_now = None if back is None else back > 0
    said = picture.is_present("back_pain")
    basis = (picture.cell("back_pain"), picture.cell("pain_back_now"))
    # No pain this minute says nothing about the last three months.
    return Verdict(True if hurts_now else said, basis)


def _both_negative(picture: Picture) -> Verdict:
    tests = ("slr", "slump")
    negative = (_opposite(picture.is_present(code)) for code in tests)
    return Verdict(both(negative), tuple(picture.cell(code) for code in tests))


def _jerk_reduced_one_side(picture: Picture) -> Verdict:
    """Both sides of a jerk are compared; the ankle's decides that it was examined."""
    verdicts = {jerk: _reduced_here_only(picture, jerk) for jerk in JERKS}
    basis = tuple(picture.cell(j, side) for j in JERKS for side in SIDES)
    if any(verdicts.values()):
        return Verdict(True, basis)
    return Verdict(verdicts["ankle_jerk"], basis)


def _reduced_here_only(picture: Picture, jerk: str) -> bool | None:
    here, there = picture.value(jerk), picture.value(jerk, OTHER[picture.side])
    if here is None or there is None:
        return None
    return here in REDUCED_JERKS and there in NORMAL_JERKS


def _root_area(picture: Picture) -> Verdict:
    """A judgement of the examiner; normal points at the foot's roots say no."""
    said = picture.is_present("root_pattern")
    if said is None and all(picture.value(point) == "normal" for point in FOOT_POINTS):
        return Verdict(False, tuple(picture.cell(point) for point in FOOT_POINTS))
    return Verdict(said, (picture.cell("root_pattern"),))


def _root_not_nerve(picture: Picture) -> Verdict:
    """Two weak muscles of one root that no single nerve serves.

    Unknown until hip abduction and ankle inversion were both tested: the limit of the
    rule in origin_rules.csv.
    """
    if untested(picture, ROOT_OR_NERVE):
        return Verdict(None, tuple(picture.cell(code) for code in ROOT_OR_NERVE))
    pair = root_pair(picture)
    codes = tuple(muscle.key for muscle in pair) or ROOT_OR_NERVE
    return Verdict(bool(pair), tuple(picture.cell(code) for code in codes))


def root_pair(picture: Picture) -> tuple[findings.Definition, ...]:
    """The first two weak muscles that share a root and no nerve; empty if none do."""
    for one, other in combinations(_weak_muscles(picture), 2):
        if set(one.roots) & set(other.roots) and one.nerve != other.nerve:
            return one, other
    return ()


def untested(picture: Picture, codes: Iterable[str]) -> list[str]:
    """Those of the findings that nobody recorded on the painful side."""
    return [code for code in codes if picture.value(code) is None]


def _any_weakness(picture: Picture) -> Verdict:
    weak = _weak_muscles(picture)
    if weak:
        return Verdict(True, tuple(picture.cell(muscle.key) for muscle in weak))
    tested = [m for m in _muscles() if picture.value(m.key) is not None]
    return Verdict(
        False if tested else None, tuple(picture.cell(m.key) for m in tested)
    )


def _fibular_drop(picture: Picture) -> Verdict:
    strong = [
        None if grade is None else grade == FULL_STRENGTH
        for grade in map(picture.number, ROOT_OR_NERVE)
    ]
    lift = picture.number("ankle_dorsiflexion")
    drops = either(
        [
            picture.is_present("foot_drop"),
            None if lift is None else lift <= DROP_GRADE,
        ]
    )
    codes = ("foot_drop", "ankle_dorsiflexion", "ankle_inversion", "hip_abduction")
    return Verdict(both([drops, *strong]), tuple(picture.cell(code) for code in codes))


def _muscles() -> list[findings.Definition]:
    return [d for d in findings.definitions().values() if d.nerve]


def _weak_muscles(picture: Picture) -> list[findings.Definition]:
    grades = ((muscle, picture.number(muscle.key)) for muscle in _muscles())
    return [m for m, grade in grades if grade is not None and grade < FULL_STRENGTH]


def _old(picture: Picture) -> Verdict:
    return Verdict(None if picture.age is None else picture.age > OLD_AGE)


def _foot_exam_silent(picture: Picture) -> Verdict:
    reproduced = picture.is_present("foot_reproduced")
    return Verdict(_opposite(reproduced), (picture.cell("foot_reproduced"),))


def _si_provocation(picture: Picture) -> Verdict:
    """Six tests: thigh thrust once, Gaenslen on each side (Laslett 2005)."""
    tests = [picture.is_present(code, side) for code, side in SI_TESTS]
    tests.append(picture.on_any_side("si_thigh_thrust"))
    enough: bool | None = tests.count(True) >= SI_NEEDED
    if not enough and tests.count(True) + tests.count(None) >= SI_NEEDED:
        enough = None
    sided: list[Cell] = [
        (code, side) for code in ("si_thigh_thrust", "pelvis_pain") for side in SIDES
    ]
    basis = (*SI_TESTS, *sided)
    return Verdict(both([picture.on_any_side("pelvis_pain"), enough]), basis)


def _first_step_and_tender(picture: Picture) -> Verdict:
    codes = ("first_step_pain", "heel_tender")
    found = [picture.is_present(code) for code in codes]
    return Verdict(both(found), tuple(picture.cell(code) for code in codes))


def _stocking_with_risk(picture: Picture) -> Verdict:
    codes = ("stocking", "neuropathy_risk")
    found = [picture.is_present(code) for code in codes]
    return Verdict(both(found), tuple(picture.cell(code) for code in codes))


def _lost_in_both_feet(picture: Picture) -> Verdict:
    lost = {"vibration": "lost", "monofilament": "lost", "ankle_jerk": "0"}
    found = either(
        both(
            None if value is None else value == wanted
            for value in (picture.value(code, side) for side in SIDES)
        )
        for code, wanted in lost.items()
    )
    basis = tuple(picture.cell(code, side) for code in lost for side in SIDES)
    return Verdict(found, basis)


def _low_abi(picture: Picture) -> Verdict:
    abi = picture.number("abi")
    return Verdict(None if abi is None else abi <= LOW_ABI, (picture.cell("abi"),))


def _poor_pulses(picture: Picture) -> Verdict:
    pulses = ("pulse_dorsalis", "pulse_tibial")
    weak = [
        None if value is None else value in ("weak", "absent")
        for value in map(picture.value, pulses)
    ]
    basis = tuple(picture.cell(code) for code in (*pulses, "cold_foot"))
    return Verdict(either([*weak, picture.is_present("cold_foot")]), basis)


def _central(picture: Picture) -> Verdict:
    """On either side: a lumbar root can do none of it."""
    signs = central_signs(picture.recorded)
    if signs:
        return Verdict(True, signs)
    tested = [
        cell for cell in picture.recorded if cell[0] in ("plantar_response", "clonus")
    ]
    return Verdict(False if tested else None, tuple(tested))


def central_signs(recorded: Recorded) -> tuple[Cell, ...]:
    """Brisk reflexes, clonus, an up-going toe, spasticity: what opens RF07."""
    wanted = {
        **dict.fromkeys(_reflexes(), BRISK_JERKS),
        "plantar_response": ("up",),
        "clonus": (PRESENT,),
        "spasticity": (PRESENT,),
    }
    return tuple(
        cell for cell, value in recorded.items() if value in wanted.get(cell[0], ())
    )


def _reflexes() -> list[str]:
    """Of arm and leg alike: a brisk one is a sign of the cord in either."""
    return [d.key for d in findings.definitions().values() if d.block == "reflexes"]


def _opposite(value: bool | None) -> bool | None:
    return None if value is None else not value


RULES: dict[str, Rule] = {
    "L01": _finding("radiating_pain"),
    "L02": _leg_worse_than_back,
    "L03": _finding("numbness"),
    "L04": _back_pain,
    "L05": _finding("bending_sitting"),
    "L06": _finding("cough_worse"),
    "L10": _finding("slr"),
    "L11": _finding("slump"),
    "L12": _finding("crossed_slr"),
    "L13": _both_negative,
    "L14": _finding("femoral_stretch"),
    "L20": _jerk_reduced_one_side,
    "L21": _root_area,
    "L22": _root_not_nerve,
    "L23": _any_weakness,
    "L30": _when_walking("seated_relief"),
    "L31": _when_walking("forward_relief"),
    "L32": _finding("both_legs"),
    "L33": _old,
    "L34": _finding("wide_gait"),
    "L35": _when_walking("standing_trigger", wanted=False),
    "L40": _finding("back_loading"),
    "L41": _foot_exam_silent,
    "S01": _si_provocation,
    "F01": _first_step_and_tender,
    "F02": _finding("windlass"),
    "F03": _finding("focal_tender"),
    "F04": _finding("web_squeeze"),
    "N01": _finding("tinel_ankle"),
    "N02": _finding("up_and_out"),
    "N03": _fibular_drop,
    "P01": _stocking_with_risk,
    "P02": _lost_in_both_feet,
    "V01": _low_abi,
    "V02": _finding("calf_claudication"),
    "V03": _poor_pulses,
    "C01": _central,
}
