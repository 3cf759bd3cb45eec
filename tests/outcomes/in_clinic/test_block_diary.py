"""The diary after a block: one tap at a time for eight hours, and what comes of it."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains

from clinic import audit, clock
from clinic.models import AuditEvent, Clinic
from outcomes.clinician_parts import known
from outcomes.in_clinic import diaries
from outcomes.models import BlockDiary, BlockTap
from patients.models import Evidence, Patient
from patients.record import registration
from plans.models import Intervention, Procedure
from tests.outcomes.in_clinic import blocks
from tests.outcomes.in_clinic.conftest import set_up
from tests.outcomes.survey.conftest import BIRTH_DATE, WRONG_DATE

CLOSED = "This page is not open"


@pytest.fixture
def block(patient):
    return blocks.make_block(patient)


@pytest.fixture
def diary(block, assistant):
    return blocks.start(block, by=assistant)


@pytest.fixture
def held(diary):
    """The diary, and a phone on which its patient confirmed the date of birth."""
    found, token = diary
    return found, blocks.enter(token)


def page_of(client: Client) -> dict[str, str]:
    text = client.get("/diary/").content.decode()
    return dict(re.findall(r'name="(diary|page)" value="([\w-]+)"', text))


def tap(client: Client, pain: int, **more: str):
    return client.post("/diary/", {**page_of(client), "pain": str(pain), **more})


def test_staff_show_a_code_and_the_patient_taps(client, assistant, block):
    client.force_login(assistant)
    path = reverse("outcomes:block_diary", args=[block.pk])
    assertContains(client.get(path), "Start the diary")
    when = blocks.a_moment_ago(block.plan.complaint.patient, 0)
    page = client.post(path, {"injected_at": when, "pain_before": 8})
    assertContains(page, "QR code that opens the diary")
    assertNotContains(page, "<script>")
    assertContains(client.get(path), "Nothing has been tapped yet")
    opened = AuditEvent.objects.get(action="block_diary.opened")
    assert opened.about_id == str(BlockDiary.objects.get().pk)


def test_opening_the_code_is_the_same_for_every_token(diary, client):
    _, token = diary
    shown = [client.get(f"/d/{each}") for each in (token, "A" * 22)]
    assert shown[0].content == shown[1].content
    assert not client.cookies


def test_a_tap_is_kept_with_the_servers_moment(held):
    found, phone = held
    with time_machine.travel(found.injected_at + timedelta(minutes=40), tick=False):
        assert tap(phone, 2, numb="1").url == "/diary/"
        at = clock.now()
    row = BlockTap.objects.get()
    assert (row.value, row.is_numb, row.at) == (2, True, at)
    found.refresh_from_db()
    assert (found.lowest, found.held_minutes) == (2, 40)
    assert AuditEvent.objects.filter(action="block_diary.tapped").count() == 1


def test_the_page_works_without_a_script_and_in_spanish(held):
    _, phone = held
    page = phone.get("/diary/?language=es").content.decode()
    assert page.count('name="pain"') == 11 and "<script" not in page
    assert "¿Qué tan fuerte es su dolor" in page
    tap(phone, 3)
    assert "Guardado: 3" in phone.get("/diary/").content.decode()


def test_a_double_tap_is_one(held):
    _, phone = held
    form = {**page_of(phone), "pain": "5"}
    for _ in range(3):
        assert phone.post("/diary/", form).status_code == 302
    assert BlockTap.objects.count() == 1
    tap(phone, 5)
    assert BlockTap.objects.count() == 2


@pytest.mark.parametrize("pain", ["", "11", "-1", "3.5", "x", "٣", "1" * 400])
def test_what_is_no_number_is_not_kept(held, pain):
    _, phone = held
    page = phone.post("/diary/", {**page_of(phone), "pain": pain})
    assertContains(page, "That was not saved")
    assert not BlockTap.objects.exists()


def test_another_diarys_form_and_another_site_change_nothing(held, clinic, assistant):
    _, phone = held
    other, token = blocks.start(blocks.make_block(Patient.objects.get()), by=assistant)
    stranger = blocks.enter(token)
    foreign = {**page_of(stranger), "pain": "5"}
    assert phone.post("/diary/", foreign).status_code == 403
    own = {**page_of(phone), "pain": "5"}
    away = {"headers": {"sec-fetch-site": "cross-site"}}
    assert phone.post("/diary/", own, **away).status_code == 403
    assert not other.taps.exists() and not BlockTap.objects.exists()


def test_it_lives_for_eight_hours_and_no_longer(held):
    found, phone = held
    with time_machine.travel(found.ends_at - timedelta(minutes=1), tick=False):
        assert tap(phone, 7).status_code == 302
        form = {**page_of(phone), "pain": "4"}
    with time_machine.travel(found.ends_at, tick=False):
        page = phone.post("/diary/", form)
        assertContains(page, "Thank you. You are done.")
        assert phone.cookies["diary"].value == ""
    assert BlockTap.objects.count() == 1
    assert found.ends_at - found.injected_at == timedelta(hours=8)


def test_staff_end_it_and_a_new_code_takes_the_place(client, assistant, diary, block):
    found, token = diary
    phone = blocks.enter(token)
    client.force_login(assistant)
    client.post(reverse("outcomes:close_block_diary", args=[block.pk]))
    assertContains(phone.get("/diary/"), "Thank you. You are done.")
    assertContains(Client().post(f"/d/{token}", BIRTH_DATE), CLOSED)
    again, newer = blocks.start(block, by=assistant)
    assert again.pk == found.pk and newer != token
    assertContains(Client().post(f"/d/{token}", BIRTH_DATE), CLOSED)
    blocks.enter(newer)


def test_five_wrong_dates_lock_it_and_a_new_code_gives_them_back(
    diary, block, assistant
):
    _, token = diary
    for _ in range(5):
        page = Client().post(f"/d/{token}", WRONG_DATE)
    assertContains(page, "This link is locked")
    assertContains(Client().post(f"/d/{token}", BIRTH_DATE), "This link is locked")
    _, newer = blocks.start(block, by=assistant)
    blocks.enter(newer)


def test_day_and_month_the_wrong_way_round_cost_no_try_once(diary, block):
    found, token = diary
    patient = block.plan.complaint.patient
    born = date(1957, 3, 4)
    registration.update(patient, birth_date=born, by=audit.SYSTEM)
    swapped = {"day": "3", "month": "4", "year": "1957"}
    page = Client().post(f"/d/{token}", swapped)
    assertContains(page, "They may be the wrong way round.")
    found.refresh_from_db()
    assert (found.birth_date_tries, found.is_swap_forgiven) == (0, True)
    page = Client().post(f"/d/{token}", swapped)
    assertContains(page, "You can try 4 more times.")


def test_correcting_the_date_of_birth_unlocks_it(diary, block):
    _, token = diary
    patient = block.plan.complaint.patient
    for _ in range(5):
        Client().post(f"/d/{token}", WRONG_DATE)
    assertContains(Client().post(f"/d/{token}", WRONG_DATE), "This link is locked")
    registration.update(patient, given_name="Edith", by=audit.SYSTEM)
    assertContains(Client().post(f"/d/{token}", WRONG_DATE), "This link is locked")
    born = date(1957, 3, int(WRONG_DATE["day"]))
    registration.update(patient, birth_date=born, by=audit.SYSTEM)
    assert Client().post(f"/d/{token}", WRONG_DATE).url == "/diary/"
    event = AuditEvent.objects.get(action="block_diary.unlocked")
    assert event.facts == {"tries_before": 5}


@pytest.mark.parametrize(
    ("language", "said"), [("en", "Call (206)\u00a0"), ("es", "Llamar al (206)\u00a0")]
)
def test_its_pages_call_the_clinic(held, clinic, language, said):
    found, phone = held
    Clinic.objects.filter(pk=clinic.pk).update(phone="(206) 555-0142")
    page = phone.get(f"/diary/?language={language}")
    assertContains(page, f'href="tel:2065550142">{said}')
    with time_machine.travel(found.ends_at, tick=False):
        assertContains(phone.get("/diary/"), f'href="tel:2065550142">{said}')


def test_its_cookie_opens_nothing_else(held):
    _, phone = held
    assert phone.get("/survey/").status_code == 403
    assert phone.get("/me/").status_code in (302, 403)
    assert phone.get("/patients/").url.startswith("/sign-in/")


def test_it_does_not_open_on_a_tablet(diary, clinic, admin):
    device = set_up(clinic, admin)
    assert device.client.get(f"/d/{diary[1]}").url == "/tablet/"


@pytest.mark.parametrize(
    ("purpose", "days", "said"),
    [("therapeutic", 0, "Only a diagnostic"), ("both", 1, "on the day")],
)
def test_only_a_block_of_today_has_one(assistant, patient, purpose, days, said):
    block = blocks.make_block(patient, purpose=purpose)
    on = block.performed_on - timedelta(days=days)
    Intervention.objects.filter(pk=block.pk).update(performed_on=on)
    with pytest.raises(ValidationError, match=said):
        blocks.start(block, by=assistant)


def test_a_needle_that_is_still_to_come_is_refused(client, assistant, block):
    client.force_login(assistant)
    zone = block.plan.complaint.patient.time_zone
    noon = clock.now().astimezone(diaries.ZoneInfo(zone)).replace(hour=12, minute=0)
    path = reverse("outcomes:block_diary", args=[block.pk])
    with time_machine.travel(noon, tick=False):
        page = client.post(path, {"injected_at": "12:30", "pain_before": 8})
        assertContains(page, "still to come")
        page = client.post(path, {"injected_at": "03:59", "pain_before": 8})
        assertContains(page, "eight hours are over")
        page = client.post(path, {"injected_at": "11:00", "pain_before": 11})
        assertContains(page, "less than or equal to 10")
    assert not BlockDiary.objects.exists()


def test_the_curve_stands_on_the_injections_page(client, physician, held, block):
    found, phone = held
    for minutes, value in ((30, 2), (120, 3), (300, 7)):
        at = found.injected_at + timedelta(minutes=minutes)
        with time_machine.travel(at, tick=False):
            tap(phone, value)
    client.force_login(physician)
    page = client.get(reverse("plans:intervention", args=[block.pk]))
    assertContains(page, "Pain 8 before; pain 2 at its least, after 30 min: 75 % less.")
    assertContains(page, "Half or more was gone for 2 h")
    assertContains(page, "<svg")
    assertContains(page, '<td class="end">75 %</td>')
    own = client.get(reverse("outcomes:block_diary", args=[block.pk]))
    assertContains(own, "#cite-injections")


def test_the_ledger_is_offered_what_it_came_to_by_a_persons_click(
    client, physician, held, block
):
    found, phone = held
    for minutes, value in ((30, 2), (270, 3), (300, 7)):
        at = found.injected_at + timedelta(minutes=minutes)
        with time_machine.travel(at, tick=False):
            tap(phone, value)
    assert not Evidence.objects.exists()
    client.force_login(physician)
    path = reverse("patients:name_source", args=[block.plan.complaint_id])
    fields = client.get(path).context["form"].fields
    offered = {
        part: fields[f"{part}-{block.pk}"].initial
        for part in ("blocked", "before", "after", "lasted")
    }
    assert offered == {
        "blocked": "L5 nerve root",
        "before": 8,
        "after": 2,
        "lasted": "4 h 30 min",
    }
    form = {"source": "root_l5", "certainty": "probable", f"cite-{block.pk}": "for"}
    form |= {f"{part}-{block.pk}": value for part, value in offered.items()}
    assert client.post(path, form).status_code == 302
    row = Evidence.objects.get()
    assert row.label == "L5 nerve root: pain 8 → 2 for 4 h 30 min"
    assert (row.stance, row.kind) == ("for", "injection")


def test_the_clinicians_part_takes_the_tap_of_half_an_hour(held, block):
    found, phone = held
    with time_machine.travel(found.injected_at + timedelta(minutes=28), tick=False):
        tap(phone, 3)
    row = Intervention.objects.select_related("block_diary").get(pk=block.pk)
    told = dict(known._of_procedure(row))
    assert told["pain_after_block"].value == 3
    assert "tapped in the block diary 28 min after" in told["pain_after_block"].words
    # What staff recorded with the procedure goes first.
    Procedure.objects.create(
        clinic=block.clinic, intervention=block, pain_after_30min=5, pain_before=9
    )
    row = Intervention.objects.select_related("procedure").get(pk=block.pk)
    assert dict(known._of_procedure(row))["pain_after_block"].value == 5
    assert diaries.pain_before(BlockDiary.objects.get(pk=found.pk)) == 9


def test_the_front_desk_sees_no_curve(desk, held, block):
    tap(held[1], 2)
    path = reverse("outcomes:block_diary", args=[block.pk])
    assert desk.get(path).status_code in (403, 404)


def test_a_tap_is_never_changed(held):
    tap(held[1], 2)
    with pytest.raises(Exception, match="append-only"), transaction.atomic():
        BlockTap.objects.update(value=9)


@pytest.mark.django_db(transaction=True)
def test_two_presses_at_the_same_moment_are_one(held):
    _, phone = held
    form = {**page_of(phone), "pain": "6"}
    cookie = phone.cookies["diary"].value

    def press(_: int) -> int:
        other = Client()
        other.cookies["diary"] = cookie
        try:
            return other.post("/diary/", form).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(press, range(4))) == {302}
    assert BlockTap.objects.count() == 1
