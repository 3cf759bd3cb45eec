"""Who is let in to a webhook: whoever signs, and nobody else."""

import logging

import pytest
from django.test import Client
from django.urls import reverse

from outcomes.follow_ups.incoming import signatures, webhooks
from outcomes.models import InboundMessage, MessageEvent, Receipt
from tests.outcomes.follow_ups import numbers


def test_a_call_is_signed_as_in_twilios_own_example():
    """Source: Twilio, "Security", worked example (key 12345)."""
    fields = {
        "CallSid": ["CA1234567890ABCDE"],
        "Caller": ["+14158675309"],
        "Digits": ["1234"],
        "From": ["+14158675309"],
        "To": ["+18005551212"],
    }
    url = "https://mycompany.com/myapp.php?foo=1&bar=2"
    given = "RSOYDt4T1cUTdK1PDd93/VVr8B8="
    assert signatures.is_twilio(given, key="12345", url=url, fields=fields)
    assert not signatures.is_twilio(given, key="12346", url=url, fields=fields)
    assert not signatures.is_twilio(given, key="12345", url=f"{url}3", fields=fields)
    changed = {**fields, "Digits": ["1235"]}
    assert not signatures.is_twilio(given, key="12345", url=url, fields=changed)


def test_without_a_key_nothing_is_signed():
    fields: dict[str, list[str]] = {}
    empty = "thdUeFQI9zsEe5FAJTSlF4Q1xEw="
    assert not signatures.is_twilio(empty, key="", url="", fields=fields)
    assert not signatures.is_ours("", key="", body=b"")


@pytest.mark.parametrize("signature", ["", "c2lnbmVk", "ñ", "RSOYDt4T1cUTdK1PDd93"])
def test_a_forged_call_changes_nothing_and_is_noted(
    texted, sms_sink, caplog, signature
):
    events = MessageEvent.objects.count()
    for name in ("sms_status", "sms_inbound"):
        address = reverse(f"outcomes:{name}", args=["twilio"])
        fields = {"MessageSid": "SM1", "From": numbers.THEIRS, "Body": "STOP"}
        with caplog.at_level(logging.WARNING):
            reply = Client().post(
                address, fields, headers={"X-Twilio-Signature": signature}
            )
        assert reply.status_code == 403
    assert "refused" in caplog.text
    assert "555" not in caplog.text and "STOP" not in caplog.text
    assert not Receipt.objects.exists() and not InboundMessage.objects.exists()
    assert MessageEvent.objects.count() == events
    assert numbers.may_text(texted.request.patient)


def test_the_signature_of_one_message_is_none_for_another(texted, sms_sink):
    """Whose receipt it is stands in the signed address."""
    good = numbers.report(texted, "delivered").wsgi_request
    signature = good.headers["X-Twilio-Signature"]
    address = f"{good.path}?message={texted.request_id}"
    fields = {"MessageSid": "SM1", "MessageStatus": "delivered"}
    assert numbers.call(address, fields, signature).status_code == 403


@pytest.mark.parametrize("name", ["sms_status", "sms_inbound"])
def test_a_provider_that_nobody_knows_is_not_there(db, name):
    assert Client().post(reverse(f"outcomes:{name}", args=["x"])).status_code == 404


def test_a_call_that_is_too_large_is_not_read(db, settings, sms_sink):
    address = reverse("outcomes:sms_inbound", args=["twilio"])
    fields = {"Body": "x" * webhooks.MOST_OF_A_FORM}
    assert numbers.call(address, fields).status_code == 413
    address = reverse("outcomes:email_inbound")
    body = b"x" * (webhooks.MOST_OF_A_MAIL + 1)
    reply = Client().post(address, body, content_type="message/rfc822")
    assert reply.status_code == 413
