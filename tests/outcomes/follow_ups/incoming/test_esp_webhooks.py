"""What a mail provider tells over its web service, checked and read by anymail."""

import base64
import json
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from clinic import clock
from outcomes.models import FollowUp, InboundMessage, Message, Receipt
from patients.models import ContactPoint

SECRET = "us:known-to-both"
REF = "883953f4-6105-42a2-a16a-77a8eac79483"


@pytest.fixture(autouse=True)
def postmark(settings) -> None:
    settings.EMAIL_PROVIDER = "postmark"
    settings.ANYMAIL = settings.ANYMAIL | {"WEBHOOK_SECRET": SECRET}


@pytest.fixture
def mailed(invitation: Message) -> Message:
    Message.objects.filter(pk=invitation.pk).update(
        state="accepted", provider_ref=REF, next_attempt_at=None
    )
    invitation.refresh_from_db()
    return invitation


def tell(body: dict[str, Any], kind: str = "tracking", secret: str = SECRET):
    signed = base64.b64encode(secret.encode()).decode()
    return Client().post(
        f"/webhooks/email/postmark/{kind}/",
        json.dumps(body),
        content_type="application/json",
        headers={"Authorization": f"Basic {signed}"},
    )


def report(message: Message, kind: str, **more: Any) -> HttpResponse:
    address = message.request.patient.contact_points.get(system="email").value
    body = {"RecordType": kind, "MessageID": REF, "Recipient": address, **more}
    reply = tell(body)
    message.refresh_from_db()
    return reply


def test_a_delivery_is_recorded(mailed):
    assert report(mailed, "Delivery").status_code == 200
    assert (mailed.state, Receipt.objects.get().provider) == ("delivered", "postmark")


def test_a_hard_bounce_closes_the_address(mailed):
    report(mailed, "Bounce", Type="HardBounce")
    assert mailed.state == "bounced"
    assert ContactPoint.objects.get().failure == "address does not exist"
    assert FollowUp.objects.filter(state=FollowUp.State.UNREACHABLE).exists()


def test_a_blocked_mail_says_nothing_of_the_address(mailed):
    report(mailed, "Bounce", Type="Blocked")
    assert mailed.state == "bounced"
    assert ContactPoint.objects.get().failed_at is None


def test_a_complaint_stops_the_mails(mailed):
    report(mailed, "SpamComplaint")
    patient = mailed.request.patient
    assert not patient.consents.filter(scope="email", withdrawn_on=None).exists()


def test_an_opened_mail_is_none_of_our_business(mailed):
    assert report(mailed, "Open").status_code == 200
    assert not Receipt.objects.exists()


@pytest.mark.parametrize("secret", ["us:guessed", ""])
def test_a_forged_report_is_refused(mailed, secret):
    body = {"RecordType": "Delivery", "MessageID": REF, "Recipient": "x@example.org"}
    assert tell(body, secret=secret).status_code == 403
    assert not Receipt.objects.exists()


def test_without_a_secret_nothing_is_taken(mailed, settings):
    settings.ANYMAIL = {}
    with pytest.warns(match="insecure"):
        assert report(mailed, "Delivery").status_code == 403


@pytest.mark.parametrize("provider", ["", "mailgun"])
def test_a_provider_that_we_do_not_send_by_has_nothing_to_tell(
    mailed, settings, provider
):
    settings.EMAIL_PROVIDER = provider
    assert report(mailed, "Delivery").status_code == 404


def test_a_reply_arrives_in_the_inbox(mailed, settings):
    settings.REDIS_URL = ""
    patient = mailed.request.patient
    address = patient.contact_points.get(system="email").value
    reply = tell(
        {
            "FromFull": {"Email": address, "Name": "Marta"},
            "ToFull": [{"Email": "follow-up@example.org", "Name": ""}],
            "From": address,
            "Subject": "Re: A few questions",
            "TextBody": "STOP\n",
            "Date": "Thu, 5 Nov 2026 16:59:01 +0200",
            "Headers": [{"Name": "Message-ID", "Value": f"<{clock.now()}@x.example>"}],
        },
        kind="inbound",
    )
    assert reply.status_code == 200
    assert InboundMessage.objects.get().patient == patient
    assert not patient.consents.filter(scope="email", withdrawn_on=None).exists()
