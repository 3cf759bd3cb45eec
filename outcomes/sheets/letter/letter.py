"""What a referrer is told of a plan's outcome; the page and the PDF say the same."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from clinic import clock
from clinic.models import User
from outcomes.dashboards import charts, facts
from outcomes.dashboards.capture import fates
from outcomes.dashboards.charts.text import number
from outcomes.dashboards.one_patient import course
from outcomes.models import Episode, FollowUp, Measure, Score
from outcomes.sheets import last_scores, open_ends, person
from outcomes.sheets.letter import words
from outcomes.sheets.person import Person, Treated
from patients.models import OutsideClinician
from plans.course import exposure
from plans.models import Intervention, Plan

# What fits one page beside the address.
PANELS, DONE, NEXT = 3, 6, 3
# Nothing was answered since.
NOT_YET = "–"


@dataclass(frozen=True, slots=True)
class Line:
    """Something with a name or a day in front of it."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Went:
    """One measure before and now."""

    title: str
    before: str
    now: str
    told: str


@dataclass(frozen=True, slots=True)
class Letter:
    language: str
    t: dict[str, str]
    clinic: str
    phone: str
    day: str
    # Empty where nobody is entered who sent the patient.
    to: Sequence[str]
    subject: str
    greeting: str
    opening: str
    facts: Sequence[Line]
    done: Sequence[Line]
    earlier: str
    asked: str
    went: Sequence[Went]
    chart: charts.CourseChart | None
    steps: Sequence[Line]
    closing: str
    signer: str
    # What staff added, as they wrote it.
    added: str = ""

    @property
    def chart_words(self) -> str:
        """The chart for who cannot see it."""
        each = (
            f"{one.title}: {f'{one.before} → ' if one.before else ''}{one.now}"
            for one in self.went
        )
        return f"{'; '.join(each)}."


def of(user: User, plan: Plan, *, language: str, added: str = "") -> Letter:
    """The plan must have come with complaint, patient and clinic."""
    patient = plan.complaint.patient.kept
    known = person.read(user, patient)
    one = next(t for t in known.treated if t.complaint.pk == plan.complaint_id)
    sent = OutsideClinician.objects.visible_to(user).filter(
        patient=patient, role=OutsideClinician.Role.REFERRER
    )
    follow_ups = FollowUp.objects.visible_to(user).filter(episode__plan=plan)
    told = _Told(known, one, plan, language)
    return told.letter(sent.first(), list(follow_ups), added)


@dataclass(frozen=True, slots=True)
class _Told:
    """A plan in the words of one language."""

    person: Person
    one: Treated
    plan: Plan
    language: str

    def say(self, key: str, **values: object) -> str:
        return words.say(key, self.language, **values)

    def on(self, day: date) -> str:
        return words.day(day, self.language)

    def letter(
        self,
        referrer: OutsideClinician | None,
        follow_ups: Sequence[FollowUp],
        added: str,
    ) -> Letter:
        clinic = self.person.patient.clinic
        done = self._done()
        closing = "closing_phone" if clinic.phone else "closing"
        return Letter(
            language=self.language,
            t={key: self.say(key) for key in LABELS},
            clinic=clinic.name,
            phone=clinic.phone,
            day=self.on(clock.today(clinic.zone)),
            to=_address(referrer),
            subject=self._subject(),
            greeting=self.say("greeting", name=referrer.name if referrer else ""),
            opening=self.say("opening", site=self._site()),
            facts=self._facts(),
            done=done[:DONE],
            earlier=self.say("more", number=len(done) - DONE)
            if len(done) > DONE
            else "",
            asked=self._asked(follow_ups),
            went=self._went(),
            chart=self._chart(),
            steps=self._steps(),
            closing=self.say(closing, phone=clinic.phone),
            signer=self.plan.provider.name if self.plan.provider else "",
            added=added,
        )

    def _site(self) -> str:
        return self.one.complaint.site_phrase(self.language)

    def _subject(self) -> str:
        patient = self.person.patient
        if patient.birth_date is None:
            return self.say("unborn", name=patient, mrn=patient.mrn)
        day = self.on(patient.birth_date)
        return self.say("born", name=patient, day=day, mrn=patient.mrn)

    def _facts(self) -> list[Line]:
        plan, complaint = self.plan, self.one.complaint
        source = complaint.current_source
        found = [Line(self.say("source"), self.say("source_unnamed"))]
        if source is not None:
            named = words.source(source, self.language)
            certainty = self.say(f"certainty_{source.certainty}")
            told = self.say("source_certain", source=named, certainty=certainty)
            found = [Line(self.say("source"), told)]
        # Codes have an English title and no other.
        found += [
            Line(self.say("diagnosis"), f"{each.code} {each.named}")
            for each in complaint.diagnoses.all()
            if each.is_standing and each.role == each.Role.SOURCE
        ]
        treatment = words.treatment(plan.modality, plan.title, self.language)
        status = self.say(f"status_{plan.status}")
        day = self.on(plan.started_on)
        told = self.say("plan_since", treatment=treatment, day=day, status=status)
        return [*found, Line(self.say("plan"), told)]

    def _done(self) -> list[Line]:
        """The newest first: of this plan, and what was had elsewhere since it began."""
        own = [
            (each.performed_on, self._named(each))
            for each in self.one.performed
            if each.plan_id == self.plan.pk and each.performed_on
        ]
        own += [
            (each.began_on, self.say("done_elsewhere", what=each.what))
            for each in self.one.elsewhere
            if each.began_on >= self.plan.started_on
        ]
        ordered = sorted(own, reverse=True)
        return [Line(self.on(on), what) for on, what in ordered]

    def _named(self, intervention: Intervention) -> str:
        return words.treatment(intervention.modality, intervention.title, self.language)

    def _asked(self, follow_ups: Sequence[FollowUp]) -> str:
        """Of what was to be answered by now, how much was."""
        asked = [each for each in follow_ups if was_asked(each)]
        answered = [each for each in asked if each.answered_at is not None]
        if not asked:
            return self.say("asked_never")
        return self.say("asked", asked=len(asked), answered=len(answered))

    def _episode(self) -> Episode | None:
        """The newest course of this plan."""
        own = self.one.complaint.episodes.all()
        return max(
            (each for each in own if each.plan_id == self.plan.pk),
            key=lambda each: (each.anchor_on, each.pk),
            default=None,
        )

    def _scores(self) -> list[Score]:
        """From the baseline of its newest course on."""
        episode = self._episode()
        if episode is None:
            return []
        first = episode.begins_on - exposure.BASELINE_FOR
        return [score for score in self.one.scores if score.measured_on >= first]

    def _went(self) -> list[Went]:
        episode = self._episode()
        if episode is None:
            return []
        return [
            self._one_went(measure, scores, episode)
            for measure, scores in last_scores.by_measure(self._scores()).items()
        ]

    def _one_went(
        self, measure: Measure, scores: Sequence[Score], episode: Episode
    ) -> Went:
        latest, labels = scores[-1], last_scores.labels_of(measure, self.language)
        first = facts.baseline_of(episode.begins_on, scores)
        before = first if measure.is_asked_at_baseline else None
        is_after = before != latest
        day = self.say("answered_on", day=self.on(latest.measured_on))
        change = self._change(measure, before, latest) if is_after else ""
        now = number(latest.value) if is_after else NOT_YET
        return Went(
            title=words.measure(measure, self.one.complaint, self.language),
            before="" if before is None else self._before(before),
            now=labels.get(now, now),
            told="; ".join(filter(None, (change, day))),
        )

    def _before(self, score: Score) -> str:
        value = number(score.value)
        if course.is_recalled(score):
            return self.say("recalled", value=value)
        return value

    def _change(self, measure: Measure, before: Score | None, latest: Score) -> str:
        if not measure.is_asked_at_baseline:
            return ""
        if before is None:
            return self.say("change_no_baseline")
        change = last_scores.change_of(measure, before.value, latest.value)
        way = "better" if change.is_better else "worse"
        return self.say(
            f"change_{change.extent}",
            moved=self.say(way, moved=number(change.moved)),
            needed="" if change.needed is None else number(change.needed),
        )

    def _chart(self) -> charts.CourseChart | None:
        """The chart of the patient's page, in the letter's language."""
        episode, scores = self._episode(), self._scores()
        if episode is None or not scores:
            return None
        grouped = list(last_scores.by_measure(scores).items())[:PANELS]
        return charts.course_chart(
            [self._series(episode, *each) for each in grouped],
            self._events(episode),
            chart_id=f"letter-{self.plan.pk}",
            title=self.say("course", site=self._site()),
        )

    def _series(
        self, episode: Episode, measure: Measure, scores: Sequence[Score]
    ) -> charts.CourseSeries:
        drawn = course.series_of(self.one.complaint, episode, scores, self.one.goals)
        title = words.measure(measure, self.one.complaint, self.language)
        if self.language == "en":
            return replace(drawn, title=title)
        ends = [*last_scores.labels_of(measure, self.language).values()]
        scale = f"1 {ends[0]}, {len(ends)} {ends[-1]}".lower() if ends else ""
        points = [
            replace(
                each,
                label=words.day(score.measured_on, self.language),
                when="",
                provenance="",
            )
            for each, score in zip(drawn.points, scores, strict=True)
        ]
        return replace(drawn, title=title, scale_words=scale, points=points)

    def _events(self, episode: Episode) -> list[charts.CourseEvent]:
        return [
            charts.CourseEvent(
                day=(each.performed_on - episode.anchor_on).days,
                label=self._named(each),
                detail=self.on(each.performed_on),
            )
            for each in self.one.performed
            if each.performed_on and each.plan_id == self.plan.pk
        ]

    def _steps(self) -> list[Line]:
        """What this plan has planned, the booked visits, and the next survey."""
        today, zone = self.person.today, self.person.patient.clinic.zone
        found = [
            (clock.day_of(v.starts_at, zone), self.say("next_visit"))
            for v in self.person.appointments
        ]
        found += [
            (each.planned_on, self._named(each))
            for each in self.one.planned
            if each.plan_id == self.plan.pk
            and each.planned_on is not None
            and each.planned_on >= today
        ]
        survey = open_ends.next_survey(self.person, plan=self.plan)
        if survey is not None:
            found.append((survey.due_on, self.say("next_survey")))
        return [Line(self.on(on), what) for on, what in sorted(found)[:NEXT]]


LABELS = (
    *("title", "done", "done_nothing", "went", "no_scores", "measure"),
    *("before", "now", "caveat", "next", "next_nothing", "regards"),
)


def was_asked(follow_up: FollowUp) -> bool:
    """What the patient had a part in, and answered or let pass."""
    if follow_up.is_clinicians_alone or follow_up.is_safety:
        return False
    if follow_up.state_reason in fates.UNASKED:
        return follow_up.answered_at is not None
    is_over = follow_up.state in (FollowUp.State.EXPIRED, FollowUp.State.COMPLETED)
    return is_over or follow_up.answered_at is not None


def _address(referrer: OutsideClinician | None) -> list[str]:
    if referrer is None:
        return []
    lines = [referrer.name, referrer.practice, *referrer.address.splitlines()]
    return [line for line in lines if line.strip()]
