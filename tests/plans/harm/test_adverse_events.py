from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError

from clinic import audit, clock
from clinic.access import Role
from clinic.models import AuditEvent
from patients.record import leaving
from plans.harm import adverse_events, catalogue, doubts
from plans.models import AdverseEvent, AdverseEventRating
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def done(complaint):
    plan = factories.make_plan(complaint, started_days_ago=40)
    return factories.make_performed(plan)


@pytest.fixture
def event(patient, physician):
    return factories.make_adverse_event(patient, by=physician)


@pytest.fixture
def second(clinic):
    return factories.make_user(clinic, Role.PROVIDER, name="Dr Ng")


def last_audit():
    return AuditEvent.objects.latest("id")


def read(event):
    return AdverseEvent.objects.for_pages().get(pk=event.pk)


def test_an_event_from_a_procedure_is_about_its_complaint(patient, done, assistant):
    made = factories.make_adverse_event(patient, by=assistant, intervention=done)
    assert made.complaint == done.plan.complaint
    assert made.opened_by == assistant
    assert last_audit().action == "adverse_event.opened"
    assert last_audit().subjects.get().patient_id == patient.pk


@pytest.mark.parametrize("origin", ["free_text", "answer"])
def test_a_patients_words_open_one_too(patient, origin):
    made = factories.make_adverse_event(patient, by=audit.PATIENT, origin=origin)
    assert (made.opened_by, made.origin) == (None, origin)


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"category": "bad luck"}, "category"),
        ({"category": "other"}, "description"),
        ({"category": "other", "description": "  "}, "description"),
        ({"description": "x" * 2001}, "description"),
        ({"outcome": "fine"}, "outcome"),
        ({"reported_to": ["the press"]}, "reported_to"),
        ({"reported_to": ["none", "medwatch"]}, "reported_to"),
        ({"status": "closed"}, "status"),
    ],
)
def test_what_makes_no_sense_is_refused_by_field(patient, said, field):
    with pytest.raises(ValidationError) as refused:
        factories.make_adverse_event(patient, **said)
    assert list(refused.value.message_dict) == [field]
    assert not AdverseEvent.objects.exists()


@pytest.mark.parametrize("days", [-1, 40_000])
def test_it_begins_neither_tomorrow_nor_before_birth(patient, days):
    onset_on = clock.today(patient.time_zone) - timedelta(days=days)
    with pytest.raises(ValidationError) as refused:
        factories.make_adverse_event(patient, onset_on=onset_on)
    assert "onset_on" in refused.value.message_dict


def test_it_begins_not_after_the_patient_died(patient, physician):
    died_on = factories.days_ago(patient.clinic, 3)
    leaving.record_death(patient, by=physician, deceased_on=died_on)
    with pytest.raises(ValidationError, match="after the patient died"):
        factories.make_adverse_event(patient)
    assert factories.make_adverse_event(patient, onset_on=died_on)


def test_another_patients_procedure_is_refused(clinic, done):
    other = factories.make_patient(clinic)
    with pytest.raises(ValidationError, match="another patient"):
        factories.make_adverse_event(other, intervention=done)


def test_another_patients_complaint_is_refused(clinic, complaint):
    other = factories.make_patient(clinic)
    with pytest.raises(ValidationError, match="another patient"):
        factories.make_adverse_event(other, complaint=complaint)


def test_the_same_press_twice_makes_one_event(patient, event):
    with pytest.raises(ValidationError, match="on the ledger already"):
        factories.make_adverse_event(patient)
    assert factories.make_adverse_event(patient, description="In the evening again")


def test_a_day_before_the_procedure_warns_and_is_kept(patient, done):
    early = done.performed_on - timedelta(days=2)
    made = factories.make_adverse_event(patient, intervention=done, onset_on=early)
    assert doubts.of(read(made)) == [
        "It began 2 days before the procedure it is linked to; look at both dates."
    ]


def test_thinking_again_adds_a_row_and_changes_none(event, physician):
    adverse_events.rate(event, by=physician, grade=1, relatedness="unlikely")
    adverse_events.rate(event, by=physician, grade=2, relatedness="possible")
    assert event.ratings.count() == 2
    assert read(event).worst_grade == 2
    assert last_audit().facts["before"] == {"grade": 1, "relatedness": "unlikely"}


def test_the_same_rating_twice_is_one(event, physician):
    adverse_events.rate(event, by=physician, grade=1, relatedness="unlikely")
    with pytest.raises(ValidationError, match="rated it so already"):
        adverse_events.rate(event, by=physician, grade=1, relatedness="unlikely")


@pytest.mark.parametrize(
    ("grade", "relatedness", "field"),
    [
        (0, "possible", "grade"),
        (6, "possible", "grade"),
        (1, "maybe", "relatedness"),
    ],
)
def test_a_rating_off_the_scale_is_refused(event, physician, grade, relatedness, field):
    with pytest.raises(ValidationError) as refused:
        adverse_events.rate(event, by=physician, grade=grade, relatedness=relatedness)
    assert list(refused.value.message_dict) == [field]


def test_from_grade_3_on_somebody_else_rates_too(event, physician, second):
    def lacking():
        return list(AdverseEvent.objects.needing_second_rater())

    adverse_events.rate(event, by=physician, grade=2, relatedness="possible")
    assert lacking() == []
    adverse_events.rate(event, by=physician, grade=3, relatedness="possible")
    assert lacking() == [event] and read(event).lacks_second_rater
    adverse_events.rate(event, by=second, grade=2, relatedness="possible")
    assert lacking() == [] and not read(event).lacks_second_rater
    assert list(read(event).disagreement) == ["grade 3 and grade 2"]


def test_who_thinks_again_below_3_needs_no_second_rater(event, physician):
    adverse_events.rate(event, by=physician, grade=3, relatedness="possible")
    adverse_events.rate(event, by=physician, grade=2, relatedness="possible")
    assert not AdverseEvent.objects.needing_second_rater().exists()


def test_the_database_grades_as_the_rules_do(event, physician, second):
    adverse_events.rate(event, by=physician, grade=4, relatedness="definite")
    adverse_events.rate(event, by=physician, grade=2, relatedness="possible")
    adverse_events.rate(event, by=second, grade=3, relatedness="unlikely")
    graded = AdverseEvent.objects.graded().get()
    assert graded.grade == read(event).worst_grade == 3
    assert AdverseEvent.objects.related("unlikely").exists()
    assert not AdverseEvent.objects.related("definite").exists()


def test_an_unrated_event_is_not_closed(event, physician):
    with pytest.raises(ValidationError, match="Rate it first"):
        adverse_events.close(event, by=physician, outcome="recovered")


@pytest.mark.parametrize("outcome", ["ongoing", "recovering", "fine"])
def test_what_goes_on_is_not_closed(event, physician, outcome):
    adverse_events.rate(event, by=physician, grade=1, relatedness="possible")
    with pytest.raises(ValidationError) as refused:
        adverse_events.close(event, by=physician, outcome=outcome)
    assert "outcome" in refused.value.message_dict


@pytest.mark.parametrize(("days", "said"), [(3, "before it began"), (-1, "future")])
def test_it_ends_between_its_onset_and_today(event, physician, days, said):
    adverse_events.rate(event, by=physician, grade=1, relatedness="possible")
    day = factories.days_ago(event.clinic, days)
    with pytest.raises(ValidationError, match=said):
        adverse_events.close(event, by=physician, outcome="recovered", resolved_on=day)


def test_only_one_of_two_closes_it(event, physician, second):
    adverse_events.rate(event, by=physician, grade=1, relatedness="possible")
    other = AdverseEvent.objects.get(pk=event.pk)
    adverse_events.close(event, by=physician, outcome="recovered")
    with pytest.raises(ValidationError, match="closed"):
        adverse_events.close(other, by=second, outcome="unknown")
    assert AdverseEvent.objects.get().outcome == "recovered"


def test_a_closed_event_is_opened_again_with_a_reason(event, physician):
    adverse_events.rate(event, by=physician, grade=1, relatedness="possible")
    adverse_events.close(event, by=physician, outcome="recovered")
    with pytest.raises(ValidationError):
        adverse_events.reopen(event, by=physician, reason=" ")
    adverse_events.reopen(event, by=physician, reason="It came back")
    assert (event.status, event.outcome) == ("open", "ongoing")
    assert last_audit().facts["before"]["status"] == "closed"


def test_what_was_taken_back_stays_with_its_reason(event, physician):
    adverse_events.take_back(event, by=physician, reason="Another patient")
    assert event.status_reason == "Another patient"
    assert not AdverseEvent.objects.standing().exists()
    for again in (
        lambda: adverse_events.take_back(event, by=physician, reason="Again"),
        lambda: adverse_events.amend(event, by=physician, description="x"),
        lambda: adverse_events.rate(
            event, by=physician, grade=1, relatedness="possible"
        ),
    ):
        with pytest.raises(ValidationError):
            again()


def test_an_amendment_says_what_it_changed(event, assistant):
    adverse_events.amend(event, by=assistant, is_serious=True, category="nerve")
    assert last_audit().facts["before"] == {
        "is_serious": None,
        "category": "pain_flare",
    }
    assert last_audit().facts["after"] == {"is_serious": True, "category": "nerve"}


def test_a_text_is_not_copied_into_the_audit(event, assistant):
    adverse_events.amend(event, by=assistant, description="Called at night")
    assert "night" not in str(last_audit().facts)


def test_life_threatening_and_not_serious_does_not_fit(event, physician):
    adverse_events.rate(event, by=physician, grade=4, relatedness="possible")
    assert doubts.of(read(event)) == ["Rated grade 4 and not marked as serious."]
    adverse_events.amend(event, by=physician, is_serious=True)
    assert "reported" in doubts.of(read(event))[0]
    adverse_events.amend(event, by=physician, reported_to=["medwatch"])
    assert doubts.of(read(event)) == []


def test_a_rating_is_never_changed(event, physician):
    adverse_events.rate(event, by=physician, grade=1, relatedness="possible")
    with pytest.raises(Exception, match=r"append|cannot|never"):
        AdverseEventRating.objects.update(grade=5)


def test_every_word_of_the_ledger_has_its_source_or_says_whose_it_is():
    for words in (catalogue.categories, catalogue.grades, catalogue.receivers):
        assert words()
    assert list(catalogue.grades()) == ["1", "2", "3", "4", "5"]
    assert catalogue.categories()["pain_flare"].sources == ("CENTENO2016",)
