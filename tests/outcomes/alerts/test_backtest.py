"""A rule is tried on past answers by the very judging that raises alerts."""

from datetime import timedelta
from decimal import Decimal

import pytest

from clinic import clock
from outcomes.alerts import backtest, chosen
from outcomes.models import Alert, Measure
from outcomes.survey import questionnaire, sending, submissions
from patients.models import RedFlag
from tests import answering, courses, factories
from tests.outcomes import rows
from tests.outcomes.alerts import cases
from tests.outcomes.survey import conftest as survey


@pytest.fixture
def answers(clinic):
    """Five patients a month after PRP; three said 3 before, two said 8."""
    for baseline in (3, 3, 3, 8, 8):
        complaint = factories.make_complaint(factories.make_patient(clinic))
        request = courses.asked(complaint)
        episode = request.follow_ups.get().episode
        pain = Measure.objects.get(clinic=clinic, key="pain_site")
        before = episode.anchor_on - timedelta(days=1)
        rows.make_score(episode, pain, baseline, before)
        submit(request, "6")
    return clinic


def submit(request, value, **said):
    now = clock.now()
    submissions.begin(request, at=now)
    for question in questionnaire.read(request).questions:
        given = dict(answering.given(question, Decimal(value)))
        given |= {key: said[key] for key in said.keys() & given.keys()}
        submissions.save_answer(request, question, given, language="en", at=now)
    sending.accept(request, at=now)


def test_it_counts_what_was_raised(answers):
    pool = backtest.read(answers, clock.now())
    for rule in chosen.rules_of(answers.pk).values():
        raised = Alert.objects.filter(rule=rule.key).count()
        assert pool.tried(rule).raised == raised, rule.key
    assert Alert.objects.filter(rule="worse_than_baseline").count() == 3


def test_another_figure_is_told_before_it_is_saved(answers):
    pool = backtest.read(answers, clock.now())
    rule = chosen.rules_of(answers.pk)["worse_than_baseline"]
    assert pool.tried(rule).words == (
        "on the last 90 days it would have raised 3: 0.2 a week, none urgent"
    )
    stricter = chosen.changed(rule, is_on=True, number=Decimal(2), days=None)
    assert pool.tried(stricter).raised == 0


def test_flags_that_patients_said_are_counted(clinic, complaint):
    cases.urgent(complaint)
    pool = backtest.read(clinic, clock.now())
    tried = pool.tried(chosen.rules_of(clinic.pk)["red_flag"])
    assert (tried.raised, tried.urgent) == (1, 1)
    assert RedFlag.objects.count() == 1


def test_what_is_older_is_left_out(answers, monkeypatch):
    later = timedelta(days=91)
    monkeypatch.setattr("django.conf.settings.CLOCK_OFFSET", later)
    pool = backtest.read(answers, clock.now())
    rule = chosen.rules_of(answers.pk)["worse_than_baseline"]
    assert pool.tried(rule).words.startswith("nothing to try it on")


def test_a_note_on_two_complaints_counts_once_here_and_in_the_inbox(clinic):
    patient = factories.make_patient(clinic)
    foot = factories.make_complaint(patient)
    knee = factories.make_complaint(patient, pain_site="knee", side="right")
    request = survey.ask(foot, knee).request
    submit(request, "3", note="My knee clicks.", elsewhere_injection=Decimal(1))
    assert request.responses.count() == 2
    pool = backtest.read(clinic, clock.now())
    for key in ("free_text", "treated_elsewhere"):
        assert Alert.objects.filter(rule=key).count() == 1
        assert pool.tried(chosen.rules_of(clinic.pk)[key]).raised == 1


def test_the_batch_is_bounded(answers, monkeypatch):
    monkeypatch.setattr(backtest, "MOST_ANSWERS", 2)
    assert len(backtest.read(answers, clock.now()).answers) == 2
