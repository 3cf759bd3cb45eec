"""The rows of what was answered: responses, answers and the scores they make."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random

from outcomes.demo import courses, other_answers
from outcomes.demo.batch import Batch
from outcomes.demo.courses import Course, Habits
from outcomes.demo.records import PlanRows
from outcomes.demo.surveys import Asked, Subject
from outcomes.instruments import library, scoring
from outcomes.instruments.definition import (
    Given,
    InstrumentDefinition,
    Item,
    Occasion,
    Values,
)
from outcomes.models import Answer, Instrument, Measure, Provenance, Response, Score
from patients.models import Side

TO_ANSWER = timedelta(seconds=95)
# What the course of a complaint decides; the rest follows from it.
DRAWN = ("pain_site", "pain_back", "activity_limits", "global_change")


@dataclass(frozen=True, slots=True)
class Questionnaire:
    """The instrument as row and as questions, and the clinic's measures by key."""

    row: Instrument
    definition: InstrumentDefinition
    measures: Mapping[str, Measure]
    # What time points ask for, by treatment and key.
    wanted: Mapping[tuple[str, str], frozenset[str]]

    def items(self, asked: Asked) -> list[Item]:
        wanted = self.wanted.get((asked.rows.story.treatment, asked.row.timepoint_key))
        site = asked.rows.complaint.pain_site
        occasion = Occasion(site, not asked.row.is_baseline, wanted)
        return library.items_for(self.definition, occasion)


@dataclass(slots=True)
class Answering:
    """One patient at the questions; what concerns both sides is answered once."""

    rng: Random
    subject: Subject
    questionnaire: Questionnaire
    given: dict[tuple[str, str, datetime], Given] = field(default_factory=dict)

    def add(self, batch: Batch, asked: Asked) -> None:
        if asked.fate.begun_at is not None:
            self._add_begun(batch, asked, asked.fate.begun_at)
        if asked.fate.answered is not None:
            self._add_sealed(batch, asked)

    def _add_begun(self, batch: Batch, asked: Asked, begun_at: datetime) -> None:
        """The first answer of a survey that waits for the rest."""
        response = self._response(asked, begun_at, Provenance.PATIENT)
        link_id, value = next(iter(self._values(asked, begun_at).items()))
        batch.add(response, *answer_rows(response, {link_id: value}))

    def _add_sealed(self, batch: Batch, asked: Asked) -> None:
        answered = asked.fate.answered
        if answered is None:
            return
        response = self._response(asked, answered.at, answered.provenance)
        response.state = Response.State.SEALED
        response.sealed_at = answered.at
        response.answered_on = answered.on
        response.in_window = asked.fate.is_in_window
        values = self._values(asked, answered.at)
        batch.add(response, *answer_rows(response, values))
        batch.extend(self.score_rows(asked, response, values))

    def _response(self, asked: Asked, at: datetime, provenance: str) -> Response:
        # Staff who enter an answer after the window do so beside the closed survey.
        request = asked.row.request if asked.fate.is_in_window else None
        return Response(
            clinic=self.subject.clinic,
            patient=self.subject.patient,
            follow_up=asked.row,
            request=request,
            instrument=self.questionnaire.row,
            provenance=provenance,
            language=self.subject.patient.language,
            opened_at=at - TO_ANSWER,
            asked={"items": library.link_ids(self.questionnaire.items(asked))},
            created_at=at - TO_ANSWER,
        )

    def _values(self, asked: Asked, at: datetime) -> dict[str, Given]:
        found: dict[str, Given] = {}
        for item in self.questionnaire.items(asked):
            is_of_complaint = item.scope == "complaint"
            about = str(asked.rows.complaint.pk) if is_of_complaint else ""
            for each in item.answered:
                key = (each.link_id, about, at)
                if key not in self.given:
                    self.given[key] = self._answer(each, asked.rows, at)
                found[each.link_id] = self.given[key]
        return found

    def _answer(self, item: Item, rows: PlanRows, at: datetime) -> Given:
        course, habits, on = rows.about.course, self.subject.story.habits, at.date()
        if item.link_id not in DRAWN:
            return other_answers.of(item, course.level(on), self.subject.story, on)
        value = self._drawn(item.link_id, rows, course, habits, on)
        return None if value is None else Decimal(value)

    def _drawn(
        self, link_id: str, rows: PlanRows, course: Course, habits: Habits, on: date
    ) -> int | None:
        if courses.cannot_tell(self.rng):
            return None
        if link_id == "pain_site":
            return courses.pain(self.rng, course, on)
        if link_id == "pain_back":
            return courses.back_pain(self.rng, habits, course, on)
        if link_id == "activity_limits":
            return courses.activity_limits(self.rng, habits, course, on)
        before = course.level(rows.story.started_on)
        return courses.global_change(self.rng, before, course.level(on))

    def score_rows(
        self, asked: Asked, response: Response, values: Values
    ) -> Iterator[Score]:
        complaint = asked.rows.complaint
        scored = scoring.score(
            self.questionnaire.definition, values, complaint.pain_site, list(values)
        )
        for each in scored:
            if each.value is None or asked.fate.answered is None:
                continue
            measure = self.questionnaire.measures[each.measure_key]
            is_of_site = measure.role == Measure.Role.SITE
            elsewhere = "low_back" if measure.role == Measure.Role.BACK else ""
            yield Score(
                clinic=self.subject.clinic,
                patient=self.subject.patient,
                complaint=complaint,
                measure=measure,
                site=complaint.pain_site if is_of_site else elsewhere,
                side=complaint.side if is_of_site else Side.NONE,
                measured_at=asked.fate.answered.at,
                measured_on=asked.fate.answered.on,
                value=each.value,
                response=response,
                provenance=response.provenance,
                algorithm_version=each.algorithm_version,
                input_sha256=each.input_hash,
                created_at=asked.fate.answered.at,
            )


def answer_rows(response: Response, values: Values) -> Iterator[Answer]:
    pace = TO_ANSWER / (len(values) + 1)
    for number, (link_id, value) in enumerate(values.items(), 1):
        yield Answer(
            clinic=response.clinic,
            response=response,
            link_id=link_id,
            value=value if isinstance(value, Decimal) else None,
            text=value if isinstance(value, str) else "",
            answered_at=response.opened_at + number * pace,
        )
