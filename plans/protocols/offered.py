"""Which protocols of a clinic a new plan can be started from."""

from django.contrib.auth.models import AnonymousUser

from clinic.models import User
from plans.models import Protocol


def all_of(user: User | AnonymousUser) -> list[Protocol]:
    """Every version that the user may read, with its steps and time points."""
    visible = Protocol.objects.visible_to(user)
    return list(visible.prefetch_related("steps", "timepoints"))


def newest(protocols: list[Protocol]) -> list[Protocol]:
    """The newest version of each, which is what a new plan can be started from."""
    versions: dict[str, int] = {}
    for protocol in protocols:
        versions[protocol.key] = max(versions.get(protocol.key, 0), protocol.version)
    return [p for p in protocols if p.version == versions[p.key]]
