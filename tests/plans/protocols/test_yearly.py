"""The yearly questions that a protocol goes on with after its last time point."""

import dataclasses

import pytest

from plans.models import Protocol
from plans.protocols import documents, drafts, library, stored, yearly
from plans.protocols.definition import TimepointDefinition
from tests import factories
from tests.plans.protocols import drafting

SHIPPED = {each.key: each for each in library.load_all()}
# Of the shipped sciatica_watch before protocols could ask every year.
FINGERPRINT = "16c667e897735214a779b85a61f093142c3a61fe16616a134c011c398e0fa822"
ANNUAL = {"bone_marrow_concentrate", "prp", "prp_spine", "disc_degeneration"}


def point(close_day: int, **fields) -> TimepointDefinition:
    days = {"offset_days": close_day, "open_day": 1, "ask_day": close_day}
    return TimepointDefinition("own", "Own", close_day=close_day, **days, **fields)


def of(key: str) -> tuple[TimepointDefinition, ...]:
    protocol = SHIPPED[key]
    return yearly.tail(protocol.timepoints, protocol.yearly_until)


def test_only_treatments_whose_registries_ask_every_year_go_on():
    assert {key for key in SHIPPED if SHIPPED[key].yearly_until} == ANNUAL
    assert all(SHIPPED[key].yearly_until == 10 for key in ANNUAL)


@pytest.mark.parametrize(
    ("key", "first", "number"),
    [("bone_marrow_concentrate", "y4", 7), ("prp", "y3", 8), ("lifestyle", None, 0)],
)
def test_the_years_follow_the_last_time_point(key, first, number):
    found = of(key)
    assert len(found) == number
    assert first is None or (found[0].key, found[-1].key) == (first, "y10")


def test_a_year_is_a_light_time_point_with_a_window_of_its_own():
    four, *_, ten = of("bone_marrow_concentrate")
    days = (four.open_day, four.offset_days, four.ask_day, four.close_day)
    assert (four.label, days) == ("4 years", (1400, 1460, 1460, 1520))
    assert four.measures == ("pain_site", "global_change", "events_late")
    assert (ten.label, ten.offset_days, ten.close_day) == ("10 years", 3650, 3710)
    assert four.grounding == "every year after 36 months"
    assert (four.status, four.sources) == ("verified", ("ACL_BMC",))


@pytest.mark.parametrize(
    ("close_day", "first"),
    [(0, 1), (304, 1), (305, 2), (425, 2), (790, 3), (1190, 4), (3700, 11)],
)
def test_the_first_year_opens_after_all_else_has_closed(close_day, first):
    assert yearly.first_year([point(close_day)]) == first
    opens = first * yearly.YEAR - yearly.AROUND
    assert opens > close_day and opens - yearly.YEAR <= close_day


def test_nothing_is_asked_every_year_of_a_protocol_without_time_points():
    assert yearly.tail([], 10) == ()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"yearly_until": 11}, "yearly_until: must be from 0 to 10."),
        ({"yearly_until": "10"}, "yearly_until: must be a whole number, not '10'."),
        (
            {
                "yearly_until": 2,
                "timepoints": [
                    drafting.BASELINE,
                    drafting.MONTH | {"offset_days": 730, "close_day": 790},
                ],
            },
            "yearly_until: the time points last until then; name year 3 or a later "
            "one, or 0 for no yearly questions.",
        ),
        (
            {
                "yearly_until": 2,
                "timepoints": [drafting.BASELINE, drafting.MONTH | {"key": "y1"}],
            },
            "timepoints 2, key: y1 is what a yearly question is called; use another.",
        ),
    ],
)
def test_what_cannot_be_is_named_at_its_field(changes, words):
    assert drafting.problems(drafting.content(**changes)) == [words]


def test_a_time_point_may_lie_ten_years_ahead_and_no_further():
    ten = drafting.MONTH | {"key": "late", "offset_days": 3650, "close_day": 3710}
    points = [drafting.BASELINE, ten]
    assert drafting.problems(drafting.content(timepoints=points)) == []
    ten["close_day"] = 3801
    (words,) = drafting.problems(drafting.content(timepoints=points))
    assert words == "timepoints 2, close_day: must be from -365 to 3800."


def test_a_fingerprint_from_before_the_choice_stands():
    off = SHIPPED["sciatica_watch"]
    assert documents.fingerprint(off) == FINGERPRINT
    turned_on = dataclasses.replace(off, yearly_until=10)
    assert documents.fingerprint(turned_on) != FINGERPRINT


@pytest.mark.django_db
class TestStored:
    def test_the_years_are_rows_like_all_others(self, clinic):
        made = Protocol.objects.get(clinic=clinic, key="bone_marrow_concentrate")
        rows = made.timepoints.filter(is_yearly=True)
        assert [row.key for row in rows] == [f"y{year}" for year in range(4, 11)]
        assert made.timepoints.filter(is_yearly=False).count() == 10

    def test_what_is_read_back_is_what_was_published(self, clinic):
        made = Protocol.objects.get(clinic=clinic, key="bone_marrow_concentrate")
        assert stored.definition_of(made) == SHIPPED["bone_marrow_concentrate"]

    def test_a_draft_turns_them_off_and_on(self, admin):
        prp = Protocol.objects.get(clinic=admin.membership.clinic, key="prp")
        off = factories.make_version(prp, by=admin, yearly_until=0)
        assert off.timepoints.filter(is_yearly=True).count() == 0
        again = factories.make_version(off, by=admin, yearly_until=5)
        keys = again.timepoints.filter(is_yearly=True).values_list("key", flat=True)
        assert list(keys) == ["y3", "y4", "y5"]
        assert drafts.begin(again, by=admin).content["yearly_until"] == 5
