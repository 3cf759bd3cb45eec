"""What the first clinic has set up for itself, for whoever looks round."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from clinic import clock
from clinic.models import Clinic, User
from outcomes.demo import clinics, equipment
from outcomes.models import (
    BlockDiary,
    Instrument,
    InstrumentDraft,
    InstrumentUse,
    Tablet,
)
from outcomes.own_instruments import drafts
from patients.models import OutsideClinician

pytestmark = pytest.mark.usefixtures("demo")


def test_an_own_questionnaire_is_asked_and_its_next_version_is_a_draft() -> None:
    row = Instrument.objects.get(origin=Instrument.Origin.CLINIC)
    assert (row.key, row.version, row.clinic.slug) == ("reaching", 1, "lakeview")
    use = InstrumentUse.objects.get()
    assert (use.slot, use.sites) == ("function_licensed", ["shoulder"])
    content = drafts.read(InstrumentDraft.objects.get())
    assert content.definition is not None and not content.findings
    assert content.definition.languages == ("en", "es")
    assert [score.scale.measure for score in content.scores] == ["reaching_total"]


def test_a_tablet_waits_for_its_browser() -> None:
    tablet = Tablet.objects.get()
    assert tablet.name == equipment.TABLET and tablet.enrolled_at is None


def test_a_block_diary_has_a_curve_that_is_over() -> None:
    diary = BlockDiary.objects.get()
    assert diary.taps.count() == len(equipment.TAPS)
    assert diary.ends_at < clock.now() and not diary.is_open(clock.now())
    assert diary.held_minutes and diary.held_minutes > 120
    assert diary.lowest is not None and diary.lowest * 2 < (diary.pain_before or 0)
    desk = Client()
    desk.force_login(User.objects.get(email="provider@lakeview.example"))
    page = desk.get(reverse("outcomes:block_diary", args=[diary.intervention_id]))
    assert "Half or more was gone for" in page.content.decode()


def test_every_phone_has_an_area_code_and_is_kept_for_fiction() -> None:
    fiction = re.compile(r"\+1 [2-9][0-9]{2} 555 01[0-9]{2}")
    told = [*Clinic.objects.values_list("phone", flat=True)]
    told += OutsideClinician.objects.exclude(phone="").values_list("phone", flat=True)
    assert len(told) > len(clinics.ALL)
    assert [each for each in told if not fiction.fullmatch(each)] == []
