"""The lumbar-origin checklist: adds points, and says which band they fall into. Pure.

Transparent and unvalidated. Two tallies are kept apart, each group is capped, and
nothing is ever a percentage, a winner, or excluded. The order of the steps is that of
"Evaluation, exact" in the fact base the rules were taken from.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from patients.catalogue import origin_rules
from patients.catalogue.origin_rules import OriginRule

# What must have been looked at before anything is compared, in words.
CORE = {
    "L01": "whether pain radiates below the knee",
    "L02": "leg and back pain scored 0 to 10",
    "L03": "numbness or tingling",
    "L10": "straight-leg raise",
    "L11": "slump test",
    "L20": "ankle jerks of both sides",
    "L21": "sensation at L4, L5 and S1",
    "weakness_pattern": "hip abduction and ankle inversion",
    "foot_exam": "foot and ankle examination",
}
CORE_NEEDED = 6
OTHER_NEEDED = 3
LUMBAR_THRESHOLD = 4
FEW = 1
INCOMPLETE = "1_incomplete"
GATE_ITEM, BOTH_NEGATIVE = "C01", "L13"
# Items that count only beside one of these, and one that gives way to these.
NEEDS = dict.fromkeys(("L32", "L33", "L34"), ("L30", "L31"))
GIVES_WAY = {"L23": ("L22", "N03")}


@dataclass(frozen=True, slots=True)
class Group:
    """given is what its items give together; points is what of it counts."""

    key: str
    name: str
    given: int
    cap: int
    items: tuple[str, ...]

    @property
    def points(self) -> int:
        return min(self.given, self.cap)

    @property
    def is_at_cap(self) -> bool:
        return self.points >= self.cap > 0

    @property
    def is_cut(self) -> bool:
        """Whether its items do not all count in full."""
        return self.given > self.cap


@dataclass(frozen=True, slots=True)
class Result:
    """lumbar is the sum over the lumbar groups; not_counted says why, by item."""

    band: str
    text: str
    lumbar: int
    lumbar_groups: tuple[Group, ...]
    other_groups: tuple[Group, ...]
    missing: tuple[str, ...]
    not_counted: Mapping[str, str]

    @property
    def is_gated(self) -> bool:
        return self.band == "0_gate"

    @property
    def groups(self) -> tuple[Group, ...]:
        return self.lumbar_groups + self.other_groups

    @property
    def unsaid(self) -> tuple[str, ...]:
        """What is missing, unless the text of the band names it already."""
        return () if self.band == INCOMPLETE else self.missing


def score(
    present: Collection[str],
    recorded: Collection[str],
    *,
    is_gated: bool,
    to_answer: Mapping[str, str] | None = None,
) -> Result:
    """The band of a set of items that are met.

    `recorded` are the core inputs that were looked at (keys of CORE), `to_answer` says
    what exactly is left of some of the others; `is_gated` that an urgent red flag is
    open.
    """
    not_counted = uncounted(present)
    counted = [
        rule
        for key, rule in origin_rules.rules().items()
        if key in present and key not in not_counted
    ]
    lumbar = _tally(counted, origin_rules.lumbar_groups())
    others = [g for g in origin_rules.caps() if g not in origin_rules.lumbar_groups()]
    other = _tally(counted, others)
    asked = {**CORE, **(to_answer or {})}
    missing = tuple(words for key, words in asked.items() if key not in recorded)
    total = sum(group.points for group in lumbar)
    is_shut = is_gated or GATE_ITEM in present
    band = "0_gate" if is_shut else _band(present, lumbar, other, len(missing))
    leading = [group.name for group in other if group.points >= OTHER_NEEDED]
    text = origin_rules.bands()[band].text.format(
        missing="; ".join(missing), groups=" and ".join(leading)
    )
    return Result(band, text, total, lumbar, other, missing, not_counted)


def uncounted(present: Collection[str]) -> dict[str, str]:
    """Items that are met and give no points, each with the reason."""
    reasons: dict[str, str] = {}
    for item, partners in NEEDS.items():
        if item in present and not any(partner in present for partner in partners):
            reasons[item] = "counts only with relief on sitting or bending forward"
    for item, stronger in GIVES_WAY.items():
        if item in present and any(each in present for each in stronger):
            reasons[item] = "the pattern of weakness counts instead"
    for key in present:
        rule = origin_rules.rules().get(key)
        if rule is not None and rule.points == 0:
            reasons.setdefault(key, "recorded without points")
    return reasons


def _tally(
    counted: Collection[OriginRule], groups: Collection[str]
) -> tuple[Group, ...]:
    tallies = []
    for key in groups:
        inside = [rule for rule in counted if rule.group == key]
        given = sum(rule.points for rule in inside)
        items = tuple(rule.key for rule in inside)
        name, cap = origin_rules.GROUPS[key], origin_rules.caps()[key]
        tallies.append(Group(key, name, given, cap, items))
    return tuple(tallies)


def _band(
    present: Collection[str],
    lumbar: Collection[Group],
    other: Collection[Group],
    missing: int,
) -> str:
    if len(CORE) - missing < CORE_NEEDED:
        return INCOMPLETE
    has_other = any(group.points >= OTHER_NEEDED for group in other)
    if _points_to_the_back(lumbar):
        return "3_mixed" if has_other else "2_consider_lumbar"
    if has_other:
        return "4_other_first"
    deficit = next(group for group in lumbar if group.key == "root_deficit")
    is_quiet = sum(group.points for group in lumbar) <= FEW and not deficit.items
    if is_quiet and BOTH_NEGATIVE in present and not missing:
        return "5_less_supported"
    return "6_open"


def _points_to_the_back(lumbar: Collection[Group]) -> bool:
    if sum(group.points for group in lumbar) < LUMBAR_THRESHOLD:
        return False
    positive = {group.key for group in lumbar if group.points > 0}
    examined = positive & set(origin_rules.EXAMINATION_GROUPS)
    full = {group.key for group in lumbar if group.is_at_cap}
    return (len(positive) >= 2 and bool(examined)) or bool(
        full & {"stenosis", "root_deficit"}
    )
