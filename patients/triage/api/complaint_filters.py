"""By what the API finds complaints."""

import django_filters
from django.db.models import Exists, OuterRef, Q, QuerySet

from clinic.api_filters import Ordering
from patients.catalogue import places
from patients.models import Complaint, Diagnosis, RedFlag, Side
from patients.models.searching import begins_with
from patients.record.filters import OfPatient
from patients.triage import current_source


class ComplaintFilters(django_filters.FilterSet):
    patient = OfPatient()
    pain_site = django_filters.ChoiceFilter(choices=places.site_choices())
    side = django_filters.ChoiceFilter(choices=Side.choices)
    source = django_filters.ChoiceFilter(
        choices=[
            (source.key, source.label) for source in places.pain_sources().values()
        ],
        method="from_source",
        help_text="The source that stands now: the newest that is neither replaced "
        "nor refuted.",
    )
    diagnosis = django_filters.CharFilter(
        method="with_diagnosis",
        help_text="The beginning of a code, such as M54, of a diagnosis that is active "
        "and not refuted.",
    )
    flag_tier = django_filters.ChoiceFilter(
        choices=RedFlag.Tier.choices,
        method="with_flag",
        help_text="A red flag of this tier is not closed: of the complaint, or of the "
        "patient and of no complaint in particular.",
    )
    is_closed = django_filters.BooleanFilter("closed_on", "isnull", exclude=True)
    deficit_kind = django_filters.ChoiceFilter(choices=Complaint.Deficit.choices)
    is_clock_running = django_filters.BooleanFilter(method="with_clock")
    opened_from = django_filters.DateFilter("opened_on", "gte")
    opened_until = django_filters.DateFilter("opened_on", "lte")
    ordering = Ordering(fields=["opened_on", "created_at"])

    def from_source(self, queryset: QuerySet, name: str, key: str) -> QuerySet:
        return current_source.annotated(queryset).filter(current=key)

    def with_diagnosis(self, queryset: QuerySet, name: str, text: str) -> QuerySet:
        standing = Diagnosis.objects.filter(
            begins_with("code", text.strip().upper()),
            complaint=OuterRef("pk"),
            status=Diagnosis.Status.ACTIVE,
        ).exclude(certainty=Diagnosis.Certainty.REFUTED)
        return queryset.filter(Exists(standing))

    def with_flag(self, queryset: QuerySet, name: str, tier: str) -> QuerySet:
        about = Q(complaint=OuterRef("pk")) | Q(
            complaint=None, patient=OuterRef("patient")
        )
        standing = RedFlag.objects.filter(about, tier=tier, state__in=RedFlag.STANDING)
        return queryset.filter(Exists(standing))

    def with_clock(self, queryset: QuerySet, name: str, is_running: bool) -> QuerySet:
        running = Complaint.objects.with_running_clock().order_by().values("pk")
        if is_running:
            return queryset.filter(pk__in=running)
        return queryset.exclude(pk__in=running)
