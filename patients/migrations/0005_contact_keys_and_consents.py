"""Gives rows from before their keys, their search terms and the consents they show."""

from zoneinfo import ZoneInfo

from django.db import migrations

from patients.catalogue.consents import UNKNOWN
from patients.models import contact_keys
from patients.models.contact import match_key

ROWS_AT_ONCE = 1000
CHANNEL = {"email": "email", "phone": "sms"}


def fill(apps, schema_editor):
    ContactPoint = apps.get_model("patients", "ContactPoint")
    points = ContactPoint.objects.select_related("clinic").order_by("pk")
    batch = []
    for point in points.iterator(chunk_size=ROWS_AT_ONCE):
        point.match_key = match_key(point.system, point.value, point.clinic.zone)
        batch.append(point)
        if len(batch) == ROWS_AT_ONCE:
            write(apps, batch)
            batch = []
    write(apps, batch)


def write(apps, points):
    if not points:
        return
    ContactPoint = apps.get_model("patients", "ContactPoint")
    Consent = apps.get_model("patients", "Consent")
    SearchTerm = apps.get_model("patients", "SearchTerm")
    ContactPoint.objects.bulk_update(points, ["match_key"])
    SearchTerm.objects.bulk_create(
        SearchTerm(patient_id=point.patient_id, clinic_id=point.clinic_id, term=term)
        for point in points
        for term in sorted(terms(point))
    )
    held = set(
        Consent.objects.filter(
            patient__in={point.patient_id for point in points}, withdrawn_on=None
        ).values_list("patient_id", "scope")
    )
    made = []
    for point in points:
        zone = ZoneInfo(point.clinic.zone)
        for scope in scopes(point):
            if (point.patient_id, scope) in held:
                continue
            held.add((point.patient_id, scope))
            made.append(
                Consent(
                    clinic_id=point.clinic_id,
                    patient_id=point.patient_id,
                    scope=scope,
                    wording_version=UNKNOWN,
                    given_on=point.created_at.astimezone(zone).date(),
                )
            )
    Consent.objects.bulk_create(made)


def terms(point):
    if point.system == "email":
        return contact_keys.email_terms(point.value)
    return contact_keys.phone_terms(point.value, point.match_key)


def scopes(point):
    """What `may_contact` has meant: asking by this way, and for treatment."""
    if not point.may_contact:
        return ()
    return (CHANNEL[point.system], "treatment")


class Migration(migrations.Migration):
    dependencies = [("patients", "0004_consent_withdrawal_recorded")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
