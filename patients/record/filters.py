"""Filters that every list of patients' rows shares."""

from uuid import UUID

import django_filters
from django.db.models import QuerySet

from patients.models import Patient


class OfPatient(django_filters.UUIDFilter):
    """Rows of one patient, with those of records that were merged into it."""

    def filter(self, qs: QuerySet, value: UUID | None) -> QuerySet:
        if value is None:
            return qs
        ids = Patient.objects.record_ids(value)
        return qs.filter(**{f"{self.field_name}__in": ids})
