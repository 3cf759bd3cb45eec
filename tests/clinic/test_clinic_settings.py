from datetime import time

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.urls import reverse

from clinic import clinic_settings, consequences
from clinic.models import AuditEvent, Clinic
from clinic.models.clinics import number_in
from tests import factories

pytestmark = pytest.mark.django_db
PAGE = "/settings/"


def update(clinic, by, **changes):
    return clinic_settings.update(clinic, by=by, **changes)


def test_a_change_is_kept_with_before_and_after(clinic, admin):
    update(clinic, admin, phone="312 555 0100", name=clinic.name)
    event = AuditEvent.objects.get(action="clinic.updated")
    assert event.facts == {"before": {"phone": ""}, "after": {"phone": "312 555 0100"}}
    assert Clinic.objects.get(pk=clinic.pk).phone == "312 555 0100"


def test_what_changes_nothing_leaves_no_trace(clinic, admin):
    update(clinic, admin, name=clinic.name)
    assert not AuditEvent.objects.filter(action="clinic.updated").exists()


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("sends_until", time(8), "closes before it opens"),
        ("sends_until", time(9), "closes before it opens"),
        ("zone", "America/Gotham", "is not a time zone"),
        ("zone", "", "cannot be blank"),
        ("phone", "call us", "Give a phone number"),
        ("sms_sender", "Lakeview", "Give a number"),
        ("sms_sender", "MG123", "Give a number"),
        ("capture_target", 101, "from 0 to 100"),
        ("emergency_en", "Foot drop? Call 911.", "“Foot” is a body part"),
        ("emergency_es", "", "cannot be blank"),
        ("emergency_en", "Go to the nearest hospital.", "Name the number to call"),
        ("emergency_es", "   ", "Name the number to call"),
        ("sender_name", "Lakeview\r\nBcc: x@example.org", "one line"),
        ("name", "x" * 121, "at most 120"),
    ],
)
def test_a_wrong_value_is_refused_at_its_field(clinic, admin, field, value, words):
    before = clinic_settings.stamp(clinic)
    changes = {"sends_from": time(9), "sends_until": time(19), field: value}
    with pytest.raises(ValidationError) as caught:
        update(clinic, admin, **changes)
    assert words in str(caught.value.message_dict[field])
    assert clinic_settings.stamp(Clinic.objects.get(pk=clinic.pk)) == before


@pytest.mark.parametrize("line", ["", "  ", "Ask for help."])
@pytest.mark.parametrize("field", ["emergency_en", "emergency_es"])
def test_no_clinic_is_opened_without_an_emergency_line_to_call(db, field, line):
    with pytest.raises(ValidationError) as caught:
        factories.make_clinic(**{field: line})
    assert field in caught.value.message_dict
    assert not Clinic.objects.exists()


def test_a_clinic_is_opened_with_an_emergency_line_in_each_language(clinic):
    assert clinic.emergency_text("en") == "Emergency? Call 911."
    assert clinic.emergency_text("es") == "¿Emergencia? Llame al 911."


@pytest.mark.parametrize("field", ["emergency_en", "emergency_es"])
def test_the_database_too_refuses_a_clinic_without_an_emergency_line(clinic, field):
    with pytest.raises(IntegrityError, match="clinic_has_an_emergency_line"):
        Clinic.objects.filter(pk=clinic.pk).update(**{field: ""})


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("Emergency? Call 911.", "911"),
        (
            "In 24 hours: call +1 (312) 555-0100, day 2 too.",
            "+1 (312) 555-0100",
        ),
        ("Ask us 24/7.", ""),
    ],
)
def test_the_number_to_call_is_found_in_a_text(text, number):
    assert number_in(text) == number


@pytest.mark.parametrize("sender", ["", "+13125550100", "72975", "MG" + "0a" * 16])
def test_text_messages_may_come_from_a_number_or_a_service(clinic, admin, sender):
    assert update(clinic, admin, sms_sender=sender).sms_sender == sender


def test_of_two_admins_the_second_is_told(clinic, admin):
    seen = clinic_settings.stamp(clinic)
    update(clinic, admin, seen=seen, phone="312 555 0100")
    with pytest.raises(ValidationError, match="Somebody else has changed"):
        update(clinic, admin, seen=seen, phone="312 555 0199")
    assert Clinic.objects.get(pk=clinic.pk).phone == "312 555 0100"


@pytest.fixture
def replanning(monkeypatch):
    """An app above that moves follow-ups where the zone changes."""
    told = []
    registry = {**consequences._registry}
    monkeypatch.setattr(consequences, "_registry", registry)
    registry["clinic.updated"] = [
        consequences.Consequence(
            preview=lambda clinic, **facts: (
                [f"3 follow-ups move to {clinic.zone}."] * ("zone" in facts["changed"])
            ),
            foresee=None,
            apply=lambda clinic, **facts: told.append((clinic.zone, facts["changed"])),
        )
    ]
    return told


def typed(clinic, **changes):
    form = {name: getattr(clinic, name) for name in clinic_settings.FIELDS}
    times = {"sends_from": "09:00", "sends_until": "19:00"}
    return {**form, **times, "seen": clinic_settings.stamp(clinic), **changes}


def test_what_a_zone_does_is_said_before_it_is_saved(signed_in, clinic, replanning):
    form = typed(clinic, zone="America/Denver")
    page = signed_in.post(PAGE, form)
    assert "3 follow-ups move to America/Denver." in page.text
    assert (replanning, Clinic.objects.get().zone) == ([], "America/Chicago")
    foreseen = page.context["foreseen"]
    assert signed_in.post(PAGE, {**form, "foreseen": foreseen}).status_code == 302
    assert Clinic.objects.get().zone == "America/Denver"
    assert [(zone, "zone" in changed) for zone, changed in replanning] == [
        ("America/Denver", True)
    ]


def test_what_was_foreseen_for_one_zone_saves_no_other(signed_in, clinic, replanning):
    foreseen = signed_in.post(PAGE, typed(clinic, zone="America/Denver")).context[
        "foreseen"
    ]
    other = typed(clinic, zone="America/Phoenix", foreseen=foreseen)
    assert "3 follow-ups move to America/Phoenix." in signed_in.post(PAGE, other).text
    assert replanning == []


def test_the_page_keeps_what_was_typed_and_says_what_is_wrong(signed_in, clinic):
    page = signed_in.post(
        PAGE, typed(clinic, sends_until="08:00", phone="312 555 0100")
    )
    assert "The window closes before it opens" in page.text
    assert 'value="312 555 0100"' in page.text
    assert Clinic.objects.get().phone == ""


def test_a_zone_that_does_not_exist_is_refused_by_the_page(signed_in, clinic):
    page = signed_in.post(PAGE, typed(clinic, zone="America/Gotham"))
    assert "America/Gotham is not a time zone" in page.text


def test_after_a_clash_the_page_shows_what_stands(signed_in, clinic, admin):
    form = typed(clinic, phone="312 555 0199")
    update(clinic, admin, phone="312 555 0100")
    page = signed_in.post(PAGE, form)
    assert "Somebody else has changed the settings" in page.text
    assert ("Phone", "312 555 0100") in page.context["standing"]
    again = {**form, "seen": page.context["seen"]}
    assert signed_in.post(PAGE, again).status_code == 302
    assert Clinic.objects.get().phone == "312 555 0199"


def test_saving_the_page_untouched_changes_nothing(signed_in, clinic):
    page = signed_in.get(PAGE)
    form = {field.html_name: field.value() for field in page.context["form"]}
    form["sends_from"], form["sends_until"] = "00:00", "23:59"
    form["seen"] = page.context["seen"]
    assert signed_in.post(PAGE, form).status_code == 302
    assert Clinic.objects.get().sends_until == time(23, 59, 59)
    assert not AuditEvent.objects.filter(action="clinic.updated").exists()


def test_a_neutral_sender_is_offered_and_saved_only_when_it_is_wanted(
    signed_in, clinic
):
    clinic.sender_name = clinic.name
    clinic.save()
    page = signed_in.get(PAGE)
    assert "“Spine” says what patients are treated for" in page.text
    form = typed(clinic, step="suggest", phone="312 555 0100")
    page = signed_in.post(PAGE, form)
    assert page.context["form"]["sender_name"].value() == page.context["neutral"]
    assert 'value="312 555 0100"' in page.text
    assert Clinic.objects.get().sender_name == clinic.sender_name


def test_a_neutral_sender_gives_no_warning(signed_in, clinic, admin):
    update(clinic, admin, sender_name="Lakeview")
    assert "Neutral would be" not in signed_in.get(PAGE).text


def test_only_admins_find_the_way_there(client, clinic, physician, admin):
    for user, is_there in ((physician, False), (admin, True)):
        client.force_login(user)
        page = client.get(reverse("outcomes:follow_ups")).text
        assert (f'href="{PAGE}"' in page) is is_there


def test_a_clinic_with_an_old_zone_name_keeps_it(client):
    old = factories.make_clinic(zone="US/Central")
    client.force_login(factories.make_user(old))
    page = client.get(PAGE)
    assert page.context["form"]["zone"].value() == "US/Central"
    assert '<option value="US/Central" selected>' in page.text
