"""One patient on one page, for whoever sees them next: what the page and the PDF say.

How many charts, treatments and questions fit is decided here, so that both show the
same; what is left out is counted.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from clinic import clock
from outcomes.alerts import why
from outcomes.dashboards import charts
from outcomes.dashboards.one_patient import course
from outcomes.sheets import done, last_scores, open_ends
from outcomes.sheets.done import Done
from outcomes.sheets.last_scores import LastScore
from outcomes.sheets.open_ends import Question, Step
from outcomes.sheets.person import Person, Treated
from patients.models import Complaint, Diagnosis, SourceHypothesis

# Panels, treatments and lines of scores on the page, shared among the complaints.
PANELS, TREATMENTS, SCORES = 4, 8, 6
COMPLAINTS, QUESTIONS, STEPS = 3, 8, 4


@dataclass(frozen=True, slots=True)
class Raised:
    """A flag or an alert that stands."""

    urgency: str
    reason: str
    answered: str
    state: str
    tone: str


@dataclass(frozen=True, slots=True)
class Part:
    """One complaint."""

    title: str
    since: str
    source: str
    certainty: str
    stated: str
    diagnoses: Sequence[str]
    done: Sequence[Done]
    earlier: int
    scores: Sequence[LastScore]
    more_scores: int
    headline: str
    # None where nothing was answered, or no treatment is counted from.
    chart: charts.CourseChart | None
    day_0: str


@dataclass(frozen=True, slots=True)
class Summary:
    clinic: str
    name: str
    mrn: str
    about: str
    born: str
    printed_on: str
    parts: Sequence[Part]
    others: Sequence[str]
    raised: Sequence[Raised]
    harms: Sequence[str]
    questions: Sequence[Question]
    more_questions: int
    steps: Sequence[Step] = field(default_factory=list)


def of(person: Person) -> Summary:
    patient = person.patient
    shown = person.treated[:COMPLAINTS]
    questions = open_ends.questions(person)
    language = "Spanish" if patient.language == "es" else ""
    about = [patient.age_in_words, patient.sex_in_words, language]
    return Summary(
        clinic=patient.clinic.name,
        name=str(patient),
        mrn=patient.mrn,
        about=", ".join(filter(None, about)),
        born=clock.in_words(patient.birth_date) if patient.birth_date else "",
        printed_on=clock.in_words(clock.today(patient.clinic.zone)),
        parts=[_part(one, len(shown)) for one in shown],
        others=[str(one.complaint) for one in person.treated[COMPLAINTS:]],
        raised=_raised(person),
        harms=[
            f"{each.category_words}, since {clock.in_words(each.onset_on)}"
            for each in person.harms
        ],
        questions=questions[:QUESTIONS],
        more_questions=max(len(questions) - QUESTIONS, 0),
        steps=open_ends.steps(person, STEPS),
    )


def _part(one: Treated, among: int) -> Part:
    complaint = one.complaint
    scores = last_scores.of(complaint, one.episode, one.scores)
    shown = max(SCORES // among, 2)
    treatments, earlier = done.newest(one, max(TREATMENTS // among, 2))
    drawn = drawn_course(one, max(PANELS // among, 1))
    source = complaint.current_source
    return Part(
        title=str(complaint),
        since=_since(complaint),
        source=source_words(source),
        certainty=source.certainty if source else "",
        stated=_stated(source),
        diagnoses=[diagnosis_words(d) for d in complaint.diagnoses.all() if _counts(d)],
        done=treatments,
        earlier=earlier,
        scores=scores[:shown],
        more_scores=max(len(scores) - shown, 0),
        headline=headline_words(scores),
        chart=drawn.chart if drawn else None,
        day_0=_day_0(one),
    )


def drawn_course(one: Treated, panels: int) -> course.Course | None:
    """The chart of the patient's page, of the first measures alone."""
    if one.episode is None or not one.scores:
        return None
    measures = list(last_scores.by_measure(one.scores))[:panels]
    return course.course_of(
        one.complaint,
        one.episode,
        [score for score in one.scores if score.measure in measures],
        one.performed,
        one.goals,
        one.elsewhere,
    )


def headline_words(scores: Sequence[LastScore]) -> str:
    """The leading measure in one sentence."""
    if not scores:
        return ""
    one = scores[0]
    change = f": {one.change}" if one.change else ""
    return f"{one.title} {one.moved}{change}. Last answered {one.answered}."


def _since(complaint: Complaint) -> str:
    if complaint.closed_on:
        return f"closed {clock.in_words(complaint.closed_on)}"
    if complaint.onset_on:
        return f"since {clock.in_words(complaint.onset_on)}"
    return f"opened {clock.in_words(complaint.opened_on)}"


def source_words(source: SourceHypothesis | None) -> str:
    """Where it comes from, with the side where it has one; empty where not named."""
    if source is None:
        return ""
    return source.label if source.side == "none" else f"{source.label}, {source.side}"


def _stated(source: SourceHypothesis | None) -> str:
    if source is None:
        return ""
    by = f", {source.stated_by}" if source.stated_by else ""
    return f"{clock.in_words(source.stated_on)}{by}"


def diagnosis_words(diagnosis: Diagnosis) -> str:
    return f"{diagnosis.code} {diagnosis.named} ({diagnosis.certainty})"


def _counts(diagnosis: Diagnosis) -> bool:
    is_incidental = diagnosis.role == Diagnosis.Role.INCIDENTAL
    return diagnosis.is_standing and not is_incidental


def _day_0(one: Treated) -> str:
    episode = one.episode
    if episode is None:
        return ""
    planned = ", planned" if episode.is_provisional else ""
    when = clock.in_words(episode.anchor_on)
    return f"{episode.get_anchor_display()}, {when}{planned}"


def _raised(person: Person) -> list[Raised]:
    return [
        Raised(each.urgency, each.reason, each.answered, each.state, each.tone)
        for each in why.standing(person.flags, person.alerts)
    ]
