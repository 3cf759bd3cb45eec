import pytest

from clinic import clock
from clinic.models import Clinic, User
from outcomes.dashboards.home import patients
from outcomes.dashboards.home.patients import Sign
from patients.models import Appointment

pytestmark = pytest.mark.usefixtures("demo")


@pytest.mark.parametrize(
    ("email", "slug"),
    [
        ("provider@lakeview.example", "lakeview"),
        ("admin@harborside.example", "harborside"),
    ],
)
def test_each_clinic_has_a_morning(email, slug):
    clinic = Clinic.objects.get(slug=slug)
    user = User.objects.get(email=email).enter(clinic)
    day = patients.read(user, clock.today(clinic.zone))
    assert 6 <= len(day.lines) <= 12
    assert day.baselines.procedures >= 1
    assert day.lacking >= 2


def test_the_morning_of_the_first_clinic_shows_every_kind_of_lack():
    clinic = Clinic.objects.get(slug="lakeview")
    user = User.objects.get(email="provider@lakeview.example").enter(clinic)
    day = patients.read(user, clock.today(clinic.zone))
    found = {sign for line in day.lines for sign in line.signs}
    assert {
        Sign.NO_BASELINE,
        Sign.BASELINE_IN,
        Sign.RED_FLAG,
        Sign.TO_CONFIRM,
    } <= found
    lacking = [each for each in day.lines if Sign.NO_BASELINE in each.signs]
    assert any(each.person.baseline for each in lacking)
    assert any(each.patient is None for each in day.lines)
    assert len({each.mrn for each in day.lines}) == len(day.lines)


def test_states_follow_the_time_of_day_and_tomorrow_is_booked():
    now = clock.now()
    today = clock.today("America/Chicago")
    rows = Appointment.objects.filter(clinic__slug="lakeview")
    later = rows.filter(starts_at__gt=now, day=today).exclude(status="cancelled")
    assert set(later.values_list("status", flat=True)) == {"booked"}
    assert rows.filter(day=today, status="fulfilled").exists()
    assert rows.filter(day__gt=today).count() >= 3
