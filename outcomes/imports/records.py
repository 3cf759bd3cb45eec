"""What has to be added for some persons, worked out before anything is written."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from clinic.models import Clinic
from outcomes.imports import rows
from outcomes.imports.drafts import Drafts
from outcomes.imports.known import Course, Known, KnownFollowUp
from outcomes.imports.mapping import Mapping, Point
from outcomes.imports.people import Person
from outcomes.imports.refusals import Reason, Refusal
from outcomes.imports.rows import Row
from outcomes.models import Episode, FollowUp, Measure, Response, Score
from patients.models import Complaint, Patient, SearchTerm
from patients.record import search_index
from plans.models import Plan


@dataclass(slots=True)
class Changes:
    """Rows to add, in the order they are written, and what was found on the way."""

    patients: list[Patient] = field(default_factory=list)
    terms: list[SearchTerm] = field(default_factory=list)
    complaints: list[Complaint] = field(default_factory=list)
    plans: list[Plan] = field(default_factory=list)
    episodes: list[Episode] = field(default_factory=list)
    follow_ups: list[FollowUp] = field(default_factory=list)
    responses: list[Response] = field(default_factory=list)
    scores: list[Score] = field(default_factory=list)
    # Known follow-ups that have an answer now, or whose window has closed since.
    moved_on: list[FollowUp] = field(default_factory=list)
    episodes_touched: set[UUID] = field(default_factory=set)
    refusals: list[Refusal] = field(default_factory=list)
    persons_known: int = 0
    persons_refused: int = 0
    rows_taken: int = 0
    scores_known: int = 0


class Recorder:
    """Works out the changes for persons of one clinic, at one moment."""

    def __init__(
        self,
        clinic: Clinic,
        mapping: Mapping,
        measures: Sequence[Measure],
        now: datetime,
    ) -> None:
        self.clinic = clinic
        self.mapping = mapping
        self.measures = measures
        self._treatments = mapping.treatment_by_key()
        self._drafts = Drafts(clinic, mapping, now)

    def mrn(self, person: Person) -> str:
        return self.mapping.person.mrn_prefix + person.id

    def changes(self, persons: Iterable[Person], known: Known) -> Changes:
        changes = Changes()
        for person in persons:
            course = known.courses.get(self.mrn(person))
            refusals = self._refusals(person, course, known)
            if refusals:
                changes.refusals += refusals
                changes.persons_refused += 1
                continue
            if course is None:
                course = self._add_course(changes, person)
            else:
                changes.persons_known += 1
            for place, point in enumerate(self.mapping.points):
                self._add_point(changes, course, point, person.rows.get(place))
            changes.rows_taken += len(person.rows)
        return changes

    def _refusals(
        self, person: Person, course: Course | None, known: Known
    ) -> list[Refusal]:
        mrn = self.mrn(person)
        if course is None and mrn.lower() in known.held:
            return person.refused(
                Reason.REGISTERED,
                f"{mrn} is the MRN of another patient here, whether in capitals or "
                "not; choose another mrn_prefix",
            )
        what = self._changed(person, course) if course else ""
        if not what:
            return []
        return person.refused(
            Reason.EARLIER,
            f"{mrn} was imported before with another {what}; choose another "
            "mrn_prefix where this is another person or study",
        )

    def _changed(self, person: Person, course: Course) -> str:
        compared = (
            ("treatment", person.treatment, course.treatment_key),
            ("start", person.start, course.anchor_on),
            ("pain site", person.pain_site, course.pain_site),
            ("side", person.side, course.side),
        )
        for what, said, stands in compared:
            if said != stands:
                return what
        for point in self.mapping.points:
            follow_up = course.follow_ups.get(point.key)
            if follow_up and follow_up.days != point.days:
                return f"day or window of {point.label}"
        return ""

    def _add_course(self, changes: Changes, person: Person) -> Course:
        """A new patient with all that the follow-ups hang on."""
        made = self._drafts.course(person, self._treatments[person.treatment])
        changes.patients.append(made.patient)
        changes.terms += search_index.rows(made.patient)
        changes.complaints.append(made.complaint)
        changes.plans.append(made.plan)
        changes.episodes.append(made.episode)
        changes.episodes_touched.add(made.episode.pk)
        return Course(
            patient_id=made.patient.pk,
            complaint_id=made.complaint.pk,
            episode_id=made.episode.pk,
            treatment_key=person.treatment,
            anchor_on=person.start,
            pain_site=person.pain_site,
            side=person.side,
        )

    def _add_point(
        self, changes: Changes, course: Course, point: Point, row: Row | None
    ) -> None:
        answers = self._answers(row)
        known = course.follow_ups.get(point.key)
        if known is None:
            follow_up = self._drafts.follow_up(course, point, is_answered=bool(answers))
            changes.follow_ups.append(follow_up)
            known = KnownFollowUp(follow_up.pk, point.days, follow_up.state)
            changes.episodes_touched.add(course.episode_id)
        else:
            self._move_on(changes, course, point, known, is_answered=bool(answers))
        if row and answers:
            self._add_answers(changes, course, point, known, row, answers)

    def _answers(self, row: Row | None) -> list[tuple[Measure, str]]:
        if row is None:
            return []
        cells = zip(self.measures, row.cells, strict=True)
        return [(measure, cell) for measure, cell in cells if cell is not None]

    def _move_on(
        self,
        changes: Changes,
        course: Course,
        point: Point,
        known: KnownFollowUp,
        *,
        is_answered: bool,
    ) -> None:
        """A later file may answer a time point, or its window may have closed."""
        if known.response_id or known.state == FollowUp.State.COMPLETED:
            return
        moved = self._drafts.follow_up(course, point, is_answered=is_answered)
        if moved.state == known.state:
            return
        moved.pk = known.id
        changes.moved_on.append(moved)
        changes.episodes_touched.add(course.episode_id)

    def _add_answers(
        self,
        changes: Changes,
        course: Course,
        point: Point,
        known: KnownFollowUp,
        row: Row,
        answers: list[tuple[Measure, str]],
    ) -> None:
        response_id = known.response_id
        if response_id is None:
            response = self._drafts.response(course, point, known.id)
            changes.responses.append(response)
            response_id = response.pk
        for measure, cell in answers:
            value, stands = rows.stored(cell), known.scores.get(measure.pk)
            if stands is None and known.is_imported:
                changes.scores.append(
                    self._drafts.score(course, point, response_id, measure, cell)
                )
                changes.episodes_touched.add(course.episode_id)
            elif stands == value:
                changes.scores_known += 1
            else:
                changes.refusals.append(_kept(row, point, measure, value, stands))


def _kept(
    row: Row, point: Point, measure: Measure, value: Decimal, stands: Decimal | None
) -> Refusal:
    held = (
        "was answered here already" if stands is None else f"is {stands.normalize():f}"
    )
    return Refusal(
        row.number,
        Reason.DIFFERS,
        f"{measure.key} at {point.label} {held}; {value.normalize():f} was not taken",
    )
