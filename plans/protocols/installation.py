"""Puts the shipped protocols into a clinic, version by version."""

from typing import Any

from django.db import transaction

from clinic.models import Clinic
from plans.models import Protocol
from plans.protocols import library, stored


@transaction.atomic
def install(clinic: Clinic, **_: Any) -> None:
    """Add the shipped versions this clinic does not have; what it has stays."""
    held = set(Protocol.objects.filter(clinic=clinic).values_list("key", "version"))
    missing = [d for d in library.load_all() if (d.key, d.version) not in held]
    stored.publish_all(clinic.pk, missing)
