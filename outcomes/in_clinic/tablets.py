"""The clinic's tablets: added, enrolled, taken away; and what is handed to one."""

from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F, Q

from clinic import audit, clock
from clinic.audit import By
from clinic.models import Clinic, Location, User
from outcomes.follow_ups.channels import tokens
from outcomes.in_clinic import codes, device
from outcomes.models import DeskCode, SurveyRequest, Tablet
from outcomes.survey import questionnaire

NAME_LENGTH = 60
# To walk from the desk to the tablet and type the code.
ENROL_FOR = timedelta(minutes=10)
# To take the tablet to the chair and type the date of birth.
HANDED_FOR = timedelta(minutes=10)
# It asks every few seconds; once a minute is kept.
SEEN_EVERY = timedelta(minutes=1)
AWAY_AFTER = timedelta(minutes=3)
# Wrong codes in a row, and how long a tablet then takes none.
MISSES = 8
REST = timedelta(minutes=10)
ENROL, DESK = "enrol", "desk"


@transaction.atomic
def add(
    clinic: Clinic, *, name: str, by: User, location: Location | None = None
) -> tuple[Tablet, str]:
    """A tablet that waits for its browser, and the code by which it becomes one."""
    name = " ".join(name.split())
    if not 0 < len(name) <= NAME_LENGTH:
        raise ValidationError({"name": f"Give a name of 1 to {NAME_LENGTH} letters."})
    if Tablet.objects.filter(
        clinic=clinic, name__iexact=name, revoked_at=None
    ).exists():
        raise ValidationError({"name": f"There is a tablet {name} already."})
    tablet = Tablet(clinic=clinic, name=name, location=location, added_by=by)
    code = _set_code(tablet)
    tablet.save()
    audit.record(by=by, action="tablet.added", about=tablet, name=name)
    return tablet, code


@transaction.atomic
def renew_code(tablet: Tablet, *, by: By) -> str:
    """Another code: the browser that was this tablet is it until a new one is."""
    if tablet.revoked_at is not None:
        raise ValidationError("This tablet was taken out of use; add it anew.")
    code = _set_code(tablet)
    tablet.save(update_fields=["code_hmac", "code_until"])
    audit.record(by=by, action="tablet.code_given", about=tablet)
    return code


def _set_code(tablet: Tablet) -> str:
    code = codes.letters()
    tablet.code_hmac = codes.keyed(code, of=ENROL)
    tablet.code_until = clock.now() + ENROL_FOR
    return code


@transaction.atomic
def enrol(code: str) -> tuple[Tablet, str] | None:
    """Make a browser the tablet that the code is of; its secret is told this once."""
    now = clock.now()
    wanted = Tablet.objects.filter(
        code_hmac=codes.keyed(codes.typed(code), of=ENROL),
        code_until__gt=now,
        revoked_at=None,
    )
    tablet = wanted.first()
    secret = device.new_secret()
    if tablet is None or not wanted.filter(pk=tablet.pk).update(
        code_hmac="",
        code_until=None,
        device_sha256=tokens.sha256_of(secret),
        enrolled_at=now,
        seen_at=now,
        request=None,
        begun_at=None,
    ):
        return None
    audit.record(by=audit.SYSTEM, action="tablet.enrolled", about=tablet)
    return tablet, secret


@transaction.atomic
def revoke(tablet: Tablet, *, by: By) -> Tablet:
    """It is no tablet of the clinic any more, wherever it is; at its next request."""
    ended = Tablet.objects.filter(pk=tablet.pk, revoked_at=None).update(
        revoked_at=clock.now(),
        code_hmac="",
        code_until=None,
        device_sha256="",
        request=None,
        begun_at=None,
    )
    if ended:
        audit.record(by=by, action="tablet.revoked", about=tablet)
    return tablet


@transaction.atomic
def hand(tablet: Tablet, asked: SurveyRequest, *, by: By) -> None:
    """The survey opens on it at once; of what it or another showed nothing is left."""
    now = clock.now()
    Tablet.objects.filter(request=asked).exclude(pk=tablet.pk).update(
        request=None, begun_at=None
    )
    handed = Tablet.objects.filter(
        pk=tablet.pk, clinic=asked.clinic_id, revoked_at=None, enrolled_at__isnull=False
    ).update(request=asked, handed_at=now, begun_at=None)
    if not handed:
        raise ValidationError("This tablet is not in use; choose another one.")
    audit.record(by=by, action="survey.handed_to_tablet", about=asked, to=tablet.name)


@transaction.atomic
def take_back(tablet: Tablet, *, by: By) -> bool:
    """Nothing is to open on it any more; what was answered is kept."""
    held = tablet.request
    taken = Tablet.objects.filter(pk=tablet.pk, request=held).update(
        request=None, begun_at=None
    )
    if held is None or not taken:
        return False
    audit.record(by=by, action="survey.taken_off_tablet", about=held, of=tablet.name)
    return True


def waiting(tablet: Tablet, at: datetime) -> SurveyRequest | None:
    """What a patient may begin on it; None once they have, or let it lie."""
    asked = tablet.request
    if asked is None or tablet.begun_at is not None or tablet.handed_at is None:
        return None
    is_fresh = tablet.handed_at > at - HANDED_FOR
    return asked if is_fresh and questionnaire.is_open(asked, at=at) else None


def begin(tablet: Tablet, at: datetime) -> bool:
    """Whether this was the one time that what was handed to it opens."""
    rows = Tablet.objects.filter(
        pk=tablet.pk, request=tablet.request, begun_at=None, revoked_at=None
    )
    return bool(rows.update(begun_at=at))


@transaction.atomic
def redeem(tablet: Tablet, code: str) -> str:
    """Put on the tablet what the code opens; else the key of the text that says why."""
    now = clock.now()
    if is_resting(tablet, now):
        return "code_rest"
    found = (
        DeskCode.objects.filter(
            clinic=tablet.clinic_id,
            code_hmac=codes.keyed(codes.typed(code), of=DESK),
            used_at=None,
            expires_at__gt=now,
        )
        .select_related("request")
        .first()
    )
    is_first = found and DeskCode.objects.filter(pk=found.pk, used_at=None).update(
        used_at=now
    )
    if found is None or not is_first:
        _count_miss(tablet, now)
        return "code_wrong"
    Tablet.objects.filter(pk=tablet.pk).update(misses=0)
    hand(tablet, found.request, by=audit.PATIENT)
    return ""


def is_resting(tablet: Tablet, at: datetime) -> bool:
    return (
        tablet.misses >= MISSES
        and tablet.missed_at is not None
        and tablet.missed_at > at - REST
    )


def _count_miss(tablet: Tablet, at: datetime) -> None:
    """After a rest it is counted anew."""
    row = Tablet.objects.filter(pk=tablet.pk)
    is_old = Q(missed_at__lte=at - REST)
    row.filter(is_old).update(misses=0)
    row.update(misses=F("misses") + 1, missed_at=at)


def note_seen(tablet: Tablet, at: datetime) -> None:
    """That it is there; the one thing that opening its page writes."""
    Tablet.objects.filter(pk=tablet.pk).exclude(seen_at__gt=at - SEEN_EVERY).update(
        seen_at=at
    )
