"""The figures of the report on plans, and that small numbers stay honest."""

from datetime import date, timedelta

import pytest

from clinic import access
from clinic.models import User
from patients.models import Diagnosis
from plans.models import Intervention, Plan, TherapyCourse
from plans.reports import counts, rows
from plans.reports.choices import ANY, NONE, Choices
from tests import factories

DAY = date(2026, 3, 10)
# Plans, sessions, days, modalities, and details and lots of what was performed.
QUERIES = 6


def made(clinic, key: str = "prp", *, days_ago: int = 0, **fields) -> Plan:
    complaint = factories.make_complaint(
        factories.make_patient(clinic), opened_on=factories.days_ago(clinic, 400)
    )
    return factories.make_plan(complaint, key, started_days_ago=days_ago, **fields)


def diagnosed(plan: Plan, days_ago: int, **fields) -> Diagnosis:
    return Diagnosis.objects.create(
        clinic=plan.clinic,
        complaint=plan.complaint,
        code=fields.pop("code", "M72.2"),
        title="Plantar fasciitis",
        release="test",
        recorded_on=factories.days_ago(plan.clinic, days_ago),
        **fields,
    )


def report(user: User, **choices) -> counts.Report:
    return counts.report(user, Choices(**choices))


def test_plans_are_counted_by_protocol_version_and_status(admin, clinic):
    stopped, _ = made(clinic), made(clinic)
    made(clinic, "lifestyle")
    Plan.objects.filter(pk=stopped.pk).update(status="stopped")
    Plan.objects.filter(modality="lifestyle").update(status="entered_in_error")
    (group,) = report(admin).protocols
    assert group.label.endswith(" v3")
    assert dict(group.counts) == {"active": 1, "stopped": 1}


def test_providers_stand_by_name_and_never_by_number(admin, clinic):
    zoe, anna = (
        factories.make_user(clinic, access.Role.PROVIDER, name=name)
        for name in ("Zoe", "Anna")
    )
    for provider in (zoe, zoe, zoe, anna, None, None):
        made(clinic, provider=provider)
    groups = report(admin).providers
    assert [(g.label, g.total) for g in groups] == [
        ("Anna", 1),
        ("Zoe", 3),
        ("Nobody in particular", 2),
    ]
    assert report(admin, provider=str(anna.pk)).plans == 1
    assert report(admin, provider=NONE).plans == 2


@pytest.mark.parametrize(("first", "last", "n"), [(9, 0, 1), (20, 10, 1), (20, 0, 2)])
def test_a_period_counts_plans_that_started_in_it(admin, clinic, first, last, n):
    made(clinic, days_ago=10)
    made(clinic, days_ago=5)
    found = report(
        admin,
        started_from=factories.days_ago(clinic, first),
        started_until=factories.days_ago(clinic, last),
    )
    assert found.plans == n


def therapy(plan: Plan, attended: int | None, missed: int | None) -> None:
    one = plan.interventions.filter(modality="physical_therapy").first()
    TherapyCourse.objects.create(
        clinic=plan.clinic,
        intervention=one,
        sessions_prescribed=12,
        sessions_attended=attended,
        sessions_missed=missed,
    )


def only_one_course(plan: Plan) -> Plan:
    courses = plan.interventions.filter(modality="physical_therapy")
    courses.exclude(pk=courses.first().pk).update(status="cancelled")
    return plan


def test_sessions_count_recorded_courses_and_say_how_many_are_not(admin, clinic):
    for attended, missed in ((8, 2), (5, 0), (None, 3)):
        therapy(only_one_course(made(clinic, "physical_therapy")), attended, missed)
    begun = only_one_course(made(clinic, "physical_therapy"))
    begun.interventions.filter(status="planned").update(
        status="performed", performed_on=factories.days_ago(clinic, 0)
    )
    only_one_course(made(clinic, "physical_therapy"))
    (line,) = report(admin).sessions
    assert (line.courses, line.recorded, line.lacking) == (4, 2, 2)
    assert (line.prescribed, line.due, line.attended) == (24, 15, 13)
    assert line.percent is None


def begun(clinic, key: str) -> Intervention:
    """A plan's step of physical therapy, done today; the others are not."""
    plan = made(clinic, "physical_therapy")
    one = plan.interventions.get(step__key=key)
    Intervention.objects.filter(pk=one.pk).update(
        status="performed", performed_on=factories.days_ago(clinic, 0)
    )
    return one


def test_a_review_is_no_course(admin, clinic):
    begun(clinic, "therapy"), begun(clinic, "recheck")
    TherapyCourse.objects.create(
        clinic=clinic, intervention=begun(clinic, "recheck"), home_days_done=3
    )
    (line,) = report(admin).sessions
    assert (line.courses, line.lacking) == (1, 1)
    listed = rows.interventions(admin, Choices(), {"sessions": ANY})
    assert [one.step.key for one in listed] == ["therapy"]


def test_a_review_with_sessions_was_a_course(admin, clinic):
    TherapyCourse.objects.create(
        clinic=clinic,
        intervention=begun(clinic, "recheck"),
        sessions_attended=2,
        sessions_missed=0,
    )
    (line,) = report(admin).sessions
    assert (line.courses, line.recorded, line.attended) == (1, 1, 2)


def test_a_course_that_no_protocol_planned_counts(admin, clinic):
    one = begun(clinic, "recheck")
    Intervention.objects.filter(pk=one.pk).update(step=None)
    assert report(admin).sessions[0].courses == 1


@pytest.mark.parametrize(
    ("recorded", "attended", "missed", "percent"),
    [(9, 90, 10, None), (10, 90, 10, 90), (10, 0, 0, None), (10, 0, 5, 0)],
)
def test_a_share_is_given_from_ten_courses_on(recorded, attended, missed, percent):
    line = counts.Sessions("", "", 12, recorded, 100, attended, missed)
    assert line.percent == percent


@pytest.mark.parametrize(("n", "is_few"), [(1, True), (9, True), (10, False)])
def test_days_are_summed_up_from_ten_on(n, is_few):
    wait = counts.wait((DAY, DAY + timedelta(days=day)) for day in range(n))
    assert wait.is_few is is_few
    assert (wait.median, wait.quartiles) == (
        (None, None) if is_few else (4.5, (2.25, 6.75))
    )


def test_who_waits_or_was_treated_before_is_counted_apart():
    wait = counts.wait(
        [(DAY, None), (DAY, DAY - timedelta(days=1)), (DAY, DAY), (DAY, None)]
    )
    assert (wait.days, wait.before, wait.untreated, wait.total) == ((0,), 1, 2, 4)


def test_the_wait_runs_from_the_first_diagnosis_to_the_first_treatment(admin, clinic):
    plan = made(clinic, days_ago=40)
    diagnosed(plan, 35)
    diagnosed(plan, 50, code="M79.6", status="entered_in_error")
    diagnosed(plan, 20, code="M54.16")
    factories.make_performed(plan, days=30)
    assert report(admin).wait.days == (5,)


def test_a_complaint_without_a_diagnosis_does_not_wait(admin, clinic):
    made(clinic)
    diagnosed(made(clinic), 3)
    wait = report(admin).wait
    assert (wait.n, wait.untreated, wait.total) == (0, 1, 1)


def test_interventions_are_counted_by_modality(admin, clinic):
    plan = made(clinic, days_ago=40)
    factories.make_performed(plan, days=30)
    done = {one.modality: one for one in report(admin).modalities}
    assert done["prp"].counts["performed"] == 1
    assert done["prp"].label == "Platelet-rich plasma"
    assert "lifestyle" not in done


def test_each_number_is_the_length_of_its_list(admin, clinic):
    plan = made(clinic, "physical_therapy")
    therapy(plan, 3, 1)
    diagnosed(plan, 3)
    made(clinic, days_ago=40)
    found, asked = report(admin), Choices()
    for group in found.protocols:
        for status, n in group.counts.items():
            cell = {"protocol": group.key, "status": status}
            assert rows.plans(admin, asked, cell).count() == n
    line = found.sessions[0]
    for name, n in (("recorded", line.recorded), ("lacking", line.lacking)):
        listed = rows.interventions(admin, asked, {"sessions": name})
        assert listed.count() == n
    for done in found.modalities:
        listed = rows.interventions(admin, asked, {"modality": done.modality})
        assert listed.count() == done.total
    listed = rows.complaints(admin, asked, {"treated": "no"})
    assert listed.count() == found.wait.untreated == 1


def test_another_clinics_plans_are_not_counted(outsider, researcher, clinic):
    made(clinic)
    assert report(outsider).plans == report(researcher).plans == 0


def test_many_plans_cost_as_many_queries_as_one(
    admin, clinic, django_assert_num_queries
):
    for number in range(1, 4):
        provider = factories.make_user(clinic, access.Role.PROVIDER)
        for key in ("prp", "physical_therapy", "lifestyle"):
            diagnosed(made(clinic, key, provider=provider), number)
        factories.make_performed(made(clinic, days_ago=40), days=30)
        with django_assert_num_queries(QUERIES):
            report(admin)


def test_what_is_taken_back_is_no_intervention(admin, clinic):
    plan = made(clinic)
    before = sum(one.total for one in report(admin).modalities)
    Intervention.objects.filter(plan=plan, is_index=True).update(
        status="entered_in_error"
    )
    assert sum(one.total for one in report(admin).modalities) == before - 1


@pytest.mark.parametrize(
    ("recorded", "percent"), [((90,) * 9, None), ((10,) * 5 + (51,) * 5, 30)]
)
def test_completeness_is_a_median_from_ten_on(recorded, percent):
    done = counts.Done("prp", "PRP", counts.Counter(), recorded)
    assert done.percent == percent


def test_completeness_looks_into_what_was_performed(admin, clinic):
    plan = made(clinic, days_ago=40)
    factories.make_performed(plan, days=30)
    prp = next(one for one in report(admin).modalities if one.modality == "prp")
    assert len(prp.recorded) == 1 and 0 < prp.recorded[0] < 100


@pytest.mark.parametrize(("days", "due_later"), [(0, 1), (6, 1), (7, 0)])
def test_what_is_due_later_is_counted_and_not_missing(admin, clinic, days, due_later):
    plan = made(clinic, "bone_marrow_concentrate", days_ago=days + 20)
    factories.make_performed(plan, days=days)
    (done,) = (
        each
        for each in report(admin).modalities
        if each.modality == "bone_marrow_concentrate"
    )
    assert done.due_later == due_later
