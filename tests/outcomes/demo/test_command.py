import hashlib
from io import StringIO

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import transaction

from clinic.models import Clinic, User
from outcomes.demo import building, clinics
from outcomes.models import BlockTap, Score
from patients.models import Patient
from plans.models import PRPTreatment
from tests import factories
from tests.outcomes.demo.conftest import NOW, silent

pytestmark = pytest.mark.django_db
FEW = "--patients=10"


def run(*arguments: str) -> str:
    said = StringIO()
    call_command("demo", *arguments, stdout=said)
    return said.getvalue()


def test_it_builds_both_clinics_and_says_who_signs_in() -> None:
    said = run(FEW)
    assert Patient.objects.count() == 10
    assert "Lakeview Spine & Joint: patients: 8 of 8" in said
    assert clinics.PASSWORD in said
    for user in User.objects.all():
        assert user.email in said


def test_a_second_demo_is_refused() -> None:
    run(FEW)
    with pytest.raises(CommandError, match="here already .*Lakeview Spine & Joint"):
        run(FEW)
    assert Clinic.objects.count() == 2


def test_if_empty_is_silent_where_a_clinic_stands(clinic: Clinic) -> None:
    assert run("--if-empty") == ""
    assert Clinic.objects.get() == clinic


def test_if_empty_builds_where_there_is_none() -> None:
    run("--if-empty", FEW)
    assert Clinic.objects.filter(is_demo=True).count() == 2


def test_real_clinics_are_not_mixed_with_a_demo_unless_forced(clinic: Clinic) -> None:
    with pytest.raises(CommandError, match="1 clinic.* no demo.*--force"):
        run(FEW)
    assert Clinic.objects.count() == 1
    run(FEW, "--force")
    assert Clinic.objects.count() == 3


def test_who_says_it_again() -> None:
    built = run(FEW)
    assert run("--who") in built


def test_who_without_a_demo_says_how_to_build_one() -> None:
    with pytest.raises(CommandError, match="manage.py demo"):
        run("--who")


@pytest.mark.parametrize("count", [0, 5001])
def test_none_or_too_many_patients_are_no_demo(count: int) -> None:
    with pytest.raises(CommandError, match="--patients must be 1 to 5,000"):
        run(f"--patients={count}")
    assert not Clinic.objects.exists()


def test_an_address_of_a_colleague_is_not_taken_over() -> None:
    real = factories.make_clinic()
    colleague = factories.make_user(real)
    run(FEW, "--force")
    colleague.refresh_from_db()
    assert colleague.check_password(factories.PASSWORD)


def test_the_same_day_gives_the_same_demo() -> None:
    with time_machine.travel(NOW):
        assert fingerprint() == fingerprint()


def fingerprint() -> str:
    """Of every score and product of a demo that is built and taken back."""
    with transaction.atomic():
        building.build(silent, patients=40)
        scores = Score.objects.order_by(
            "patient__clinic__slug", "patient__mrn", "measured_at", "measure__key"
        ).values_list("patient__mrn", "measure__key", "measured_at", "side", "value")
        products = PRPTreatment.objects.values_list(
            "intervention__plan__complaint__patient__mrn",
            "intervention__performed_on",
            "drawn_at",
            "prp_platelets",
        )
        taps = BlockTap.objects.values_list("at", "value", "is_numb", "page")
        content = repr(sorted(scores)) + repr(sorted(products, key=str))
        content += repr(sorted(taps))
        transaction.set_rollback(True)
    assert len(content) > 10_000
    return hashlib.sha256(content.encode()).hexdigest()
