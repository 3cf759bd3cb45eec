"""How a patient gets to the survey in the clinic: a code of one kind or another."""

import secrets
from datetime import timedelta

import segno
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe

from clinic import audit, clock
from clinic.models import User
from outcomes.follow_ups.channels import tokens
from outcomes.in_clinic import codes, opening, tablets
from outcomes.models import DeskCode, Link, SurveyRequest, Tablet
from patients.models import Patient

# Long enough to wait and to answer; the date of birth is asked all the same.
GOOD_FOR = timedelta(hours=1)
DESK_CODE_FOR = timedelta(minutes=15)


@transaction.atomic
def hand_screen(patient: Patient, *, by: User) -> str:
    """The token of a link for a screen that staff sign out of."""
    return _link(opening.open_survey(patient, by=by), Link.Kind.SCREEN, by)


@transaction.atomic
def qr_address(patient: Patient, *, by: User) -> str:
    """The address that a QR code holds; the code of before leads nowhere any more."""
    asked = opening.open_survey(patient, by=by)
    # Not revoked: that would end what somebody is just answering.
    asked.links.filter(kind=Link.Kind.QR, expires_at__gt=clock.now()).update(
        expires_at=clock.now()
    )
    token = _link(asked, Link.Kind.QR, by)
    return f"{settings.SITE_URL}{reverse('outcomes:enter', args=[token])}"


def _link(asked: SurveyRequest, kind: str, by: User) -> str:
    """A way in beside those that were sent, which stay good."""
    now = clock.now()
    token = secrets.token_urlsafe(tokens.TOKEN_BYTES)
    Link.objects.create(
        clinic_id=asked.clinic_id,
        request=asked,
        kind=kind,
        token_sha256=tokens.sha256_of(token),
        expires_at=min(asked.closes_at, now + GOOD_FOR),
        created_at=now,
    )
    audit.record(by=by, action="survey.handed_over", about=asked, how=str(kind))
    return token


@transaction.atomic
def hand_to(patient: Patient, *, tablet: Tablet, by: User) -> SurveyRequest:
    """The survey opens on that tablet, with its question for the date of birth."""
    asked = opening.open_survey(patient, by=by)
    tablets.hand(tablet, asked, by=by)
    return asked


@transaction.atomic
def desk_code(patient: Patient, *, by: User) -> str:
    """A number to be typed on any tablet of the clinic; the one before ends."""
    asked = opening.open_survey(patient, by=by)
    now = clock.now()
    asked.desk_codes.filter(used_at=None, expires_at__gt=now).update(expires_at=now)
    live = DeskCode.objects.filter(
        clinic=asked.clinic_id, used_at=None, expires_at__gt=now
    )
    code = codes.digits()
    while live.filter(code_hmac=codes.keyed(code, of=tablets.DESK)).exists():
        code = codes.digits()
    DeskCode.objects.create(
        clinic_id=asked.clinic_id,
        request=asked,
        code_hmac=codes.keyed(code, of=tablets.DESK),
        given_by=by,
        expires_at=now + DESK_CODE_FOR,
        created_at=now,
    )
    audit.record(by=by, action="survey.handed_over", about=asked, how="desk code")
    return code


def drawn(address: str) -> SafeString:
    """An address for a phone's camera, as SVG: all of it is made here, none typed."""
    code = segno.make(address, error="m", micro=False)
    return mark_safe(code.svg_inline(omitsize=True, svgclass=None, lineclass=None))  # noqa: S308


def checked_tablet(user: User, tablet_id: str) -> Tablet:
    """One of the caller's clinic that is in use."""
    visible = Tablet.objects.visible_to(user).filter(revoked_at=None)
    try:
        return visible.get(pk=tablet_id)
    except (Tablet.DoesNotExist, ValueError, ValidationError):
        raise ValidationError("Choose one of the tablets.") from None
