"""What becomes of each red flag when its answer is edited: nothing is taken back."""

from datetime import date

import pytest

from patients.catalogue import red_flags as catalogue
from patients.models import RedFlag
from patients.triage import evaluations, flag_baselines, flags
from patients.triage.cells import Entry
from tests.patients.triage.test_red_flags import BY_ANOTHER_FLAG, E2, TIERS, expected

pytestmark = pytest.mark.django_db
YES, NO, BLANK = "present", "absent", None


@pytest.fixture
def draft(complaint, physician):
    return evaluations.start(complaint, by=physician)


@pytest.fixture
def say(draft, physician):
    def save(**answers):
        entries = {(code, "none"): v and Entry(v) for code, v in answers.items()}
        evaluations.record(draft, by=physician, entries=entries)
        return dict(RedFlag.objects.values_list("flag", "tier"))

    return save


@pytest.mark.parametrize("edited", [YES, NO, BLANK])
@pytest.mark.parametrize("first", [YES, NO, BLANK])
def test_each_flag_stands_once_it_was_present(say, first, edited):
    all_flags = expected(TIERS)
    assert say(**dict.fromkeys(TIERS, first)) == (all_flags if first == YES else {})
    was_present = YES in (first, edited)
    assert say(**dict.fromkeys(TIERS, edited)) == (all_flags if was_present else {})


@pytest.mark.parametrize("edited", [NO, BLANK])
def test_a_flag_that_stands_alone_is_not_taken_back(say, edited):
    for flag in E2:
        assert say(**{flag: YES})[flag] == TIERS[flag]
        assert say(**{flag: edited})[flag] == TIERS[flag]


@pytest.mark.parametrize(("flag", "other"), BY_ANOTHER_FLAG)
def test_a_raised_tier_stays_when_what_raised_it_is_denied(say, flag, other):
    say(**{flag: YES, other: YES})
    assert say(**{other: NO})[flag] == BY_ANOTHER_FLAG[flag, other]
    assert say(**{other: BLANK, flag: NO})[flag] == BY_ANOTHER_FLAG[flag, other]


@pytest.mark.parametrize("detail", catalogue.details())
def test_a_detail_raises_its_flag_in_a_later_save_and_stays(say, detail):
    rule = catalogue.red_flags()[catalogue.details()[detail].flag]
    assert say(**{rule.key: YES}) == {rule.key: rule.tier}
    assert say(**{detail: YES}) == {rule.key: rule.raised_tier}
    assert say(**{detail: NO}) == {rule.key: rule.raised_tier}


@pytest.fixture
def old_weakness(patient, physician):
    flag_baselines.record(
        patient,
        by=physician,
        flag="RF06",
        stands_since=date(2019, 5, 1),
        note="Foot drop on the left since polio",
    )


@pytest.mark.usefixtures("old_weakness")
def test_a_dated_weakness_is_no_flag_at_each_visit_but_a_change_is(
    complaint, physician
):
    lift, drop = ("ankle_dorsiflexion", "left"), ("foot_drop", "left")
    as_before = {("RF06", "none"): Entry("unchanged"), drop: Entry("present")}
    first = evaluations.start(complaint, by=physician)
    evaluations.record(first, by=physician, entries={lift: Entry("3")})
    for flag in RedFlag.objects.all():
        flags.acknowledge(flag, by=physician, action="Known since polio")
        flags.close(flag, by=physician, note="Known since polio")
    evaluations.sign(first, by=physician)

    second = evaluations.start(complaint, by=physician)
    same = {lift: Entry("3"), **as_before}
    assert not evaluations.record(second, by=physician, entries=same).raised
    worse = evaluations.record(second, by=physician, entries={lift: Entry("2")})
    assert [flag.tier for flag in worse.raised] == ["E1"]


@pytest.mark.usefixtures("old_weakness")
def test_a_foot_drop_on_the_other_side_is_new(draft, physician):
    entries = {
        ("RF06", "none"): Entry("unchanged"),
        ("foot_drop", "right"): Entry("present"),
    }
    saved = evaluations.record(draft, by=physician, entries=entries)
    assert [flag.flag for flag in saved.raised] == ["RF06"]


def test_old_sciatica_in_both_legs_is_no_flag_once_dated(draft, patient, physician):
    flag_baselines.record(
        patient,
        by=physician,
        flag="RF05",
        stands_since=date(2019, 5, 1),
        note="Both legs since 2019",
    )
    entries = {("RF05", "none"): Entry("unchanged")}
    entries |= {("radiating_pain", s): Entry("present") for s in ("left", "right")}
    assert not evaluations.record(draft, by=physician, entries=entries).raised


def test_retention_that_was_dated_and_measured_is_no_flag_at_each_visit(
    complaint, patient, physician
):
    left = ("residual_volume", "none")
    first = evaluations.start(complaint, by=physician)
    evaluations.record(first, by=physician, entries={left: Entry("300")})
    flag = RedFlag.objects.get(flag="RF02")
    flags.acknowledge(flag, by=physician, action="Known since the spinal injury")
    flags.close(flag, by=physician, note="Known since the spinal injury")
    evaluations.sign(first, by=physician)
    flag_baselines.record(
        patient,
        by=physician,
        flag="RF02",
        stands_since=date(2019, 5, 1),
        note="Retention since the spinal injury",
    )
    second = evaluations.start(complaint, by=physician)
    same = {("RF02", "none"): Entry("unchanged"), left: Entry("320")}
    assert not evaluations.record(second, by=physician, entries=same).raised
