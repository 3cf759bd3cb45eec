"""The columns of the file of outcomes, in their order: what each holds. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from clinic.models import Language
from outcomes.dashboards.facts import profiles
from outcomes.models import OutcomeFact
from patients.models import Patient
from plans.models import Modality


class Kind(StrEnum):
    TEXT = "text"
    NUMBER = "number"
    WHOLE = "whole number"
    DATE = "date"
    FLAG = "flag"
    CHOICE = "choice"


_FLAGS = {"1": "yes", "0": "no"}


@dataclass(frozen=True, slots=True)
class Column:
    """`values` are those that can occur, with their words, where they are few."""

    name: str
    kind: Kind
    meaning: str
    source: str
    values: Mapping[str, str] | None = None
    unit: str = ""

    @property
    def told_values(self) -> Mapping[str, str]:
        return _FLAGS if self.kind == Kind.FLAG else self.values or {}


def _flag(name: str, meaning: str, source: str) -> Column:
    return Column(name, Kind.FLAG, meaning, source)


def _rule(name: str, meaning: str) -> Column:
    return _flag(
        name,
        f"{meaning} Empty where nothing was answered or the rule has no meaning.",
        "judged on exact numbers when the fact was counted",
    )


def _known(name: str, meaning: str, source: str, values: object) -> Column:
    pairs = {key: str(label) for key, label in values if key}  # type: ignore[attr-defined]
    return Column(name, Kind.CHOICE, meaning, source, pairs)


def _word(name: str, meaning: str, source: str) -> Column:
    return Column(name, Kind.TEXT, meaning, source)


_KEYED = "HMAC-SHA256 of its id with the key of this export, which is erased"
_SHIFTED = "true day, moved by the patient's offset: whole weeks, within half a year"

COURSE = (
    Column("row_id", Kind.TEXT, "One measure at one time point of a course.", _KEYED),
    Column("course", Kind.TEXT, "A course of treatment, from its day 0.", _KEYED),
    Column("person", Kind.TEXT, "Whose course; a person can have several.", _KEYED),
)
POINT = (
    Column("measure", Kind.TEXT, "What was measured; see measures.csv.", "measure"),
    Column("timepoint", Kind.TEXT, "The protocol's time point.", "follow-up"),
    Column(
        *("bin_day", Kind.WHOLE),
        "The canonical day that courses are compared on; the dashboards count rows "
        "that have one. Empty where another time point of the course lies closer.",
        "nearest of the time axis to `day`",
        unit="days",
    ),
    Column(
        *("day", Kind.WHOLE),
        "When the time point is due, from day 0. The baseline's value can be up to 30 "
        "days older than day 0.",
        "protocol",
        unit="days",
    ),
    Column(
        *("answered_day", Kind.WHOLE),
        "When the time point was answered, from day 0.",
        "response",
        unit="days",
    ),
    Column("answered_on", Kind.DATE, "The same as a shifted date.", _SHIFTED),
)
FACT = (
    Column(
        *("baseline", Kind.NUMBER),
        "The last value in the 30 days up to day 0.",
        "score",
        unit="points",
    ),
    Column(
        *("severity", Kind.CHOICE),
        "The baseline in thirds of the measure's scale; empty without one.",
        "baseline",
        {key: str(label) for key, label in OutcomeFact.Severity.choices if key},
    ),
    _flag("baseline_is_recalled", "Said from memory, after the procedure.", "response"),
    Column("value", Kind.NUMBER, "What was answered.", "score", unit="points"),
    Column(
        *("change", Kind.NUMBER),
        "Value less baseline; measures.csv says which way is better.",
        "value and baseline",
        unit="points",
    ),
    _flag(
        "is_eligible",
        "Due: a baseline, and answered or the window closed. Rates with the missing "
        "counted in have these below the line.",
        "follow-up",
    ),
    Column(
        *("apart", Kind.CHOICE),
        "Left before the time point was over, and is not missing.",
        "episode",
        {key: str(label) for key, label in OutcomeFact.Apart.choices if key},
    ),
    _flag("in_window", "Answered in the protocol's window.", "response"),
    _flag(
        "added_treatment",
        "Something else was begun before the answer or the day of asking.",
        "attribution",
    ),
    _rule("pct30", "Improved by 30 % of the baseline or more."),
    _rule("pct50", "Improved by 50 % of the baseline or more."),
    _rule("points2", "Improved by 2 points or more."),
    _rule("mic", "Improved by the measure's important change or more."),
    _rule("both", "Improved by 30 % and by 2 points."),
    _rule("worse", "Got worse by the important change, or a fifth of the scale."),
)
PROFILE = (
    Column("began_on", Kind.DATE, "Day 0 as a shifted date.", _SHIFTED),
    Column(
        *("year", Kind.WHOLE),
        "Of began_on as it is shifted: a true year would narrow the shift. Figures by "
        "year can therefore not be recomputed.",
        "began_on",
    ),
    _word("treatment", "What the course is called.", "plan"),
    _known("modality", "The kind of treatment.", "plan", Modality.choices),
    _word("protocol", "The protocol, whatever its version.", "plan"),
    _word(
        "diagnosis",
        "Category of the source's diagnosis (ICD-10-CM).",
        "newest standing",
    ),
    _word("source", "Where the pain is thought to come from.", "newest not refuted"),
    _word("provider", "Who treats, as a pseudonym.", _KEYED),
    _word("location", "Where, as a pseudonym.", _KEYED),
    _known("payer", "Class of payer.", "patient", Patient.PayerClass.choices),
    _word(
        "age", "In whole years on day 0; over 89 as one group, 90+.", "date of birth"
    ),
    Column(
        *("age_band", Kind.TEXT, "The age in bands.", "age"),
        {name: name for name in [n for _, n in profiles.AGE_BANDS][::-1]}
        | {profiles.UNKNOWN_AGE: "not known"},
    ),
    _known("sex", "As recorded.", "patient", Patient.Sex.choices),
    _known("language", "That is asked in.", "patient", Language.choices),
    _known("channel", "That is asked by.", "patient", Patient.Channel.choices),
)
COLUMNS = COURSE + POINT + FACT + PROFILE
NAMES = tuple(column.name for column in COLUMNS)
# Few people who share all of these could be recognised by them.
QUASI_IDENTIFIERS = ("age_band", "sex", "diagnosis", "treatment", "payer")
