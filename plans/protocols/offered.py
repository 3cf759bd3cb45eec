"""Which protocols of a clinic a new plan can be started from."""

from collections.abc import Iterable

from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ValidationError

from clinic.models import User
from plans.models import Protocol


def all_of(user: User | AnonymousUser) -> list[Protocol]:
    """Every version that the user may read, with its steps and time points."""
    visible = Protocol.objects.visible_to(user)
    return list(visible.prefetch_related("steps", "timepoints"))


def newest(protocols: Iterable[Protocol]) -> list[Protocol]:
    """The newest version of each that is not retired: what a plan can start from."""
    return [p for p in newest_versions(protocols) if p.retired_at is None]


def by_purpose(protocols: Iterable[Protocol]) -> dict[str, list[Protocol]]:
    """Under the headings that a clinic looks under; a heading may hold none."""
    groups: dict[str, list[Protocol]] = {"For one treatment": [], "For a condition": []}
    for protocol in protocols:
        heading = "For a condition" if protocol.condition else "For one treatment"
        groups[heading].append(protocol)
    return groups


def newest_versions(protocols: Iterable[Protocol]) -> list[Protocol]:
    """The newest version of each, retired ones too."""
    held = list(protocols)
    versions: dict[str, int] = {}
    for protocol in held:
        versions[protocol.key] = max(versions.get(protocol.key, 0), protocol.version)
    return [p for p in held if p.version == versions[p.key]]


def newest_of(protocol: Protocol) -> Protocol:
    """The newest version of the same protocol; itself where there is none after it."""
    return (
        Protocol.objects.filter(clinic=protocol.clinic_id, key=protocol.key)
        .order_by("-version")
        .first()
    ) or protocol


def check(protocol: Protocol) -> None:
    """Raises ValidationError for what no new plan can be started from."""
    newest_one = newest_of(protocol)
    if newest_one.version != protocol.version:
        raise ValidationError(
            {
                "protocol": f"Version {protocol.version} is replaced; start from "
                f"version {newest_one.version}."
            }
        )
    if newest_one.retired_at is not None:
        raise ValidationError(
            {"protocol": "This protocol is retired; choose another one."}
        )
