"""Which screens a patient goes through, from what they came with and what they said.

Pure. What concerns the person is asked once and kept for every pain that asks it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from outcomes.intake import screens
from outcomes.intake.screens import Kind, Person, Screen
from patients.catalogue import findings, red_flags
from patients.catalogue.findings import Definition

# A form's fields as they were sent.
Raw = Mapping[str, Sequence[str]]
# The same by intake and step.
Given = Mapping[UUID, Mapping[str, Raw]]
NONE_OF_THESE = "none"


@dataclass(frozen=True, slots=True)
class Asked:
    """One intake: the pain it is about."""

    intake_id: UUID
    site: str
    side: str


@dataclass(frozen=True, slots=True)
class Target:
    """Where an answer is kept: not every pain asks all of a screen."""

    intake_id: UUID
    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """site and side are empty where it is about the person; since is a baseline's."""

    key: str
    kind: Kind
    screen: Screen
    asks: tuple[Definition, ...]
    targets: tuple[Target, ...]
    site: str = ""
    side: str = ""
    since: date | None = None

    @property
    def definition(self) -> Definition:
        return self.asks[0]

    @property
    def sites(self) -> tuple[str, ...]:
        return (self.site,) if self.site else ()

    def earlier(self, given: Given) -> Raw:
        """What was chosen here before; empty where nothing was."""
        for target in self.targets:
            if raw := given.get(target.intake_id, {}).get(self.key):
                return raw
        return {}

    def is_answered(self, given: Given) -> bool:
        """In every intake that asks it: one may have come later."""
        return all(
            self.is_complete(given.get(target.intake_id, {}).get(self.key))
            for target in self.targets
        )

    def is_complete(self, raw: Raw | None) -> bool:
        """Boxes of red flags are done once "none of the others" is said."""
        if raw is None:
            return False
        chosen = set(raw.get("answer", ()))
        if self.kind != Kind.FLAGS or NONE_OF_THESE in chosen:
            return True
        return chosen >= {definition.key for definition in self.asks}


def compose(
    asked: Sequence[Asked],
    person: Person,
    baselines: Mapping[str, date],
    given: Given,
) -> list[Step]:
    return [
        step
        for screen in screens.content().screens
        for place, group in _groups(screen, asked)
        for step in _steps(screen, place, group, person, baselines, given)
    ]


def first_unanswered(steps: Sequence[Step], given: Given) -> int | None:
    """Its number, counted from 1."""
    for number, step in enumerate(steps, 1):
        if not step.is_answered(given):
            return number
    return None


def _groups(
    screen: Screen, asked: Sequence[Asked]
) -> Iterator[tuple[tuple[str, str], list[Asked]]]:
    """Those that one question is for, and where it hurts if that is asked about."""
    if screen.about == "patient":
        yield ("", ""), list(asked)
        return
    for place in dict.fromkeys((one.site, one.side) for one in asked):
        yield place, [one for one in asked if (one.site, one.side) == place]


def _steps(
    screen: Screen,
    place: tuple[str, str],
    group: Sequence[Asked],
    person: Person,
    baselines: Mapping[str, date],
    given: Given,
) -> Iterator[Step]:
    targets = [
        Target(one.intake_id, codes)
        for one in group
        if (codes := _codes(screen, one.site, person))
    ]
    wanted = {code for target in targets for code in target.codes}
    asks = tuple(found for found in screen.asks if found.key in wanted)
    if not asks:
        return
    if screen.kind != Kind.FLAGS:
        key = ".".join(filter(None, (screen.key, *place)))
        yield Step(key, screen.kind, screen, asks, tuple(targets), *place)
        return
    yield from _flag_steps(screen, asks, targets, baselines, given)


def _codes(screen: Screen, site: str, person: Person) -> tuple[str, ...]:
    if site in screen.not_at:
        return ()
    content = screens.content()
    fitting = {found.key for found in findings.of_site(site)}
    return tuple(
        found.key
        for found in screen.asks
        if found.key in fitting and content.is_asked(found.key, person, site)
    )


def _flag_steps(
    screen: Screen,
    asks: Sequence[Definition],
    targets: Sequence[Target],
    baselines: Mapping[str, date],
    given: Given,
) -> Iterator[Step]:
    """What a clinician dated by itself, the rest as boxes, then what they bring up."""
    dated = [found for found in asks if found.key in baselines]
    for found in dated:
        yield _single(
            f"known.{found.key}",
            Kind.KNOWN,
            screen,
            found,
            targets,
            found.key,
            since=baselines[found.key],
        )
    rest = tuple(found for found in asks if found.key not in baselines)
    if rest:
        codes = {found.key for found in rest}
        narrowed = (
            Target(t.intake_id, tuple(c for c in t.codes if c in codes))
            for t in targets
        )
        kept = tuple(target for target in narrowed if target.codes)
        yield Step(screen.key, Kind.FLAGS, screen, rest, kept)
    for found in asks:
        if _is_present(found.key, screen, given):
            for detail in red_flags.details_of(found.key):
                yield _single(
                    f"detail.{detail.key}",
                    Kind.DETAIL,
                    screen,
                    findings.definitions()[detail.key],
                    targets,
                    found.key,
                )


def _single(
    key: str,
    kind: Kind,
    screen: Screen,
    asked: Definition,
    targets: Sequence[Target],
    flag: str,
    *,
    since: date | None = None,
) -> Step:
    """One question of its own, for the intakes that ask the flag it belongs to."""
    kept = [Target(t.intake_id, (asked.key,)) for t in targets if flag in t.codes]
    return Step(key, kind, screen, (asked,), tuple(kept), since=since)


def _is_present(flag: str, screen: Screen, given: Given) -> bool:
    for answers in given.values():
        boxes, known = answers.get(screen.key, {}), answers.get(f"known.{flag}", {})
        if flag in boxes.get("answer", ()):
            return True
        if findings.PRESENT in known.get("answer", ()):
            return True
    return False
