"""What each address asks of who calls it: the one table, and the rule it states.

1. Signed out: a page leads to sign-in, the API says 401; public addresses answer.
2. An id whose row the role may not read is 404, in the own clinic too.
3. A row that may be read, or an address without an id, is 403 without the act.
4. Another clinic's id is 404 for everybody, and byte for byte an unknown id.
5. Who works in no clinic is led by every page to choosing one; the API goes by 2, 3.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from clinic import access, clinic_settings, clock, closed_days, locations
from clinic.access import Act, Role
from clinic.models import Clinic, ClosedDay, Location, User
from outcomes.alerts import raising, rota
from outcomes.dashboards import facts
from outcomes.follow_ups.channels import tokens
from outcomes.follow_ups.guard import pauses
from outcomes.follow_ups.planning import ending
from outcomes.follow_ups.wording import editing
from outcomes.follow_ups.worklist import tasks
from outcomes.in_clinic import entering, paper, tablets
from outcomes.intake import asking
from outcomes.models import (
    Alert,
    Episode,
    FollowUp,
    InboundMessage,
    Instrument,
    InstrumentDraft,
    InstrumentUse,
    Intake,
    Link,
    Measure,
    Message,
    OnCallShift,
    OutcomeExport,
    PaperForm,
    Response,
    SendingPause,
    StaffTask,
    SurveyRequest,
    Tablet,
    Wording,
)
from patients.models import (
    Appointment,
    Caregiver,
    Complaint,
    Consent,
    Diagnosis,
    Evaluation,
    OutsideClinician,
    Patient,
    PatientImport,
    RedFlag,
    RedFlagBaseline,
    SourceHypothesis,
    Study,
    StudyFile,
)
from patients.record import caregivers, consents, holds, leaving, merging
from patients.triage import diagnoses, flag_baselines, flags, studies
from plans.course import elsewhere, interventions
from plans.harm import adverse_events
from plans.models import (
    AdverseEvent,
    Goal,
    Intervention,
    Plan,
    Protocol,
    ProtocolDraft,
    TreatmentElsewhere,
)
from plans.protocols import drafts
from tests import answering, courses, factories, reasons, reports
from tests.outcomes import own_questionnaires
from tests.outcomes.exports import taking
from tests.outcomes.in_clinic import blocks
from tests.patients.appointments import schedules
from tests.patients.imports import running as importing

SURNAME_ELSEWHERE = "Strangeways"
LOT = "LT-4711"
# Stands for somebody who has an account and works nowhere.
NO_CLINIC = "no_clinic"
ROLES = (*(role.value for role in Role), NO_CLINIC)


Body = Callable[["Side"], Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Side:
    """One clinic with a row of everything that an address or a body can name."""

    clinic: Clinic
    location: Location
    closed_day: ClosedDay
    provider: User
    patient: Patient
    # Another record of the clinic, one that a third was merged into, and the third.
    twin: Patient
    reunited: Patient
    absorbed: Patient
    held: Patient
    withdrawn: Patient
    deceased: Patient
    caregiver: Caregiver
    consent: Consent
    complaint: Complaint
    diagnosis: Diagnosis
    evaluation: Evaluation
    red_flag: RedFlag
    acted_flag: RedFlag
    baseline: RedFlagBaseline
    hypothesis: SourceHypothesis
    # An order, and one whose result waits for review.
    study: Study
    result: Study
    study_file: StudyFile
    protocol: Protocol
    # The version after an older plan's, one offered no more, and an unpublished one.
    older_plan: Plan
    next_protocol: Protocol
    retired_protocol: Protocol
    draft: ProtocolDraft
    # A questionnaire that the clinic brought: published, brought again, and asked.
    instrument: Instrument
    instrument_draft: InstrumentDraft
    instrument_use: InstrumentUse
    plan: Plan
    # Planned, and one that was done.
    intervention: Intervention
    performed: Intervention
    cancelled: Intervention
    habits: Intervention
    # A course that patients are asked about, and one whose follow-up was ended.
    episode: Episode
    ended_episode: Episode
    # One that is rated and open, and one that is closed.
    adverse_event: AdverseEvent
    closed_event: AdverseEvent
    goal: Goal
    treatment_elsewhere: TreatmentElsewhere
    follow_up: FollowUp
    examination: FollowUp
    baseline_asked: FollowUp
    # Asked now, and somebody is to call about it.
    to_call: FollowUp
    staff_task: StaffTask
    response: Response
    alert: Alert
    shift: OnCallShift
    survey: SurveyRequest
    letter: Message
    inbound: InboundMessage
    intake: Intake
    measure: Measure
    patient_import: PatientImport
    # Its file is ready; few people alike are left out, so that researchers may read it.
    export: OutcomeExport
    # It stands, so that it can be released.
    sending_pause: SendingPause
    appointment: Appointment
    # In use, with a survey handed to it.
    tablet: Tablet
    # A diagnostic injection of today, with its diary.
    block: Intervention
    paper_form: PaperForm

    @property
    def today(self) -> date:
        return clock.today(self.clinic.zone)

    @property
    def owner(self) -> User:
        return self.provider

    @property
    def assigned_to(self) -> User:
        return self.provider

    @property
    def marks(self) -> list[str]:
        """What no other clinic may ever be shown."""
        rows = [self.location, self.closed_day]
        rows += [self.clinic, self.patient, self.complaint, self.diagnosis]
        rows += [self.twin, self.reunited, self.absorbed]
        rows += [self.held, self.withdrawn, self.deceased]
        rows += [self.caregiver, self.consent, self.evaluation]
        rows += [self.red_flag, self.acted_flag, self.baseline]
        rows += [self.next_protocol, self.retired_protocol, self.draft]
        rows += [self.instrument, self.instrument_draft, self.instrument_use]
        rows += [self.protocol, self.plan, self.intervention, self.performed]
        rows += [self.follow_up, self.episode, self.ended_episode]
        rows += [self.adverse_event, self.closed_event]
        rows += [self.goal, self.treatment_elsewhere]
        rows += [self.hypothesis, self.study, self.result, self.study_file]
        rows += [self.response, self.survey, self.measure, self.provider]
        rows += [self.alert, self.shift]
        rows += [self.patient_import, self.intake, self.sending_pause]
        rows += [self.patient_import, self.intake, self.appointment]
        rows += [self.patient_import, self.intake, self.letter, self.inbound]
        rows += [self.patient_import, self.intake, self.to_call, self.staff_task]
        rows += [self.tablet, self.block, self.paper_form, self.export]
        return [str(row.pk) for row in rows] + [self.patient.family_name]


def make_side(surname: str) -> Side:
    clinic = factories.make_clinic(is_demo=True)
    provider = factories.make_user(clinic, Role.PROVIDER)
    patient = factories.make_patient(clinic, family_name=surname)
    twin, reunited, absorbed = (
        factories.make_patient(clinic, family_name=surname) for _ in range(3)
    )
    held, withdrawn, deceased = (
        factories.make_patient(clinic, family_name=surname) for _ in range(3)
    )
    today = clock.today(clinic.zone)
    holds.hold(held, hold_until=today, hold_reason="travels", by=provider)
    leaving.withdraw(withdrawn, reason="asked", by=provider)
    leaving.record_death(deceased, by=provider)
    merging.merge(reunited, merged=absorbed, reason="same card", by=provider)
    complaint = factories.make_complaint(patient, suspected_source="root_l5")
    diagnosis = diagnoses.diagnose(complaint, by=provider, code="M72.2")
    # Before the flag: while one is open nothing routine is sent.
    response = courses.answered(complaint)
    block = blocked_today(patient, by=provider)
    # A foot drop is a red flag and starts the clock.
    evaluation = factories.make_evaluation(
        complaint, foot_drop__left="present", RF10="present"
    )
    acted_flag = patient.red_flags.get(flag="RF10")
    flags.acknowledge(acted_flag, by=provider, action="Asked the oncologist")
    study = factories.make_study(complaint, by=provider)
    result = received_study(complaint, provider)
    OutsideClinician.objects.create(
        clinic=clinic, patient=patient, role="referrer", name="Dr Ibáñez"
    )
    plan = response.follow_up.episode.plan
    older_plan = factories.make_plan(complaint, "lifestyle")
    # Before the survey opens: what ends the asking would close it.
    ended_episode = unasked(complaint, provider)
    cancelled = called_off(plan, by=provider)
    habits = change_of_habits(patient)
    examination = examination_due(complaint)
    to_call = older_plan.episodes.get().follow_ups.get(is_baseline=True)
    survey = open_survey(to_call)
    tasks.make_call(to_call, due_on=today)
    intervention = plan.interventions.filter(status="planned")[0]
    factories.make_lot(intervention, LOT)
    location = locations.add(clinic, name=f"{surname} North", by=provider)
    own_words(clinic, by=provider)
    return Side(
        clinic=clinic,
        location=location,
        closed_day=closed_days.add(
            clinic, first_on=today, location=location, by=provider
        )[0],
        provider=provider,
        patient=patient,
        twin=twin,
        reunited=reunited,
        absorbed=absorbed,
        held=held,
        withdrawn=withdrawn,
        deceased=deceased,
        caregiver=caregivers.add(patient, by=provider, name="Ana", phone="555 0100"),
        consent=patient.consents.get(scope="treatment"),
        complaint=complaint,
        diagnosis=diagnosis,
        evaluation=evaluation,
        red_flag=patient.red_flags.get(flag="RF06"),
        acted_flag=acted_flag,
        baseline=flag_baselines.record(
            patient,
            by=provider,
            flag="RF02",
            stands_since=date(2019, 5, 1),
            note="Stress incontinence since childbirth",
        ),
        hypothesis=complaint.hypotheses.get(),
        study=study,
        result=result,
        study_file=factories.make_study_file(study),
        protocol=plan.protocol,
        older_plan=older_plan,
        next_protocol=factories.make_version(older_plan.protocol, by=provider),
        retired_protocol=drafts.retire(
            Protocol.objects.get(clinic=clinic, key="si_joint"), by=provider
        ),
        draft=factories.make_draft(
            Protocol.objects.get(clinic=clinic, key="prp_spine"), by=provider
        ),
        plan=plan,
        cancelled=cancelled,
        performed=plan.interventions.filter(status="performed")[0],
        episode=response.follow_up.episode,
        ended_episode=ended_episode,
        habits=habits,
        intervention=intervention,
        adverse_event=rated_event(patient, intervention, by=provider),
        closed_event=ended_event(patient, by=provider),
        goal=factories.make_goal(plan),
        treatment_elsewhere=elsewhere.report(
            complaint, what="Chiropractic", began_on=today, by=provider
        ),
        follow_up=response.follow_up,
        examination=examination,
        baseline_asked=response.follow_up.episode.follow_ups.get(is_baseline=True),
        to_call=to_call,
        staff_task=task_of(provider, response.follow_up),
        response=response,
        alert=own_words_of(response),
        shift=on_call_on_mondays(clinic, provider),
        survey=survey,
        inbound=written_back(patient),
        intake=unfinished_intake(complaint, by=provider),
        # After whatever else would ask, and so take this one back.
        letter=waiting_letter(survey, by=provider),
        measure=Measure.objects.filter(clinic=clinic)[0],
        export=exported(clinic),
        patient_import=importing.receive(clinic, importing.LIST, by=provider),
        sending_pause=pauses.pause(clinic, reason="moving house", by=provider),
        **own_questionnaires.for_a_side(clinic, by=provider),
        appointment=schedules.make_appointment(patient),
        tablet=tablet_with(survey, by=provider),
        block=block,
        paper_form=paper.print_form(
            FollowUp.objects.get(pk=to_call.pk), by=provider, language="en"
        ),
    )


def exported(clinic: Clinic) -> OutcomeExport:
    """By a researcher, and worked off."""
    facts.rebuild_many(Episode.objects.values_list("pk", flat=True))
    return taking.export(factories.make_user(clinic, Role.RESEARCHER))


def own_words_of(response: Response) -> Alert:
    """The patient wrote something with their answers."""
    (alert,) = raising.response_sealed(response, [], at=clock.now(), words="It clicks.")
    return alert


def on_call_on_mondays(clinic: Clinic, provider: User) -> OnCallShift:
    return rota.add(clinic, user=provider, kind="weekly", day=0, by=provider)


def own_words(clinic: Clinic, *, by: User) -> None:
    """One text of the clinic's own, which can give way to ours again."""
    body = "{clinic} asks: {link} Reply STOP to end."
    key = ("sms", "reminder", "en")
    editing.save(clinic, key=key, body=body, seen=editing.OURS, by=by)


def examination_due(complaint: Complaint) -> FollowUp:
    """Of a complaint that is watched: day 14 is today."""
    plan = factories.make_plan(complaint, "sciatica_watch", started_days_ago=14)
    return FollowUp.objects.get(episode__plan=plan, timepoint_key="w2")


def task_of(holder: User, follow_up: FollowUp) -> StaffTask:
    task = tasks.make_call(follow_up, due_on=follow_up.due_on)
    task.assigned_to = holder
    task.save()
    return task


def change_of_habits(patient: Patient) -> Intervention:
    complaint = factories.make_complaint(patient, pain_site="low_back", side="none")
    plan = factories.make_plan(complaint, "lifestyle")
    return plan.interventions.filter(modality="lifestyle")[0]


def received_study(complaint: Complaint, by: User) -> Study:
    return studies.take_in(
        complaint,
        by=by,
        kind="xray",
        region="foot",
        performed_on=factories.days_ago(complaint.clinic, 9),
        results=["heel_spur"],
    )


def rated_event(
    patient: Patient, intervention: Intervention, *, by: User
) -> AdverseEvent:
    event = factories.make_adverse_event(patient, by=by, intervention=intervention)
    adverse_events.rate(event, by=by, grade=1, relatedness="possible")
    return event


def ended_event(patient: Patient, *, by: User) -> AdverseEvent:
    event = factories.make_adverse_event(patient, by=by, category="fall")
    adverse_events.rate(event, by=by, grade=1, relatedness="unrelated")
    return adverse_events.close(event, by=by, outcome="recovered")


def open_survey(asked: FollowUp) -> SurveyRequest:
    survey = SurveyRequest.objects.create(
        clinic=asked.clinic,
        patient=asked.patient,
        language=asked.patient.language,
        closes_at=clock.now() + timedelta(days=7),
    )
    FollowUp.objects.filter(pk=asked.pk).update(request=survey, state="open")
    return survey


def waiting_letter(survey: SurveyRequest, *, by: User) -> Message:
    """Of a patient who is asked something, and agreed to be asked by letter."""
    patient = survey.patient
    Patient.objects.filter(pk=patient.pk).update(
        preferred_channel="letter", postal_address="1 Main Street"
    )
    consents.give(patient, by=by, scope="letter")
    open_row = patient.follow_ups.filter(FollowUp.WAITS_FOR_PATIENT)[0]
    FollowUp.objects.filter(pk=open_row.pk).update(request=survey)
    message = Message.objects.create(
        clinic=survey.clinic,
        request=survey,
        rung="invite",
        # Which the open red flag does not keep back.
        kind=Message.Kind.SAFETY,
        channel=Message.Channel.LETTER,
        idempotency_key=f"{survey.pk}:invite",
    )
    Link.objects.create(
        clinic=survey.clinic,
        request=survey,
        token_sha256=tokens.sha256_of(tokens.token_for(message.pk)),
        expires_at=survey.closes_at,
    )
    return message


def written_back(patient: Patient) -> InboundMessage:
    return InboundMessage.objects.create(
        clinic=patient.clinic,
        channel="sms",
        patient=patient,
        sender="+13125550142",
        text="When is my visit?",
        meaning=InboundMessage.Meaning.OTHER,
        provider="twilio",
        provider_ref=f"SM1:{patient.clinic_id}",
    )


def blocked_today(patient: Patient, *, by: User) -> Intervention:
    """Before a red flag rises, which would stop it."""
    block = blocks.make_block(patient, by=by)
    blocks.start(block, by=by)
    return block


def tablet_with(survey: SurveyRequest, *, by: User) -> Tablet:
    """Set up, with a survey handed to it."""
    _, code = tablets.add(survey.clinic, name="Front desk", by=by)
    tablet, _ = tablets.enrol(code) or (None, "")
    assert tablet is not None
    tablets.hand(tablet, survey, by=by)
    return Tablet.objects.get(pk=tablet.pk)


def unfinished_intake(complaint: Complaint, *, by: User) -> Intake:
    """It waits to be looked at, and its patient may be asked again."""
    intake = asking.ask(complaint, by=by)
    Intake.objects.filter(pk=intake.pk).update(
        state=Intake.State.UNFINISHED, answered_at=clock.now()
    )
    return intake


@dataclass(frozen=True, slots=True)
class Call:
    """One method of an address; without an act, being signed in is enough."""

    method: str
    act: Act | None = None
    body: Body = lambda side: {}
    done: tuple[int, ...] = (200,)
    # A file goes as a form, to the API too.
    is_upload: bool = False
    # It only plays: nothing is kept, so nothing is put on record.
    is_played: bool = False


@dataclass(frozen=True, slots=True)
class Route:
    calls: tuple[Call, ...]
    # The row of a side that the id in the address names.
    row: str = ""
    # The parts of an address that name no row.
    parts: Body = lambda side: {}
    is_public: bool = False
    # The sign-in library answers more methods than it has a use for.
    is_library: bool = False


def get(act: Act | None, row: str = "", *more: Call) -> Route:
    return Route((Call("get", act), *more), row)


def post(act: Act | None, body: Body = lambda side: {}, done: int = 302) -> Call:
    return Call("post", act, body, (done,))


def form(act: Act, row: str, body: Body) -> Route:
    return get(act, row, post(act, body))


def act(needed: Act, row: str, body: Body = lambda side: {}, done: int = 302) -> Route:
    return Route((post(needed, body, done),), row)


def public(*methods: str, done: tuple[int, ...] = (200,), **more: Any) -> Route:
    calls = tuple(Call(method, done=done) for method in methods)
    return Route(calls, is_public=True, **more)


def registration(side: Side) -> dict[str, Any]:
    return {"family_name": "Quill", "birth_date": "1960-02-29"}


def registration_form(side: Side) -> dict[str, Any]:
    more = {"given_name": "Ada", "mrn": "Q1", "sex": "female", "language": "en"}
    chosen = {"payer_class": "unknown", "preferred_channel": "email"}
    return registration(side) | more | chosen | {"caregiver_relationship": "other"}


def caregiver(side: Side) -> dict[str, Any]:
    return {"name": "Luis", "relationship": "partner", "phone": "555 0101"}


def hold(side: Side) -> dict[str, Any]:
    return {"hold_until": side.today, "hold_reason": "travels"}


def consent(side: Side) -> dict[str, Any]:
    return {"scope": "research"}


def agreed(side: Side) -> dict[str, Any]:
    return {"scopes": ["research"], "given_by": "patient", "given_on": side.today}


def merge_form(side: Side) -> dict[str, Any]:
    chosen = {"other": side.twin.pk, "keep": side.patient.pk}
    return {**chosen, "reason": "same card"}


def twin(side: Side) -> dict[str, Any]:
    return {"merged": side.twin.pk, "reason": "same card"}


def absorbed(side: Side) -> dict[str, Any]:
    return {"merged": side.absorbed.pk}


def why(code: str) -> Body:
    return lambda side: {"reason": code}


def complaint(side: Side) -> dict[str, Any]:
    return {"pain_site": "knee", "side": "left"}


def source(side: Side) -> dict[str, Any]:
    return {"source": "root_l4", "certainty": "suspected"}


def diagnosis(side: Side) -> dict[str, Any]:
    return {"code": "M54.16", "role": "source", "certainty": "suspected"}


def order(side: Side) -> dict[str, Any]:
    return {
        "kind": "ct",
        "region": "lumbar_spine",
        "side": "none",
        "priority": "urgent",
        "owner": side.provider.pk,
    }


def brought(side: Side) -> dict[str, Any]:
    words = {"results": ["normal"], "side": "none", "performed_on": side.today}
    return {"kind": "ct", "region": "foot", **words}


def booking(side: Side) -> dict[str, Any]:
    return {"scheduled_for": side.today}


def performed_today(side: Side) -> dict[str, Any]:
    return {"performed_on": side.today}


def study_result(side: Side) -> dict[str, Any]:
    return {"performed_on": side.today, "results": ["normal"], "side": "none"}


def reason(side: Side) -> dict[str, Any]:
    return {"reason": "Another patient"}


def new_owner(side: Side) -> dict[str, Any]:
    return {"owner": side.provider.pk}


def brought_file(side: Side) -> dict[str, Any]:
    return {"file": SimpleUploadedFile("q.json", own_questionnaires.CONTENT)}


def own_score(side: Side) -> dict[str, Any]:
    return {
        **{"seen": 1, "key": "walk", "name": "Walk", "method": "sum"},
        **{"items": ["up"], "minimum": 0, "maximum": 9, "better_is": "lower"},
    }


def scoring_file(side: Side) -> dict[str, Any]:
    return {
        "seen": 1,
        "file": SimpleUploadedFile("s.toml", own_questionnaires.SCORES.encode()),
    }


def statement(side: Side) -> dict[str, Any]:
    return {"holder": "Nobody", "licence": "Our own words", "is_licensed": "on"}


def upload(side: Side) -> dict[str, Any]:
    return {"file": SimpleUploadedFile("report.pdf", reports.PDF)}


def findings(side: Side) -> dict[str, Any]:
    return {"ankle_jerk.left": "1", "slump.left": "present"}


def entries(side: Side) -> dict[str, Any]:
    return {"findings": {"ankle_jerk.left": {"value": "1"}}}


def action(side: Side) -> dict[str, Any]:
    return {"action": "Sent to the emergency department"}


def note(side: Side) -> dict[str, Any]:
    return {"note": "MRI clear"}


def baseline(side: Side) -> dict[str, Any]:
    return note(side) | {"flag": "RF05", "stands_since": "2019-05-01"}


def plan(side: Side) -> dict[str, Any]:
    return {
        "protocol": side.protocol.pk,
        "provider": side.provider.pk,
        "started_on": side.today,
    }


def moved_plan(side: Side) -> dict[str, Any]:
    return {"plans": side.older_plan.pk}


def moved_plans(side: Side) -> dict[str, Any]:
    return {"plans": [side.older_plan.pk]}


def next_version(side: Side) -> dict[str, Any]:
    return {"to": side.next_protocol.pk}


def draft_content(side: Side) -> dict[str, Any]:
    return {"revision": side.draft.revision, "content": side.draft.content}


def new_protocol(side: Side) -> dict[str, Any]:
    return {"title": "Knee"}


def draft_form(side: Side) -> dict[str, Any]:
    return {"seen": side.draft.revision, "do": "save", "title": "Knee"}


def publication(side: Side) -> dict[str, Any]:
    return {"change_note": "Tried it", "revision": side.draft.revision}


def end(side: Side) -> dict[str, Any]:
    return {"move": "complete", "on": side.today}


def unasked(complaint: Complaint, provider: User) -> Episode:
    plan = factories.make_plan(complaint, "physical_therapy")
    ending.end_follow_up(plan, reason="asked to stop", by=provider)
    return plan.episodes.get()


def called_off(plan: Plan, *, by: User) -> Intervention:
    extra = interventions.add(
        plan, title="Taping", modality="other", planned_on=plan.started_on, by=by
    )
    return interventions.cancel(extra, reason="not wanted", by=by)


def another_day(side: Side) -> dict[str, Any]:
    return {"day": side.today, "seen": side.today}


def just_day(side: Side) -> dict[str, Any]:
    return {"day": side.today}


def added(side: Side) -> dict[str, Any]:
    what = {"title": "Taping", "modality": "physical_therapy", "side": "left"}
    return {**what, "planned_on": side.today}


def added_to_plan(side: Side) -> dict[str, Any]:
    return {**added(side), "plan": side.plan.pk}


def before_flags(side: Side) -> dict[str, Any]:
    """The red flag of today would stop what is done today."""
    return {"performed_on": side.today - timedelta(days=1), "side": "left"}


def goal_change(side: Side) -> dict[str, Any]:
    due_on = side.today + timedelta(days=90)
    return {"comparison": "at_most", "target": "2", "due_on": due_on}


def goal(side: Side) -> dict[str, Any]:
    return {**goal_change(side), "measure": "pain_site"}


def goal_of_plan(side: Side) -> dict[str, Any]:
    return {**goal(side), "plan": side.plan.pk}


def had_elsewhere(side: Side) -> dict[str, Any]:
    return {"what": "Acupuncture", "modality": "other", "began_on": "2024-03-14"}


def done(side: Side) -> dict[str, Any]:
    return {**before_flags(side), **reasons.FORM}


def done_by_api(side: Side) -> dict[str, Any]:
    return {**before_flags(side), "caution_reasons": reasons.ALL}


def no_answer(side: Side) -> dict[str, Any]:
    return {"outcome": "no_answer"}


def stop(side: Side) -> dict[str, Any]:
    return {"stop": "plan"}


BY_PHONE = {"how": "phone", "who": "patient"}


def in_english(side: Side) -> dict[str, Any]:
    return {"language": "en"}


def code_of_sheet(side: Side) -> dict[str, Any]:
    return {"code": side.paper_form.code}


def said_by_phone(side: Side) -> dict[str, Any]:
    asked = entering.questions(FollowUp.objects.get(pk=side.to_call.pk))
    return {"language": "en", **BY_PHONE} | {
        one.key: answering.quiet(one) for one in asked
    }


def by_qr(side: Side) -> dict[str, Any]:
    return {"way": "qr"}


def needle_at(side: Side) -> dict[str, Any]:
    return {"injected_at": blocks.a_moment_ago(side.patient), "pain_before": 7}


def new_tablet(side: Side) -> dict[str, Any]:
    return {"name": "By the window", "location": side.location.pk}


def given_back(side: Side) -> dict[str, Any]:
    return {"row": str(side.to_call.pk), "do": "assign", "to": "nobody"}


def handed_over(side: Side) -> dict[str, Any]:
    return {"away": "", "to": side.provider.pk, "confirm": "yes"}


def number(side: Side) -> dict[str, Any]:
    return {"q": "patient@example.org"}


def three_taps(side: Side) -> dict[str, Any]:
    answers = {"pain_site": "6", "pain_back": "2", "activity_limits": "5"}
    return {**answers, "provenance": "kiosk"}


def examined(side: Side) -> dict[str, Any]:
    return {"examined_on": side.today, "pain_site": "4"}


def examined_values(side: Side) -> dict[str, Any]:
    return {"examined_on": side.today, "values": {"pain_site": 4}}


def three_answers(side: Side) -> dict[str, Any]:
    answers = {"pain_site": 6, "pain_back": None, "activity_limits": 5}
    return {"provenance": "kiosk", "answers": answers}


def gauge(side: Side) -> dict[str, Any]:
    return {"needle_gauge": 22, **reasons.FORM}


def needle(side: Side) -> dict[str, Any]:
    return {"procedure": {"needle_gauge": 22}, "caution_reasons": reasons.ALL}


def weight(side: Side) -> dict[str, Any]:
    return {"measured_on": side.today, "weight_kg": 80}


def harm(side: Side) -> dict[str, Any]:
    return {"onset_on": side.today, "category": "nerve", "outcome": "ongoing"}


def rating(side: Side) -> dict[str, Any]:
    return {"grade": 2, "relatedness": "probable"}


def ended(side: Side) -> dict[str, Any]:
    return {"outcome": "recovered", "resolved_on": side.today}


def why_paused(side: Side) -> dict[str, Any]:
    return {"reason": "The mail server moves"}


def spread(side: Side) -> dict[str, Any]:
    return {"spread": 120}


def spread_minutes(side: Side) -> dict[str, Any]:
    return {"spread_minutes": 120}


def recalled(side: Side) -> dict[str, Any]:
    return {"q": LOT, "purpose": "Notice of the maker"}


def list_of_patients(side: Side) -> dict[str, Any]:
    return {"file": SimpleUploadedFile("list.csv", importing.LIST.encode())}


def settings(side: Side) -> dict[str, Any]:
    names = {"name": side.clinic.name, "sender_name": "Lakeview", "phone": "5550100"}
    times = {"zone": "America/Chicago", "sends_from": "09:00", "sends_until": "19:00"}
    lines = {"emergency_en": "Call 911.", "emergency_es": "Llame al 911."}
    seen = {"seen": clinic_settings.stamp(side.clinic), "capture_target": 80}
    return {**names, **times, **lines, **seen}


def place(side: Side) -> dict[str, Any]:
    return {"name": "South"}


def closing(side: Side) -> dict[str, Any]:
    return {"first_on": side.today + timedelta(days=1), "name": "Inventory"}


def words(side: Side) -> dict[str, Any]:
    return {"subject": "From {clinic}", "body": "Please answer: {link}"}


def one_wording(channel: str, kind: str) -> Body:
    return lambda side: {"channel": channel, "kind": kind, "language": "en"}


def own_wording_seen(side: Side) -> dict[str, Any]:
    row = Wording.objects.get(clinic=side.clinic)
    return {"seen": editing.stamp(row)}


def phrase(side: Side) -> dict[str, Any]:
    return {"phrase": "blue kite"}


def columns(side: Side) -> dict[str, Any]:
    mapping = importing.mapping_of(side.patient_import)
    more = {"day_format": mapping.day_format, "without_mrn": "refuse"}
    return {**mapping.columns, **more}


def schedule(side: Side) -> dict[str, Any]:
    text = schedules.schedule(side.clinic, ("A1", side.patient.mrn, "09:20"))
    return {"file": SimpleUploadedFile("day.csv", text.encode())}


def letters(side: Side) -> dict[str, Any]:
    """Once this clinic's pause does not keep it back any more."""
    SendingPause.objects.filter(clinic=side.clinic).update(released_at=clock.now())
    return {"letters": side.letter.pk}


def letter_in_spanish(side: Side) -> dict[str, Any]:
    return {"language": "es", "added": "Gracias por su confianza."}


def what_for(side: Side) -> dict[str, Any]:
    return {"purpose": "Annual report"}


def looked_at(side: Side) -> dict[str, Any]:
    return {"act": "acknowledge"}


def what_was_done(side: Side) -> dict[str, Any]:
    return {"action": "called", "note": "Comes in on Tuesday"}


def later(side: Side) -> dict[str, Any]:
    return {"minutes": 60}


def no_number(side: Side) -> dict[str, Any]:
    return {"form": "minutes", "minutes-second_after_minutes": 20}


def switched_off(side: Side) -> dict[str, Any]:
    return {"step": "save"}


def of_patient(body: Body) -> Body:
    return lambda side: {**body(side), "patient": side.patient.pk}


def of_complaint(body: Body) -> Body:
    return lambda side: {**body(side), "complaint": side.complaint.pk}


TABLE: dict[str, Route] = {
    "account_login": public("get", "post", done=(200, 302), is_library=True),
    "account_logout": Route(
        (Call("get", done=(200, 302)), Call("post", done=(302,))),
        is_public=True,
        is_library=True,
    ),
    "account_signup": public("get", "post", done=(200, 302), is_library=True),
    "clinic:healthz": public("get"),
    "clinic:choose": get(None),
    "clinic:enter": Route((post(None),), "clinic"),
    "clinic:settings": form(Act.MANAGE_CLINIC, "", settings),
    "clinic:locations": form(Act.MANAGE_CLINIC, "", place),
    "clinic:rename_location": form(Act.MANAGE_CLINIC, "location", place),
    "clinic:closed_days": form(Act.MANAGE_CLINIC, "", closing),
    "clinic:add_holidays": act(
        Act.MANAGE_CLINIC, "", lambda side: {"year": side.today.year + 1}
    ),
    "clinic:remove_closed_day": act(Act.MANAGE_CLINIC, "closed_day"),
    "patients:list": get(Act.READ_PATIENTS),
    "patients:register": form(Act.WRITE_PATIENTS, "", registration_form),
    "patients:edit": form(Act.WRITE_PATIENTS, "patient", registration_form),
    "patients:imports": form(Act.IMPORT_PATIENTS, "", list_of_patients),
    "patients:import": form(Act.IMPORT_PATIENTS, "patient_import", columns),
    "patients:preview_import": Route(
        (post(Act.IMPORT_PATIENTS, columns, 200),), "patient_import"
    ),
    "patients:stop_import": Route((post(Act.IMPORT_PATIENTS),), "patient_import"),
    "patients:refused_rows": get(Act.IMPORT_PATIENTS, "patient_import"),
    "patients:import_appointments": form(Act.IMPORT_APPOINTMENTS, "", schedule),
    # Without a file that waits, each leads to handing one in.
    "patients:look_at_appointments": Route(
        (
            Call("get", Act.IMPORT_APPOINTMENTS, done=(302,)),
            post(Act.IMPORT_APPOINTMENTS),
        )
    ),
    "patients:preview_appointments": act(Act.IMPORT_APPOINTMENTS, ""),
    "patients:discard_appointments": act(Act.IMPORT_APPOINTMENTS, ""),
    "patients:caregivers": form(Act.WRITE_PATIENTS, "patient", caregiver),
    "patients:change_caregiver": form(Act.WRITE_PATIENTS, "caregiver", caregiver),
    "patients:consents": form(Act.WRITE_PATIENTS, "patient", agreed),
    "patients:asking": form(
        Act.WRITE_PATIENTS, "patient", lambda side: {"act": "hold", **hold(side)}
    ),
    "patients:merge": form(Act.MERGE_PATIENTS, "patient", merge_form),
    "patients:unmerge": Route((post(Act.MERGE_PATIENTS, absorbed),), "reunited"),
    "patients:open_complaint": form(Act.WRITE_COMPLAINTS, "patient", complaint),
    "patients:name_source": form(Act.DIAGNOSE, "complaint", source),
    "patients:diagnose": form(Act.DIAGNOSE, "complaint", diagnosis),
    "patients:revise_diagnosis": Route(
        (post(Act.DIAGNOSE, lambda side: {"certainty": "confirmed"}),), "diagnosis"
    ),
    "patients:icd10": get(Act.READ_CLINICAL),
    "patients:studies": get(Act.READ_CLINICAL),
    "patients:order_study": form(Act.RECORD_FINDINGS, "complaint", order),
    "patients:take_in_study": form(Act.RECORD_FINDINGS, "complaint", brought),
    "patients:study": get(Act.READ_CLINICAL, "study"),
    "patients:study_schedule": act(Act.RECORD_FINDINGS, "study", booking),
    "patients:study_done": act(Act.RECORD_FINDINGS, "study", performed_today),
    "patients:study_result": act(Act.RECORD_FINDINGS, "study", study_result),
    "patients:study_review": act(Act.SIGN_EVALUATIONS, "result"),
    "patients:study_cancel": act(Act.RECORD_FINDINGS, "study", reason),
    "patients:study_in_error": act(Act.SIGN_EVALUATIONS, "result", reason),
    "patients:study_owner": act(Act.RECORD_FINDINGS, "study", new_owner),
    "patients:attach_file": act(Act.RECORD_FINDINGS, "study", upload),
    "patients:study_file": get(Act.READ_CLINICAL, "study_file"),
    "patients:evaluate": get(Act.READ_CLINICAL, "complaint", post(Act.RECORD_FINDINGS)),
    "patients:evaluation": get(
        Act.READ_CLINICAL, "evaluation", post(Act.RECORD_FINDINGS, findings)
    ),
    "patients:evaluation_sign": Route(
        (post(Act.SIGN_EVALUATIONS),),
        "evaluation",
    ),
    "patients:evaluation_move": Route(
        (post(Act.RECORD_FINDINGS, lambda side: {"examined_on": side.today}),),
        "evaluation",
    ),
    "patients:evaluation_in_error": Route(
        (post(Act.SIGN_EVALUATIONS, lambda side: {"reason": "Another patient"}),),
        "evaluation",
    ),
    "patients:note": get(Act.READ_CLINICAL, "complaint"),
    "patients:note_file": get(Act.READ_CLINICAL, "complaint"),
    "patients:letter": get(Act.READ_CLINICAL, "complaint"),
    "patients:red_flags": get(Act.READ_CLINICAL),
    "patients:red_flag": get(
        Act.READ_CLINICAL, "red_flag", post(Act.ACT_ON_RED_FLAGS, action)
    ),
    "patients:baselines": get(
        Act.READ_CLINICAL, "patient", post(Act.ACT_ON_RED_FLAGS, baseline)
    ),
    "patients:end_baseline": Route((post(Act.ACT_ON_RED_FLAGS),), "baseline"),
    "patients:stop_clock": Route((post(Act.ACT_ON_RED_FLAGS, reason),), "complaint"),
    "plans:list": get(Act.READ_PLANS),
    "plans:interventions": get(Act.READ_PLANS),
    "plans:reports": get(Act.READ_PLANS),
    "plans:reports_file": get(Act.READ_PLANS),
    "plans:report_complaints": get(Act.READ_PLANS),
    "plans:protocols": get(Act.READ_PLANS),
    "plans:protocol": get(Act.READ_PLANS, "protocol"),
    "plans:protocol_compare": get(Act.READ_PLANS, "protocol"),
    "outcomes:simulate": get(Act.READ_PLANS, "protocol"),
    "plans:protocol_retire": act(Act.MANAGE_PROTOCOLS, "protocol"),
    "plans:protocol_bring_back": act(Act.MANAGE_PROTOCOLS, "retired_protocol"),
    "plans:protocol_move": form(Act.MANAGE_PROTOCOLS, "next_protocol", moved_plan),
    "plans:draft_begin": act(Act.MANAGE_PROTOCOLS, "protocol"),
    "plans:draft_new": form(Act.MANAGE_PROTOCOLS, "", new_protocol),
    "plans:draft": form(Act.MANAGE_PROTOCOLS, "draft", draft_form),
    "plans:draft_publish": form(Act.MANAGE_PROTOCOLS, "draft", publication),
    "plans:draft_discard": act(Act.MANAGE_PROTOCOLS, "draft"),
    "plans:start": form(Act.WRITE_PLANS, "complaint", plan),
    "plans:add": form(Act.WRITE_PLANS, "plan", added),
    "plans:move": form(Act.WRITE_PLANS, "plan", end),
    "plans:add_goal": form(Act.WRITE_PLANS, "plan", goal),
    "plans:adjust_goal": form(Act.WRITE_PLANS, "goal", goal_change),
    "plans:drop_goal": form(Act.WRITE_PLANS, "goal", reason),
    "plans:report_elsewhere": form(
        Act.RECORD_INTERVENTIONS, "complaint", had_elsewhere
    ),
    "plans:take_back_elsewhere": form(
        Act.RECORD_INTERVENTIONS, "treatment_elsewhere", reason
    ),
    "plans:perform": form(Act.RECORD_INTERVENTIONS, "intervention", done),
    "outcomes:asking": form(Act.WRITE_PLANS, "plan", reason),
    "plans:reschedule": form(Act.WRITE_PLANS, "intervention", another_day),
    "plans:cancel": form(Act.WRITE_PLANS, "intervention", reason),
    "plans:passport": get(Act.READ_PLANS, "performed"),
    "plans:procedure_note": get(Act.READ_PLANS, "performed"),
    "plans:procedure_note_file": get(Act.READ_PLANS, "performed"),
    "plans:plan_again": form(Act.WRITE_PLANS, "cancelled", lambda side: {}),
    "plans:take_back": form(Act.RECORD_INTERVENTIONS, "performed", reason),
    "plans:intervention": get(Act.READ_PLANS, "intervention"),
    "plans:details": form(Act.RECORD_INTERVENTIONS, "performed", gauge),
    "plans:measure": form(Act.RECORD_INTERVENTIONS, "habits", weight),
    "plans:report_harm": form(Act.REPORT_HARM, "patient", harm),
    "plans:adverse_event": get(Act.READ_PLANS, "adverse_event"),
    "plans:adverse_event_rate": act(Act.RATE_HARM, "adverse_event", rating),
    "plans:adverse_event_amend": act(Act.REPORT_HARM, "adverse_event", harm),
    "plans:adverse_event_close": act(Act.RATE_HARM, "adverse_event", ended),
    "plans:adverse_event_reopen": act(Act.RATE_HARM, "closed_event", reason),
    "plans:adverse_event_take_back": act(Act.RATE_HARM, "adverse_event", reason),
    "outcomes:baseline": form(Act.RECORD_INTERVENTIONS, "baseline_asked", three_taps),
    "outcomes:clinician_part": form(Act.RECORD_FINDINGS, "examination", examined),
    "outcomes:baseline_of": Route(
        (Call("get", Act.RECORD_INTERVENTIONS, done=(302,)),), "intervention"
    ),
    # Leads to what the role can see, or to the choice of a clinic.
    "outcomes:alerts": get(Act.READ_ALERTS),
    "outcomes:alert": get(
        Act.READ_ALERTS, "alert", post(Act.ACKNOWLEDGE_ALERTS, looked_at)
    ),
    "outcomes:alert_rules": get(Act.READ_ALERTS),
    "outcomes:alert_rule": Route(
        form(Act.SET_ALERTS, "", switched_off).calls,
        parts=lambda side: {"key": "free_text"},
    ),
    "outcomes:rota": get(Act.READ_ALERTS, "", post(Act.SET_ALERTS, no_number)),
    "outcomes:remove_shift": act(Act.SET_ALERTS, "shift"),
    "api:alert-list": get(Act.READ_ALERTS),
    "api:alert-detail": get(Act.READ_ALERTS, "alert"),
    "api:alert-acknowledge": act(Act.ACKNOWLEDGE_ALERTS, "alert", done=200),
    "api:alert-act": act(Act.ACT_ON_ALERTS, "alert", what_was_done, 200),
    "api:alert-notes": act(Act.ACT_ON_ALERTS, "alert", note, 201),
    "api:alert-close": act(Act.ACT_ON_ALERTS, "alert", note, 200),
    "api:alert-snooze": act(Act.ACT_ON_ALERTS, "alert", later, 200),
    "outcomes:today": Route((Call("get", done=(200, 302)),)),
    "outcomes:patient": get(Act.READ_PATIENTS, "patient"),
    "outcomes:plan": get(Act.READ_PLANS, "plan"),
    "outcomes:population": get(Act.READ_COHORT),
    "outcomes:missing": get(Act.READ_ANSWERS),
    "outcomes:outcome_list": get(Act.READ_ANSWERS),
    "outcomes:exports": form(Act.EXPORT_OUTCOMES, "", what_for),
    "outcomes:export": get(Act.EXPORT_OUTCOMES, "export"),
    "outcomes:export_file": get(Act.EXPORT_OUTCOMES, "export"),
    "outcomes:capture": get(Act.READ_CAPTURE),
    "outcomes:capture_list": get(Act.READ_FOLLOW_UPS),
    "outcomes:important_change": get(Act.READ_COHORT),
    "outcomes:sources": get(Act.READ_CLINICAL),
    "outcomes:source_complaints": get(Act.READ_CLINICAL),
    "outcomes:courses": get(Act.READ_ANSWERS, "patient"),
    "outcomes:summary": get(Act.READ_ANSWERS, "patient"),
    "outcomes:summary_pdf": get(Act.READ_ANSWERS, "patient"),
    "outcomes:glance": get(Act.READ_ANSWERS, "patient"),
    "outcomes:outcome_letter": get(
        Act.READ_ANSWERS, "plan", post(Act.READ_ANSWERS, letter_in_spanish, 200)
    ),
    "outcomes:outcome_letter_pdf": get(
        Act.READ_ANSWERS, "plan", post(Act.READ_ANSWERS, letter_in_spanish, 200)
    ),
    # Of so few patients there is no sheet, and it says so.
    "outcomes:consent_sheet": Route(
        (Call("get", Act.READ_ANSWERS, done=(409,)),), "intervention"
    ),
    "outcomes:consent_sheet_pdf": Route(
        (Call("get", Act.READ_ANSWERS, done=(409,)),), "intervention"
    ),
    "outcomes:repeat_injection": get(Act.READ_ANSWERS, "performed"),
    "outcomes:adverse_events": get(Act.READ_PLANS),
    "outcomes:adverse_events_csv": get(Act.READ_PLANS),
    "outcomes:recall": get(Act.READ_PLANS),
    "outcomes:recall_contacts": act(Act.READ_PLANS, "", recalled, 200),
    "outcomes:follow_ups": get(Act.READ_FOLLOW_UPS),
    "outcomes:operations": get(Act.READ_FOLLOW_UPS),
    "outcomes:failed_messages": get(Act.READ_FOLLOW_UPS),
    "outcomes:pause_messages": act(Act.PAUSE_MESSAGES, "", why_paused),
    "outcomes:release_messages": act(Act.PAUSE_MESSAGES, "", spread),
    "outcomes:check": Route(
        (Call("get", Act.MANAGE_CLINIC),), parts=lambda side: {"key": "overdue"}
    ),
    # No tick has ended in a test.
    "outcomes:scheduler_health": public("get", done=(503,)),
    "outcomes:metrics": public("get"),
    "outcomes:answer_here": get(
        Act.SEND_LINKS, "patient", post(Act.SEND_LINKS, by_qr, 200)
    ),
    "outcomes:tablets": get(
        Act.MANAGE_CLINIC, "", post(Act.MANAGE_CLINIC, new_tablet, 200)
    ),
    "outcomes:tablet_renew": act(Act.MANAGE_CLINIC, "tablet", done=200),
    "outcomes:tablet_revoke": act(Act.MANAGE_CLINIC, "tablet"),
    "outcomes:tablet_take_off": act(Act.SEND_LINKS, "tablet"),
    "outcomes:block_diary": get(
        Act.READ_ANSWERS, "block", post(Act.RECORD_INTERVENTIONS, needle_at, 200)
    ),
    "outcomes:close_block_diary": act(Act.RECORD_INTERVENTIONS, "block"),
    "outcomes:diary_enter": public("get", "post", parts=lambda side: {"token": "x"}),
    "outcomes:diary": public("get", "post", done=(403,)),
    # A device that is no tablet is asked for its code, or led to where it is.
    "outcomes:tablet": public("get", "post"),
    "outcomes:tablet_leave": public("post", done=(302,)),
    "outcomes:tablet_code": public("get", "post", done=(302,)),
    "outcomes:tablet_thanks": public(
        "get", done=(302,), parts=lambda side: {"language": "es"}
    ),
    "outcomes:tablet_enrol": public("get", "post"),
    "outcomes:tablet_new": public(
        "get", "post", parts=lambda side: {"code": "AAAA-AAAA"}
    ),
    "outcomes:act_on_follow_ups": act(Act.CALL_PATIENTS, "", given_back),
    "outcomes:reassign": form(Act.ASSIGN_TASKS, "", handed_over),
    "outcomes:sent": get(
        Act.READ_FOLLOW_UPS, "", post(Act.READ_FOLLOW_UPS, number, 200)
    ),
    "outcomes:call": form(Act.CALL_PATIENTS, "to_call", no_answer),
    "outcomes:answers": get(Act.READ_ANSWERS, "follow_up"),
    "outcomes:enter_answers": form(Act.ENTER_ANSWERS, "to_call", said_by_phone),
    "outcomes:print_paper": form(Act.SEND_LINKS, "to_call", in_english),
    "outcomes:paper_form": get(Act.SEND_LINKS, "paper_form"),
    "outcomes:find_paper": get(
        Act.ENTER_ANSWERS, "", post(Act.ENTER_ANSWERS, code_of_sheet)
    ),
    "outcomes:call_refused": form(Act.CALL_PATIENTS, "to_call", stop),
    "outcomes:call_died": form(Act.CALL_PATIENTS, "to_call", lambda side: {}),
    "outcomes:new_link": Route((post(Act.SEND_LINKS),), "survey"),
    "outcomes:mailbox": get(Act.READ_MAILBOX),
    "outcomes:wordings": get(Act.WRITE_WORDING),
    "outcomes:wording": Route(
        (Call("get", Act.WRITE_WORDING), post(Act.WRITE_WORDING, words)),
        parts=one_wording("email", "invitation"),
    ),
    "outcomes:wording_reset": Route(
        (post(Act.WRITE_WORDING, own_wording_seen),),
        parts=one_wording("sms", "reminder"),
    ),
    "outcomes:inbox": get(Act.CALL_PATIENTS),
    "outcomes:inbox_read": act(Act.CALL_PATIENTS, "inbound"),
    "outcomes:letters": get(Act.SEND_LINKS),
    "outcomes:print_letters": get(Act.SEND_LINKS),
    "outcomes:print_letter": get(Act.SEND_LINKS, "letter"),
    "outcomes:letters_printed": act(Act.SEND_LINKS, "", letters),
    # Programs come here, and what is not signed is refused.
    "outcomes:sms_status": public(
        "post", done=(403,), parts=lambda side: {"provider": "twilio"}
    ),
    "outcomes:sms_inbound": public(
        "post", done=(403,), parts=lambda side: {"provider": "twilio"}
    ),
    "outcomes:email_inbound": public("post", done=(403,)),
    # Nothing is sent by it here.
    "outcomes:esp_tracking": public(
        "post", done=(404,), parts=lambda side: {"provider": "postmark"}
    ),
    "outcomes:esp_inbound": public(
        "post", done=(404,), parts=lambda side: {"provider": "postmark"}
    ),
    "outcomes:enter": public("get", "post", parts=lambda side: {"token": "x" * 22}),
    # Without the date of birth nobody gets further, signed in or not.
    "outcomes:survey": public("get", done=(403,)),
    "outcomes:question": public(
        "get", "post", done=(403,), parts=lambda side: {"number": 1}
    ),
    "outcomes:intake_step": public(
        "get", "post", done=(403,), parts=lambda side: {"number": 1}
    ),
    "outcomes:question_urgent": public(
        "get", done=(403,), parts=lambda side: {"number": 1}
    ),
    "outcomes:intake_urgent": public(
        "get", done=(403,), parts=lambda side: {"number": 1}
    ),
    "outcomes:ask_intake": act(Act.RECORD_FINDINGS, "complaint"),
    "outcomes:review_intake": Route((post(Act.RECORD_FINDINGS),), "intake"),
    "outcomes:stop_emails": public(
        "get", "post", parts=lambda side: {"token": "x" * 43}
    ),
    "outcomes:own_page": public("get", done=(403,)),
    "outcomes:own_settings": public("get", "post", done=(403,)),
    "outcomes:own_phrase": public("get", "post", done=(403,)),
    "outcomes:own_stop": public("get", "post", done=(403,)),
    "outcomes:own_data": public("get", done=(403,)),
    "outcomes:own_file": public("get", done=(403,)),
    "outcomes:own_card": public("get", done=(403,)),
    "outcomes:checkout_card": get(
        Act.READ_PATIENTS, "patient", post(Act.WRITE_PATIENTS, phrase)
    ),
    "outcomes:close_own_page": public("post"),
    "outcomes:thank_you": public(
        "get", parts=lambda side: {"clinic_id": side.clinic.pk, "language": "en"}
    ),
    "api:schema": get(None),
    "api:contents": get(None),
    "api:docs": get(None),
    "api:cohort": Route(
        (Call("get", Act.READ_COHORT, lambda side: {"measure": side.measure.key}),)
    ),
    "api:outcome-export-list": get(
        Act.EXPORT_OUTCOMES, "", post(Act.EXPORT_OUTCOMES, what_for, 201)
    ),
    "api:outcome-export-detail": get(Act.EXPORT_OUTCOMES, "export"),
    "api:outcome-export-file": get(Act.EXPORT_OUTCOMES, "export"),
    "api:capture": get(Act.READ_CAPTURE),
    "api:capture-follow-ups": get(Act.READ_FOLLOW_UPS),
    "api:missing": get(Act.READ_ANSWERS),
    "api:providers": get(Act.READ_ANSWERS),
    "api:important-change": get(Act.READ_COHORT),
    "api:sources-report": get(Act.READ_CLINICAL),
    "api:sources-report-complaints": get(Act.READ_CLINICAL),
    "api:patient-list": get(
        Act.READ_PATIENTS, "", post(Act.WRITE_PATIENTS, registration, 201)
    ),
    "api:patient-detail": get(
        Act.READ_PATIENTS,
        "patient",
        Call("patch", Act.WRITE_PATIENTS, lambda side: {"given_name": "Ada"}),
    ),
    "api:patient-hold": Route((post(Act.WRITE_PATIENTS, hold, 200),), "patient"),
    "api:patient-release-hold": Route((post(Act.WRITE_PATIENTS, done=200),), "held"),
    "api:patient-withdraw": Route(
        (post(Act.WRITE_PATIENTS, why("asked"), 200),), "patient"
    ),
    "api:patient-take-back-withdrawal": Route(
        (post(Act.WRITE_PATIENTS, why("slip"), 200),), "withdrawn"
    ),
    "api:patient-confirm-death": Route(
        (post(Act.CONFIRM_DEATHS, done=200),), "deceased"
    ),
    "api:patient-reverse-death": Route(
        (post(Act.CONFIRM_DEATHS, why("alive"), 200),), "deceased"
    ),
    "api:patient-merge": Route((post(Act.MERGE_PATIENTS, twin, 200),), "patient"),
    "api:patient-unmerge": Route(
        (post(Act.MERGE_PATIENTS, absorbed, 200),), "reunited"
    ),
    "api:caregiver-list": get(
        Act.READ_PATIENTS,
        "",
        post(Act.WRITE_PATIENTS, of_patient(caregiver), 201),
    ),
    "api:caregiver-detail": get(
        Act.READ_PATIENTS,
        "caregiver",
        Call("patch", Act.WRITE_PATIENTS, lambda side: {"name": "Luis"}),
    ),
    "api:consent-list": get(
        Act.READ_PATIENTS,
        "",
        post(Act.WRITE_PATIENTS, of_patient(consent), 201),
    ),
    "api:consent-detail": get(Act.READ_PATIENTS, "consent"),
    "api:consent-withdraw": Route((post(Act.WRITE_PATIENTS, done=200),), "consent"),
    "api:import-list": get(
        Act.IMPORT_PATIENTS,
        "",
        Call(
            "post", Act.IMPORT_PATIENTS, list_of_patients, done=(201,), is_upload=True
        ),
    ),
    "api:import-detail": get(Act.IMPORT_PATIENTS, "patient_import"),
    "api:import-preview": act(Act.IMPORT_PATIENTS, "patient_import", done=200),
    "api:import-start": act(Act.IMPORT_PATIENTS, "patient_import", done=200),
    "api:import-stop": act(Act.IMPORT_PATIENTS, "patient_import", done=200),
    "api:import-refused": get(Act.IMPORT_PATIENTS, "patient_import"),
    "api:settings": Route(
        (
            Call("get", Act.MANAGE_CLINIC),
            Call("patch", Act.MANAGE_CLINIC, lambda side: {"phone": "312 555 0100"}),
        )
    ),
    "api:closed-day-list": get(
        Act.MANAGE_CLINIC, "", post(Act.MANAGE_CLINIC, closing, 201)
    ),
    "api:closed-day-detail": get(Act.MANAGE_CLINIC, "closed_day"),
    "api:closed-day-remove": act(Act.MANAGE_CLINIC, "closed_day", done=204),
    "api:wordings": get(Act.WRITE_WORDING),
    "api:wording": Route(
        (
            Call("get", Act.WRITE_WORDING),
            Call("patch", Act.WRITE_WORDING, lambda side: words(side) | {"seen": ""}),
        ),
        parts=one_wording("email", "invitation"),
    ),
    "api:letter-list": get(Act.SEND_LINKS),
    "api:letter-detail": get(Act.SEND_LINKS, "letter"),
    "api:protocol-simulate": get(Act.READ_PLANS, "protocol"),
    "api:today": get(Act.READ_FOLLOW_UPS),
    "api:appointment-list": get(Act.READ_PATIENTS),
    "api:appointment-detail": get(Act.READ_PATIENTS, "appointment"),
    "api:appointment-import": Route(
        (Call("post", Act.IMPORT_APPOINTMENTS, schedule, is_upload=True),)
    ),
    "api:complaint-list": get(
        Act.READ_CLINICAL,
        "",
        post(Act.WRITE_COMPLAINTS, of_patient(complaint), 201),
    ),
    "api:complaint-detail": get(Act.READ_CLINICAL, "complaint"),
    "api:complaint-note": get(Act.READ_CLINICAL, "complaint"),
    "api:complaint-letter": get(Act.READ_CLINICAL, "complaint"),
    "api:complaint-sources": Route((post(Act.DIAGNOSE, source, 201),), "complaint"),
    "api:diagnosis-list": get(
        Act.READ_CLINICAL, "", post(Act.DIAGNOSE, of_complaint(diagnosis), 201)
    ),
    "api:diagnosis-detail": get(Act.READ_CLINICAL, "diagnosis"),
    "api:evaluation-list": get(
        Act.READ_CLINICAL,
        "",
        post(Act.RECORD_FINDINGS, lambda side: {"complaint": side.complaint.pk}, 201),
    ),
    "api:evaluation-detail": get(Act.READ_CLINICAL, "evaluation"),
    "api:evaluation-record": Route(
        (post(Act.RECORD_FINDINGS, entries, 200),), "evaluation"
    ),
    "api:evaluation-normal": Route(
        (post(Act.RECORD_FINDINGS, lambda side: {"block": "reflexes"}, 200),),
        "evaluation",
    ),
    "api:evaluation-sign": Route((post(Act.SIGN_EVALUATIONS, done=200),), "evaluation"),
    "api:evaluation-enter-in-error": Route(
        (post(Act.SIGN_EVALUATIONS, lambda side: {"reason": "Another patient"}, 200),),
        "evaluation",
    ),
    "api:evaluation-checklist": get(Act.READ_CLINICAL, "evaluation"),
    "api:catalogue": get(Act.READ_CLINICAL),
    "api:complaint-stop-clock": Route(
        (post(Act.ACT_ON_RED_FLAGS, reason, 200),), "complaint"
    ),
    "api:red-flag-list": get(Act.READ_CLINICAL),
    "api:red-flag-detail": get(Act.READ_CLINICAL, "red_flag"),
    "api:red-flag-acknowledge": Route(
        (post(Act.ACT_ON_RED_FLAGS, action, 200),), "red_flag"
    ),
    "api:red-flag-notes": Route((post(Act.ACT_ON_RED_FLAGS, note, 201),), "red_flag"),
    "api:red-flag-close": Route((post(Act.ACT_ON_RED_FLAGS, note, 200),), "acted_flag"),
    "api:baseline-list": get(
        Act.READ_CLINICAL, "", post(Act.ACT_ON_RED_FLAGS, of_patient(baseline), 201)
    ),
    "api:baseline-detail": get(Act.READ_CLINICAL, "baseline"),
    "api:baseline-end": Route((post(Act.ACT_ON_RED_FLAGS, done=200),), "baseline"),
    "api:diagnosis-revise": act(
        Act.DIAGNOSE, "diagnosis", lambda side: {"certainty": "confirmed"}, 200
    ),
    "api:source-list": get(Act.READ_CLINICAL),
    "api:source-detail": get(Act.READ_CLINICAL, "hypothesis"),
    "api:study-list": get(
        Act.READ_CLINICAL, "", post(Act.RECORD_FINDINGS, of_complaint(order), 201)
    ),
    "api:study-detail": get(Act.READ_CLINICAL, "study"),
    "api:study-brought": act(Act.RECORD_FINDINGS, "", of_complaint(brought), 201),
    "api:study-schedule": act(Act.RECORD_FINDINGS, "study", booking, 200),
    "api:study-done": act(Act.RECORD_FINDINGS, "study", performed_today, 200),
    "api:study-result": act(Act.RECORD_FINDINGS, "study", study_result, 200),
    "api:study-review": act(Act.SIGN_EVALUATIONS, "result", done=200),
    "api:study-cancel": act(Act.RECORD_FINDINGS, "study", reason, 200),
    "api:study-in-error": act(Act.SIGN_EVALUATIONS, "result", reason, 200),
    "api:study-hand-over": act(Act.RECORD_FINDINGS, "study", new_owner, 200),
    "api:study-files": Route(
        (Call("post", Act.RECORD_FINDINGS, upload, (201,), is_upload=True),), "study"
    ),
    "api:study-file-list": get(Act.READ_CLINICAL),
    "api:study-file-detail": get(Act.READ_CLINICAL, "study_file"),
    "api:study-file-content": get(Act.READ_CLINICAL, "study_file"),
    "api:plan-report": get(Act.READ_PLANS),
    "api:protocol-list": get(Act.READ_PLANS),
    "api:protocol-detail": get(Act.READ_PLANS, "protocol"),
    "api:protocol-compare": Route(
        (Call("get", Act.READ_PLANS, next_version),), "protocol"
    ),
    "api:protocol-retire": act(Act.MANAGE_PROTOCOLS, "protocol", done=200),
    "api:protocol-bring-back": act(Act.MANAGE_PROTOCOLS, "retired_protocol", done=200),
    "api:protocol-plans-to-move": get(Act.MANAGE_PROTOCOLS, "next_protocol"),
    "api:protocol-move-plans": act(
        Act.MANAGE_PROTOCOLS, "next_protocol", moved_plans, 200
    ),
    "api:protocol-draft-list": get(
        Act.MANAGE_PROTOCOLS, "", post(Act.MANAGE_PROTOCOLS, new_protocol, 201)
    ),
    "api:protocol-draft-detail": get(Act.MANAGE_PROTOCOLS, "draft"),
    "api:protocol-draft-save": act(Act.MANAGE_PROTOCOLS, "draft", draft_content, 200),
    "api:protocol-draft-publish": act(Act.MANAGE_PROTOCOLS, "draft", publication, 201),
    "api:protocol-draft-discard": act(Act.MANAGE_PROTOCOLS, "draft", done=204),
    "api:plan-list": get(
        Act.READ_PLANS, "", post(Act.WRITE_PLANS, of_complaint(plan), 201)
    ),
    "api:plan-detail": get(Act.READ_PLANS, "plan"),
    "api:plan-attainment": get(Act.READ_PLANS, "plan"),
    "api:plan-timeline": get(Act.READ_PLANS, "plan"),
    "api:plan-preview": act(Act.WRITE_PLANS, "", of_complaint(plan), 200),
    "api:plan-draft": act(Act.WRITE_PLANS, "", of_complaint(plan), 201),
    "api:plan-move": act(Act.WRITE_PLANS, "plan", end, 200),
    "api:plan-preview-move": act(Act.WRITE_PLANS, "plan", end, 200),
    "api:intervention-list": get(
        Act.READ_PLANS, "", post(Act.WRITE_PLANS, added_to_plan, 201)
    ),
    "api:intervention-preview-reschedule": act(
        Act.WRITE_PLANS, "intervention", just_day, 200
    ),
    "api:intervention-preview-perform": act(
        Act.RECORD_INTERVENTIONS, "intervention", performed_today, 200
    ),
    "api:intervention-preview-cancel": act(Act.WRITE_PLANS, "intervention", done=200),
    "api:intervention-preview-plan-again": act(Act.WRITE_PLANS, "cancelled", done=200),
    "api:intervention-preview-take-back": act(
        Act.RECORD_INTERVENTIONS, "performed", done=200
    ),
    "api:intervention-reschedule": act(Act.WRITE_PLANS, "intervention", just_day, 200),
    "api:intervention-cancel": act(Act.WRITE_PLANS, "intervention", reason, 200),
    "api:intervention-plan-again": act(Act.WRITE_PLANS, "cancelled", done=200),
    "api:intervention-take-back": act(
        Act.RECORD_INTERVENTIONS, "performed", reason, 200
    ),
    "api:intervention-passport": get(Act.READ_PLANS, "performed"),
    "api:intervention-note": get(Act.READ_PLANS, "performed"),
    "api:intervention-detail": get(Act.READ_PLANS, "intervention"),
    "api:intervention-perform": Route(
        (post(Act.RECORD_INTERVENTIONS, done_by_api, 200),), "intervention"
    ),
    "api:episode-list": get(Act.READ_PLANS),
    "api:episode-detail": get(Act.READ_PLANS, "episode"),
    "api:episode-end": act(Act.WRITE_PLANS, "episode", reason, 200),
    "api:episode-resume": act(Act.WRITE_PLANS, "ended_episode", done=200),
    "api:intervention-record-details": Route(
        (post(Act.RECORD_INTERVENTIONS, needle, 200),), "performed"
    ),
    "api:intervention-measure": Route(
        (post(Act.RECORD_INTERVENTIONS, weight, 200),), "habits"
    ),
    "api:intervention-usual": get(Act.RECORD_INTERVENTIONS, "intervention"),
    "api:intervention-repeat": get(Act.READ_ANSWERS, "performed"),
    "api:adverse-event-denominators": get(Act.READ_PLANS),
    "api:adverse-event-list": get(
        Act.READ_PLANS, "", post(Act.REPORT_HARM, of_patient(harm), 201)
    ),
    "api:adverse-event-detail": get(Act.READ_PLANS, "adverse_event"),
    "api:adverse-event-amend": act(Act.REPORT_HARM, "adverse_event", harm, 200),
    "api:adverse-event-rate": act(Act.RATE_HARM, "adverse_event", rating, 200),
    "api:adverse-event-close": act(Act.RATE_HARM, "adverse_event", ended, 200),
    "api:adverse-event-reopen": act(Act.RATE_HARM, "closed_event", reason, 200),
    "api:adverse-event-take-back": act(Act.RATE_HARM, "adverse_event", reason, 200),
    "api:recall": Route((Call("get", Act.READ_PLANS, lambda side: {"q": LOT}),)),
    "api:recall-contacts": act(Act.READ_PLANS, "", recalled, 200),
    "api:intervention-cautions": get(Act.READ_CLINICAL, "intervention"),
    "api:goal-list": get(Act.READ_PLANS, "", post(Act.WRITE_PLANS, goal_of_plan, 201)),
    "api:goal-detail": get(Act.READ_PLANS, "goal"),
    "api:goal-adjust": act(Act.WRITE_PLANS, "goal", goal_change, 200),
    "api:goal-drop": act(Act.WRITE_PLANS, "goal", reason, 200),
    "api:treatment-elsewhere-list": get(
        Act.READ_PLANS,
        "",
        post(Act.RECORD_INTERVENTIONS, of_complaint(had_elsewhere), 201),
    ),
    "api:treatment-elsewhere-detail": get(Act.READ_PLANS, "treatment_elsewhere"),
    "api:treatment-elsewhere-take-back": act(
        Act.RECORD_INTERVENTIONS, "treatment_elsewhere", reason, 200
    ),
    "api:sending-pause-list": get(
        Act.READ_FOLLOW_UPS, "", post(Act.PAUSE_MESSAGES, why_paused, 201)
    ),
    "api:sending-pause-detail": get(Act.READ_FOLLOW_UPS, "sending_pause"),
    "api:sending-pause-release": act(Act.PAUSE_MESSAGES, "", spread_minutes, 200),
    "outcomes:instruments": get(Act.MANAGE_PROTOCOLS),
    "outcomes:instrument_bring": form(Act.MANAGE_PROTOCOLS, "", brought_file),
    "outcomes:instrument_draft": get(Act.MANAGE_PROTOCOLS, "instrument_draft"),
    "outcomes:instrument_draft_phone": get(
        Act.MANAGE_PROTOCOLS,
        "instrument_draft",
        Call("post", Act.MANAGE_PROTOCOLS, is_played=True),
    ),
    "outcomes:instrument_draft_score": act(
        Act.MANAGE_PROTOCOLS, "instrument_draft", own_score
    ),
    "outcomes:instrument_draft_score_file": act(
        Act.MANAGE_PROTOCOLS, "instrument_draft", scoring_file
    ),
    "outcomes:instrument_draft_publish": act(
        Act.MANAGE_PROTOCOLS, "instrument_draft", statement
    ),
    "outcomes:instrument_draft_discard": act(Act.MANAGE_PROTOCOLS, "instrument_draft"),
    "outcomes:instrument": get(Act.MANAGE_PROTOCOLS, "instrument"),
    "outcomes:instrument_phone": get(
        Act.MANAGE_PROTOCOLS,
        "instrument",
        Call("post", Act.MANAGE_PROTOCOLS, is_played=True),
    ),
    "outcomes:instrument_use": act(
        Act.MANAGE_PROTOCOLS, "instrument", lambda side: {"slot": "foot_licensed"}
    ),
    "outcomes:instrument_export": get(Act.MANAGE_PROTOCOLS, "instrument"),
    "outcomes:instrument_use_end": act(Act.MANAGE_PROTOCOLS, "instrument_use"),
    "api:instrument-list": get(Act.READ_ANSWERS),
    "api:instrument-detail": get(Act.READ_ANSWERS, "instrument"),
    "api:instrument-versions": get(Act.READ_ANSWERS, "instrument"),
    "api:instrument-questionnaire": get(Act.READ_ANSWERS, "instrument"),
    "api:instrument-bring": Route(
        (Call("post", Act.MANAGE_PROTOCOLS, brought_file, (201,), is_upload=True),)
    ),
    "api:measure-list": get(Act.READ_COHORT),
    "api:measure-detail": get(Act.READ_COHORT, "measure"),
    "api:intake-list": get(
        Act.READ_CLINICAL,
        "",
        post(Act.RECORD_FINDINGS, of_complaint(lambda side: {}), 201),
    ),
    "api:intake-detail": get(Act.READ_CLINICAL, "intake"),
    "api:intake-review": act(Act.RECORD_FINDINGS, "intake", done=200),
    "api:inbound-message-list": get(Act.CALL_PATIENTS),
    "api:inbound-message-detail": get(Act.CALL_PATIENTS, "inbound"),
    "api:inbound-message-read": act(Act.CALL_PATIENTS, "inbound", done=200),
    "api:follow-up-list": get(Act.READ_FOLLOW_UPS),
    "api:follow-up-detail": get(Act.READ_FOLLOW_UPS, "follow_up"),
    "api:worklist-list": get(Act.READ_FOLLOW_UPS),
    "api:worklist-detail": get(Act.READ_FOLLOW_UPS, "to_call"),
    "api:follow-up-work-call": act(Act.CALL_PATIENTS, "to_call", no_answer, 201),
    "api:follow-up-work-refuse": act(Act.CALL_PATIENTS, "to_call", stop, 201),
    "api:follow-up-work-assign": act(
        Act.CALL_PATIENTS, "to_call", lambda side: {"to": None}, 200
    ),
    "api:staff-task-list": get(Act.READ_FOLLOW_UPS),
    "api:staff-task-detail": get(Act.READ_FOLLOW_UPS, "staff_task"),
    "api:follow-up-baseline": get(
        Act.RECORD_INTERVENTIONS,
        "baseline_asked",
        post(Act.RECORD_INTERVENTIONS, three_answers, 201),
    ),
    "api:follow-up-part-examination": get(
        Act.RECORD_FINDINGS,
        "examination",
        post(Act.RECORD_FINDINGS, examined_values, 201),
    ),
    "api:response-list": get(Act.READ_ANSWERS),
    "api:response-detail": get(Act.READ_ANSWERS, "response"),
}


def is_api(name: str) -> bool:
    return name.startswith("api:") and name != "api:docs"


def leads_to_choice(name: str, role: str) -> bool:
    """Rule 5; the choice itself and the way out stay open."""
    is_open = name in {"clinic:healthz", "clinic:choose", "clinic:enter", "api:docs"}
    return role == NO_CLINIC and not is_api(name) and not is_open


def expected(name: str, call: Call, role: str, side: Side) -> tuple[int, ...]:
    """What the rules say for a role at an address of its own clinic."""
    route, acts = TABLE[name], access.CAPABILITIES.get(role, frozenset())
    if leads_to_choice(name, role):
        return (302,)
    if route.row == "clinic":
        return (404,) if role == NO_CLINIC else call.done
    if route.row:
        rows = type(getattr(side, route.row)).objects.all()
        if rows.act_to_read not in acts:
            return (404,)
    if call.act is not None and call.act not in acts:
        return (403,)
    return call.done
