import django_filters
from django.db.models import Exists, OuterRef, Q, QuerySet

from clinic import clock
from clinic.api_filters import Ordering
from clinic.models import Language
from patients.models import ContactPoint, Patient
from patients.models.patient import PatientQuerySet


class PatientFilters(django_filters.FilterSet):
    q = django_filters.CharFilter(
        method="search",
        help_text="Beginnings of names, of the MRN, of a phone number or an e-mail "
        "address, in any order.",
    )
    mrn = django_filters.CharFilter(method="with_mrn")
    birth_date = django_filters.DateFilter()
    origin = django_filters.ChoiceFilter(choices=Patient.Origin.choices)
    language = django_filters.ChoiceFilter(choices=Language.choices)
    preferred_channel = django_filters.ChoiceFilter(choices=Patient.Channel.choices)
    payer_class = django_filters.ChoiceFilter(choices=Patient.PayerClass.choices)
    is_on_hold = django_filters.BooleanFilter(method="on_hold")
    has_withdrawn = django_filters.BooleanFilter("withdrawn_on", "isnull", exclude=True)
    has_died = django_filters.BooleanFilter("deceased_on", "isnull", exclude=True)
    has_shared_contact = django_filters.BooleanFilter(
        method="shared_contact",
        help_text="Whether another patient has the same e-mail address or phone.",
    )
    is_merged = django_filters.BooleanFilter(
        "merged_into",
        "isnull",
        exclude=True,
        help_text="Records that are read with another one; left out unless asked for.",
    )
    ordering = Ordering(fields=["family_name", "birth_date", "created_at"])

    def filter_queryset(self, queryset: QuerySet) -> QuerySet:
        """A merged record is no patient of its own; its MRN leads to the kept one."""
        found = super().filter_queryset(queryset)
        if self.form.cleaned_data.get("is_merged") is None:
            return found.filter(merged_into=None)
        return found

    def search(self, queryset: PatientQuerySet, name: str, text: str) -> QuerySet:
        return queryset.search(text)

    def with_mrn(self, queryset: PatientQuerySet, name: str, text: str) -> QuerySet:
        """Whoever holds it, or is read with the record that does."""
        holding = Patient.objects.with_mrn(text)
        kept = holding.filter(merged_into__isnull=False).values("merged_into")
        return queryset.filter(Q(pk__in=holding.values("pk")) | Q(pk__in=kept))

    def on_hold(self, queryset: QuerySet, name: str, wanted: bool) -> QuerySet:
        today = clock.today(self.request.user.membership.clinic.zone)
        held = Q(hold_until__gte=today)
        return queryset.filter(held if wanted else ~held)

    def shared_contact(self, queryset: QuerySet, name: str, wanted: bool) -> QuerySet:
        same = ContactPoint.objects.filter(
            clinic=OuterRef("clinic"),
            system=OuterRef("system"),
            match_key=OuterRef("match_key"),
            patient__merged_into=None,
        ).exclude(patient=OuterRef("patient"))
        shared = (
            ContactPoint.objects.filter(patient=OuterRef("pk"))
            .exclude(match_key="")
            .filter(Exists(same))
        )
        found = Exists(shared)
        return queryset.filter(found if wanted else ~found)
