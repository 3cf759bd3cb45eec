"""The places where the clinic sees patients."""

from django.core.exceptions import ValidationError
from django.db import transaction

from clinic import audit
from clinic.audit import By
from clinic.models import Clinic, Location


@transaction.atomic
def add(clinic: Clinic, *, name: str, by: By) -> Location:
    location = Location(clinic=clinic, name=_free_name(clinic, name))
    location.full_clean()
    location.save()
    audit.record(by=by, action="location.added", about=location, after=location.name)
    return location


@transaction.atomic
def rename(location: Location, *, name: str, by: By) -> Location:
    before = location.name
    location.name = _free_name(location.clinic, name, besides=location)
    location.full_clean()
    location.save(update_fields=["name"])
    audit.record(
        by=by,
        action="location.renamed",
        about=location,
        before=before,
        after=location.name,
    )
    return location


def _free_name(clinic: Clinic, name: str, besides: Location | None = None) -> str:
    """North and north would be one place to whoever reads them."""
    name = " ".join(name.split())
    others = Location.objects.filter(clinic=clinic, name__iexact=name)
    if besides is not None:
        others = others.exclude(pk=besides.pk)
    if others.exists():
        raise ValidationError({"name": f"There is a location {name} already."})
    return name
