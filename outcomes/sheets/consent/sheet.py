"""What a patient is told before a procedure: how it went for others like them here."""

import functools
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from clinic import clock
from clinic.models import User
from outcomes.dashboards.charts.parts import Part
from outcomes.own_page import treatments
from outcomes.sheets.consent import counting, natural, people, similar
from outcomes.sheets.consent.natural import Fact
from outcomes.sheets.consent.people import Mark, People
from outcomes.sheets.consent.similar import Group, Likeness
from outcomes.survey import texts
from plans.models import Intervention

DATA = Path(__file__).parent / "data" / "words.toml"
# Says a phrase in the sheet's language.
Say = Callable[..., str]
# From so many answers on the interval is no more than a margin.
MANY = 100


@dataclass(frozen=True, slots=True)
class Legend:
    mark: Mark
    text: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """In one language; whole numbers of a hundred people instead of percents."""

    language: str
    title: str
    clinic: str
    for_whom: str
    about: str
    heading: str
    likeness: Likeness
    group: str
    main: str
    people: People
    legend: Sequence[Legend]
    marks: str
    range: str
    missing: str
    natural_heading: str
    natural: Sequence[str]
    promise: str
    phone: str
    sources: str
    printed: str


@dataclass(frozen=True, slots=True)
class Found:
    """The groups that were looked at, and the one that has enough, if any."""

    groups: Sequence[Group]
    chosen: Group | None

    @property
    def most_answered(self) -> int:
        return max((group.answered for group in self.groups), default=0)


@functools.cache
def words() -> Mapping[str, tuple[str, ...]]:
    return texts.read(DATA)


def look(user: User, intervention: Intervention) -> Found:
    """Four queries, whatever is found; the patient's own courses do not count."""
    kind = counting.kind_of(user, intervention)
    own = intervention.plan.complaint.patient.kept.record_ids
    groups = similar.groups(kind, counting.outcomes(user, kind, but=own))
    return Found(groups, similar.chosen(groups))


def of(intervention: Intervention, group: Group, language: str) -> Sheet:
    """The intervention must have come with plan, complaint, patient and clinic."""

    def say(key: str, **values: object) -> str:
        return words()[key][texts.LANGUAGES.index(language)].format(**values)

    complaint = intervention.plan.complaint
    patient = complaint.patient.kept
    clinic = patient.clinic
    drawn = people.people(group.counts)
    told = natural.of(complaint.pain_site, intervention.modality)
    day = texts.day(clock.today(clinic.zone), language)
    return Sheet(
        language=language,
        title=say("title"),
        clinic=clinic.name,
        for_whom=say("for_whom", name=patient),
        about=say(
            "about",
            treatment=treatments.name_of(intervention.modality, language),
            site=complaint.site_phrase(language),
        ),
        heading=say("heading"),
        likeness=group.likeness,
        group=f"{say(f'like_{group.likeness}')} {say('asked')}",
        main=say("main", answered=group.answered, improved=group.improved),
        people=drawn,
        legend=[
            Legend(people.key_mark(part), say(f"part_{part}", n=n))
            for part in people.ORDER
            if (n := group.counts[part]) or part != Part.UNANSWERED
        ],
        marks=f"{_each(drawn, group, say)} {say('much')}",
        range=_range(group, say),
        missing=_missing(group, say),
        natural_heading=say("natural_heading"),
        natural=[say("natural_why"), *(fact.said(language) for fact in told)],
        promise=say("not_a_promise"),
        phone=say("phone", phone=clinic.phone) if clinic.phone else "",
        sources=say("sources", sources=_sources(told)),
        printed=say("printed", clinic=clinic.name, day=day),
    )


def _each(drawn: People, group: Group, say: Say) -> str:
    if drawn.each == 1:
        return say("each_one")
    return say("each_of", asked=group.asked, each=drawn.each)


def _range(group: Group, say: Say) -> str:
    """The 95 % interval (Wilson) as people of a hundred."""
    interval = group.responders.ci
    if interval is None:
        return ""
    low, high = (of_hundred(bound) for bound in interval)
    key = "range_many" if group.answered >= MANY else "range"
    return say(key, low=low, high=high)


def _missing(group: Group, say: Say) -> str:
    """What those who did not answer could make of it, both ways."""
    missing, counted = group.counts[Part.UNANSWERED], group.responders
    if not missing:
        return say("missing_none")
    return say(
        "missing_one" if missing == 1 else "missing",
        missing=missing,
        low=of_hundred(counted.if_missing_failed or 0),
        high=of_hundred(counted.if_missing_succeeded or 0),
    )


def of_hundred(share: float) -> int:
    return round(100 * share)


def _sources(told: Iterable[Fact]) -> str:
    return "; ".join(source for fact in told for source in fact.sources)
