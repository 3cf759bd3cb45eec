from datetime import date, timedelta

import pytest
import time_machine
from django.core.exceptions import ValidationError

from clinic import closed_days, locations
from clinic.models import AuditEvent, ClosedDay, Location
from tests import factories

PAGE = "/settings/closed-days/"
TODAY = date(2026, 11, 24)
ONE_DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def november(db):
    with time_machine.travel("2026-11-24T18:00:00Z", tick=False):
        yield


@pytest.fixture
def north(clinic, admin):
    return locations.add(clinic, name="North", by=admin)


def days():
    return list(ClosedDay.objects.values_list("day", flat=True))


def last_audit():
    return AuditEvent.objects.latest("id")


def test_a_range_closes_each_of_its_days_once(clinic, admin):
    closed_days.add(clinic, first_on=TODAY + ONE_DAY, by=admin)
    last_on = TODAY + 3 * ONE_DAY
    added = closed_days.add(clinic, first_on=TODAY, last_on=last_on, by=admin)
    assert [one.day for one in added] == [TODAY, TODAY + 2 * ONE_DAY, last_on]
    assert days() == [TODAY + n * ONE_DAY for n in range(4)]
    assert last_audit().action == "closed_day.added"
    assert last_audit().facts["days"][0] == "2026-11-24"


@pytest.mark.parametrize(
    ("field", "first_on", "last_on"),
    [
        ("first_on", TODAY - ONE_DAY, None),
        ("first_on", date(2036, 1, 1), None),
        ("last_on", TODAY, TODAY - ONE_DAY),
        ("last_on", TODAY, TODAY + 366 * ONE_DAY),
    ],
)
def test_a_day_that_makes_no_sense_is_refused_at_its_field(
    clinic, admin, field, first_on, last_on
):
    with pytest.raises(ValidationError) as caught:
        closed_days.add(clinic, first_on=first_on, last_on=last_on, by=admin)
    assert list(caught.value.message_dict) == [field]
    assert days() == []


def test_what_is_closed_already_is_said(clinic, admin):
    closed_days.add(clinic, first_on=TODAY, by=admin)
    with pytest.raises(ValidationError, match="closed already"):
        closed_days.add(clinic, first_on=TODAY, by=admin)


def test_a_location_is_closed_beside_the_clinic(clinic, admin, north):
    for place in (None, north):
        closed_days.add(clinic, first_on=TODAY, location=place, by=admin)
    assert last_audit().facts["location"] == str(north.pk)
    assert ClosedDay.objects.count() == 2


def test_a_day_to_come_can_be_opened_again(signed_in, clinic, admin):
    closed = closed_days.add(clinic, first_on=TODAY, by=admin)[0]
    signed_in.post(f"{PAGE}{closed.pk}/remove/")
    assert days() == []
    assert last_audit().action == "closed_day.removed"


def test_a_day_that_is_over_stays(signed_in, clinic):
    past = ClosedDay.objects.create(clinic=clinic, day=TODAY - ONE_DAY)
    page = signed_in.post(f"{PAGE}{past.pk}/remove/", follow=True)
    assert "That day is over; it stays on record." in page.text
    assert days() == [past.day]


def test_the_holidays_still_to_come_are_added_with_one_press(signed_in, clinic):
    page = signed_in.post(f"{PAGE}holidays/", {"year": 2026}, follow=True)
    assert "2 closed days are added." in page.text
    assert days() == [date(2026, 11, 26), date(2026, 12, 25)]
    signed_in.post(f"{PAGE}holidays/", {"year": 2026})
    assert len(days()) == 2


@pytest.mark.parametrize("year", ["2025", "2029", "", "next", "99999999999", "²"])
def test_another_year_is_refused(signed_in, clinic, year):
    page = signed_in.post(f"{PAGE}holidays/", {"year": year}, follow=True)
    assert "Choose a year from 2026 to 2028." in page.text
    assert days() == []


def test_the_page_adds_a_day_and_says_what_is_wrong(signed_in, clinic, north):
    wrong = signed_in.post(PAGE, {"first_on": "Christmas", "name": "Inventory"})
    assert "Give a day such as" in wrong.text and 'value="Inventory"' in wrong.text
    signed_in.post(PAGE, {"first_on": "2026-12-24", "location": north.pk})
    assert ClosedDay.objects.get().location == north


def test_a_location_of_another_clinic_is_no_choice(signed_in, clinic, other_clinic):
    theirs = Location.objects.create(clinic=other_clinic, name="South")
    page = signed_in.post(PAGE, {"first_on": "2026-12-24", "location": theirs.pk})
    assert page.status_code == 200 and days() == []


def test_the_page_costs_the_same_with_many_days(
    signed_in, clinic, admin, north, django_assert_max_num_queries
):
    last_on = TODAY + 40 * ONE_DAY
    closed_days.add(clinic, first_on=TODAY, last_on=last_on, location=north, by=admin)
    with django_assert_max_num_queries(8):
        signed_in.get(PAGE)


def test_locations_are_added_and_renamed_on_record(signed_in, clinic):
    signed_in.post("/settings/locations/", {"name": "  North   side "})
    north = Location.objects.get()
    assert (north.name, last_audit().action) == ("North side", "location.added")
    signed_in.post(f"/settings/locations/{north.pk}/", {"name": "Harbor"})
    assert Location.objects.get().name == "Harbor"
    assert last_audit().facts == {"before": "North side", "after": "Harbor"}


def test_two_locations_of_one_name_are_refused(signed_in, clinic, admin, north):
    page = signed_in.post("/settings/locations/", {"name": "NORTH"})
    assert "There is a location NORTH already." in page.text
    locations.rename(north, name="north", by=admin)
    locations.add(factories.make_clinic(), name="North", by=admin)
    assert Location.objects.count() == 2
