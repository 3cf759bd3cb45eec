"""A clinic's own questionnaire, from the file to a score that can be reckoned again."""

import io
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import connection

from clinic import clock
from clinic.access import Role
from clinic.models import AuditEvent
from outcomes.alerts import raising
from outcomes.instruments import definitions
from outcomes.models import (
    Alert,
    Answer,
    Instrument,
    InstrumentDraft,
    Measure,
    Response,
    Score,
    SurveyRequest,
)
from outcomes.own_instruments import drafts, publishing, uses
from outcomes.survey import questionnaire, rescoring, sending, submissions
from plans.protocols import measures
from tests import answering, courses, factories
from tests.outcomes import own_questionnaires

pytestmark = pytest.mark.django_db
OWN = {"up": Decimal(2), "why": Decimal(1), "down": Decimal(3)}


@pytest.fixture
def complaint():
    return factories.make_complaint(factories.make_patient(factories.make_clinic()))


@pytest.fixture
def used(complaint, provider_of):
    instrument = own_questionnaires.publish(complaint.clinic, by=provider_of)
    use_everywhere(instrument, by=provider_of)
    return instrument


def use_everywhere(instrument, *, sites=(), by) -> None:
    """In every slot, as time points ask for different ones."""
    for slot in measures.slots():
        uses.begin(instrument, slot=slot, sites=sites, by=by)


def end_uses(complaint, *, by) -> None:
    for use in uses.of(complaint.clinic):
        uses.end(use, by=by)


@pytest.fixture
def provider_of(complaint):
    return factories.make_user(complaint.clinic, Role.ADMIN)


def asked_for_slot(complaint) -> SurveyRequest:
    return courses.asked(complaint, days=90)


def answer_all(request: SurveyRequest) -> None:
    """Own questions as OWN says, the others with their lowest answer."""
    now = clock.now()
    submissions.begin(request, at=now)
    for _ in range(80):
        sheet = questionnaire.read(request)
        number = sheet.first_unanswered
        if number is None:
            break
        question = sheet.questions[number - 1]
        if question.family:
            given = {question.item.link_id: OWN[question.item.link_id]}
        else:
            given = answering.given(question, Decimal(min(question.item.values or [0])))
        submissions.save_answer(request, question, given, language="en", at=now)
    sending.accept(request, at=now)


def test_a_slot_opens_a_second_response_whose_answers_are_scored(complaint, used):
    request = asked_for_slot(complaint)
    answer_all(request)
    own = Response.objects.get(follow_up__request=request, instrument=used)
    assert own.state == Response.State.SEALED
    assert Response.objects.filter(follow_up=own.follow_up).count() == 2
    given = own.answers.values_list("link_id", "value")
    assert dict(given) == OWN
    score = Score.objects.get(response=own)
    assert (score.measure.key, score.value) == ("stairs_total", 2 + (10 - 3))
    assert score.measure.origin == Measure.Origin.CLINIC
    own.follow_up.refresh_from_db()
    assert own.follow_up.answered_at is not None


def test_an_own_questionnaire_corrects_no_alert_of_what_ships(complaint, used):
    request = asked_for_slot(complaint)
    submissions.begin(request, at=clock.now())
    shipped, own = request.responses.order_by("revision")
    (alert,) = raising.response_sealed(shipped, [], at=clock.now(), words="It aches.")
    raising.response_sealed(own, [], at=clock.now(), words="It clicks.")
    assert [event.kind for event in alert.events.all()] == ["raised"]
    assert Alert.objects.filter(rule="free_text").count() == 2


def test_a_question_that_hangs_on_another_is_asked_in_its_turn(complaint, used):
    request = asked_for_slot(complaint)
    submissions.begin(request, at=clock.now())
    asked = [q.key for q in questionnaire.read(request).questions if q.family]
    assert asked == ["stairs.up", "stairs.down"]


def test_without_the_slot_nothing_more_is_asked(complaint, used, provider_of):
    end_uses(complaint, by=provider_of)
    request = asked_for_slot(complaint)
    submissions.begin(request, at=clock.now())
    assert not any(q.family for q in questionnaire.read(request).questions)


def test_at_another_site_it_is_not_asked(complaint, used, provider_of):
    end_uses(complaint, by=provider_of)
    other = "knee" if complaint.pain_site != "knee" else "shoulder"
    use_everywhere(used, sites=[other], by=provider_of)
    request = asked_for_slot(complaint)
    submissions.begin(request, at=clock.now())
    assert not any(q.family for q in questionnaire.read(request).questions)


def test_three_taps_leave_it_out(complaint, used):
    request = asked_for_slot(complaint)
    submissions.begin(request, at=clock.now())
    SurveyRequest.objects.filter(pk=request.pk).update(is_rescue=True)
    request.refresh_from_db()
    answer_all(request)
    assert not Response.objects.filter(instrument=used).exists()


def test_history_is_reckoned_again_and_a_changed_score_is_found(complaint, used):
    answer_all(asked_for_slot(complaint))
    found = rescoring.check(complaint.clinic)
    assert found.scores == Score.objects.count() > 2
    assert (found.differences, found.first) == (0, [])
    score = Score.objects.get(measure__key="stairs_total")
    Score.objects.filter(pk=score.pk).update(value=score.value + 1)
    out = io.StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("rescore", "--check", stdout=out)
    assert ended.value.code == 1
    assert "stairs_total: kept 10 scale_1" in out.getvalue()
    assert "reckoned 9 scale_1" in out.getvalue()


def test_a_published_version_cannot_be_changed(complaint, used):
    with pytest.raises(Exception, match="append-only"):
        Instrument.objects.filter(pk=used.pk).update(title="Other")


def test_publishing_needs_the_statement_and_keeps_it(complaint, provider_of):
    draft = own_questionnaires.make_draft(complaint.clinic, by=provider_of)
    with pytest.raises(ValidationError) as refused:
        publishing.publish(
            draft, holder="", licence="", is_licensed=False, by=provider_of
        )
    assert set(refused.value.message_dict) == {"holder", "licence", "is_licensed"}
    made = own_questionnaires.publish(complaint.clinic, by=provider_of)
    event = AuditEvent.objects.get(action="instrument.published")
    assert event.facts["licence"] == "Written for tests"
    assert (made.version, made.licence) == (1, "Nobody at all: Written for tests")


def test_the_same_key_again_is_the_next_version_of_the_same_measure(
    complaint, used, provider_of
):
    second = own_questionnaires.publish(complaint.clinic, by=provider_of)
    assert (second.version, second.key) == (2, used.key)
    wider = own_questionnaires.SCORES.replace("maximum = 12", "maximum = 20")
    draft = own_questionnaires.make_draft(
        complaint.clinic, by=provider_of, scores=wider
    )
    with pytest.raises(ValidationError, match="goes from 0 to 12"):
        publishing.publish(
            draft, holder="N", licence="L", is_licensed=True, by=provider_of
        )


def test_what_is_refused_cannot_be_published(complaint, provider_of):
    content = own_questionnaires.CONTENT.replace(b'"integer"', b'"attachment"')
    (draft,) = drafts.bring(
        complaint.clinic, content, file_name="x.json", by=provider_of
    )
    assert [f.where for f in draft.found if f.is_refusal] == ["down"]
    with pytest.raises(ValidationError, match="attachment"):
        publishing.publish(
            draft, holder="N", licence="L", is_licensed=True, by=provider_of
        )


def test_commands_bring_publish_and_export(complaint, tmp_path):
    file, scores = tmp_path / "q.json", tmp_path / "s.toml"
    file.write_bytes(own_questionnaires.CONTENT)
    scores.write_text(own_questionnaires.SCORES)
    slug, out = complaint.clinic.slug, io.StringIO()
    more = {"clinic": slug, "scores": scores, "licence": "Ours", "publish": True}
    call_command("import_instrument", str(file), stdout=out, **more)
    assert "Published: stairs version 1." in out.getvalue()
    row = Instrument.objects.get(key="stairs")
    assert definitions.of(row).measures == ("stairs_total",)
    assert not InstrumentDraft.objects.exists()
    target = tmp_path / "out.json"
    call_command("export_instrument", "stairs", clinic=slug, output=target)
    file.write_bytes(target.read_bytes())
    call_command("import_instrument", str(file), stdout=out, **more)
    again = definitions.of(Instrument.objects.get(key="stairs", version=2))
    assert again.items == definitions.of(row).items


def test_a_survey_begins_in_few_statements(complaint, used):
    request, now = asked_for_slot(complaint), clock.now()
    with connection.execute_wrapper(_counting := Counting()):
        submissions.begin(request, at=now)
    assert _counting.count <= 20
    assert not Answer.objects.exists()


class Counting:
    count = 0

    def __call__(self, execute, sql, params, many, context):
        self.count += 1
        return execute(sql, params, many, context)
