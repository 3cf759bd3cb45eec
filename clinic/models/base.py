import uuid
from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar, Self

import uuid6
from django.contrib.auth.models import AnonymousUser
from django.db import models

from clinic import access, clock

if TYPE_CHECKING:
    from clinic.models import User


def uuid7() -> uuid.UUID:
    """A key that sorts by time of making, so that indexes grow at their end."""
    return uuid.UUID(int=uuid6.uuid7().int)


class ClinicQuerySet(models.QuerySet):
    """Rows of one clinic; `visible_to` is where every query of a user starts."""

    act_to_read: ClassVar[access.Act]

    def visible_to(self, user: "User | AnonymousUser") -> Self:
        """Rows of the user's current clinic, none without the role to read them."""
        membership = getattr(user, "membership", None)
        if membership is None or not access.can(user, self.act_to_read):
            return self.none()
        return self.filter(clinic=membership.clinic_id)


def readable_with(act: access.Act) -> type[ClinicQuerySet]:
    """A queryset class for rows that need this act to be read."""
    return type("ClinicQuerySet", (ClinicQuerySet,), {"act_to_read": act})


class Record(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    clinic = models.ForeignKey(
        "clinic.Clinic", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    created_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        abstract = True

    @property
    def audit_subject(self) -> uuid.UUID | None:
        """The patient that an audit event about this row is filed under."""
        return getattr(self, "patient_id", None)


class AppendOnlyModel(models.Model):
    """Rows that the database itself refuses to change or delete."""

    is_append_only = True
    # The few columns, by name in the database, that may change all the same.
    columns_that_change: ClassVar[Sequence[str]] = ()
    # From when on a row is kept, as a condition in SQL on OLD; empty: always.
    kept_when: ClassVar[str] = ""

    class Meta:
        abstract = True
