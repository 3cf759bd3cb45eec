"""Phone numbers of patients, and calls that a provider makes to us, signed."""

import base64
import hashlib
import hmac
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from clinic import audit
from clinic.models import Clinic
from outcomes.models import Message
from patients.models import Consent, Patient
from patients.record import consents, registration

OURS, THEIRS = "+13125550100", "+13125550142"


def give(patient: Patient, number: str = THEIRS) -> Patient:
    """With the consent to be written to there."""
    registration.update(patient, by=audit.SYSTEM, phone=number)
    consents.give(patient, by=audit.SYSTEM, scope="sms")
    return patient


def may_text(patient: Patient) -> bool:
    in_force = Consent.objects.filter(patient=patient, scope="sms", withdrawn_on=None)
    flags = patient.contact_points.filter(system="phone", may_contact=True)
    assert in_force.exists() == flags.exists()
    return in_force.exists()


def give_sender(clinic: Clinic, number: str = OURS) -> None:
    Clinic.objects.filter(pk=clinic.pk).update(sms_sender=number)


def call(address: str, fields: dict[str, Any], signature: str = "") -> HttpResponse:
    """As Twilio does: a form, signed with what lies at the address."""
    signed = settings.SITE_URL + address
    signed += "".join(name + fields[name] for name in sorted(fields))
    digest = hmac.new(
        settings.SMS_WEBHOOK_KEY.encode(), signed.encode(), hashlib.sha1
    ).digest()
    given = signature or base64.b64encode(digest).decode()
    return Client().post(address, fields, headers={"X-Twilio-Signature": given})


def report(
    message: Message, status: str, sid: str = "SM1", **more: str
) -> HttpResponse:
    """What became of a text message, as the provider tells it."""
    address = f"{reverse('outcomes:sms_status', args=['twilio'])}?message={message.pk}"
    return call(address, {"MessageSid": sid, "MessageStatus": status, **more})


def write(text: str, sid: str = "SM9", sender: str = THEIRS, **more: str) -> str:
    """A text message of a patient to us; what is answered."""
    address = reverse("outcomes:sms_inbound", args=["twilio"])
    fields = {"MessageSid": sid, "From": sender, "To": OURS, "Body": text}
    reply = call(address, {**fields, **more})
    assert reply.status_code == 200
    return reply.content.decode()
