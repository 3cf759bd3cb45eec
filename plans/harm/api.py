"""Adverse events over the API; every act calls the verb that the page calls."""

from typing import Any, ClassVar

import django_filters
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from clinic.access import Act
from clinic.api_fields import ReasonSerializer, StrictSerializer, VisibleField
from clinic.api_filters import Ordering
from clinic.api_views import PatientRowsViewSet
from patients.models import Complaint, Patient
from patients.record.filters import OfPatient
from plans.harm import adverse_events, catalogue, doubts
from plans.models import AdverseEvent, AdverseEventRating, Intervention, Modality

CATEGORIES = catalogue.choices(catalogue.categories())
GRADES = [(int(word.key), word.label) for word in catalogue.grades().values()]
RECEIVERS = catalogue.choices(catalogue.receivers())


class RatingSerializer(serializers.ModelSerializer):
    rater: serializers.Field = serializers.StringRelatedField()

    class Meta:
        model = AdverseEventRating
        fields = ["id", "rater", "grade", "relatedness", "note", "created_at"]
        read_only_fields = fields


class AdverseEventSerializer(StrictSerializer, serializers.ModelSerializer):
    patient = VisibleField(Patient)
    complaint = VisibleField(Complaint, required=False, allow_null=True)
    intervention = VisibleField(Intervention, required=False, allow_null=True)
    category = serializers.ChoiceField(choices=CATEGORIES)
    reported_to = serializers.MultipleChoiceField(
        choices=RECEIVERS, required=False, help_text="Empty: nobody has said."
    )
    opened_by: serializers.Field = serializers.StringRelatedField()
    grade = serializers.IntegerField(
        source="worst_grade",
        read_only=True,
        allow_null=True,
        help_text="The highest that one of its raters holds.",
    )
    needs_second_rater = serializers.BooleanField(
        source="lacks_second_rater", read_only=True
    )
    disagreement = serializers.ListField(
        child=serializers.CharField(),
        read_only=True,
        help_text="In what the raters differ, each by the last word.",
    )
    warnings = serializers.SerializerMethodField(
        help_text="What does not fit together, in sentences."
    )
    ratings = RatingSerializer(many=True, read_only=True)

    class Meta:
        model = AdverseEvent
        fields = [
            "id",
            "patient",
            "complaint",
            "intervention",
            "origin",
            "onset_on",
            "category",
            "description",
            "is_serious",
            "is_expected",
            "outcome",
            "resolved_on",
            "reported_to",
            "status",
            "status_reason",
            "opened_by",
            "grade",
            "needs_second_rater",
            "disagreement",
            "warnings",
            "ratings",
            "created_at",
        ]
        read_only_fields = ["resolved_on", "status", "status_reason"]

    def get_warnings(self, event: AdverseEvent) -> list[str]:
        return list(doubts.of(event))

    def to_representation(self, instance: AdverseEvent) -> dict[str, Any]:
        """In the stored order; a set has none."""
        return super().to_representation(instance) | {
            "reported_to": instance.reported_to
        }

    def validate_reported_to(self, given: set[str]) -> list[str]:
        return [key for key, _ in RECEIVERS if key in given]


class AmendSerializer(StrictSerializer, serializers.ModelSerializer):
    category = serializers.ChoiceField(choices=CATEGORIES, required=False)
    reported_to = serializers.MultipleChoiceField(choices=RECEIVERS, required=False)

    class Meta:
        model = AdverseEvent
        fields: ClassVar = list(adverse_events.AMENDABLE)
        extra_kwargs: ClassVar = {"onset_on": {"required": False}}

    def validate_reported_to(self, given: set[str]) -> list[str]:
        return [key for key, _ in RECEIVERS if key in given]


class RateSerializer(StrictSerializer):
    grade = serializers.ChoiceField(
        choices=GRADES, help_text="The general steps of CTCAE."
    )
    relatedness = serializers.ChoiceField(choices=AdverseEvent.Relatedness.choices)
    note = serializers.CharField(
        required=False, allow_blank=True, max_length=adverse_events.NOTE_LENGTH
    )


class CloseSerializer(StrictSerializer):
    outcome = serializers.ChoiceField(
        choices=[(key.value, key.label) for key in adverse_events.ENDED]
    )
    resolved_on = serializers.DateField(required=False, allow_null=True)


class AdverseEventFilters(django_filters.FilterSet):
    patient = OfPatient()
    intervention = django_filters.UUIDFilter()
    plan = django_filters.UUIDFilter("intervention__plan")
    category = django_filters.ChoiceFilter(choices=CATEGORIES)
    status = django_filters.ChoiceFilter(choices=AdverseEvent.Status.choices)
    grade = django_filters.ChoiceFilter(choices=GRADES)
    relatedness = django_filters.ChoiceFilter(
        choices=AdverseEvent.Relatedness.choices, method="of_relatedness"
    )
    modality = django_filters.ChoiceFilter(
        "intervention__modality", choices=Modality.choices
    )
    needs_second_rater = django_filters.BooleanFilter(method="of_second_rater")
    onset_from = django_filters.DateFilter("onset_on", "gte")
    onset_until = django_filters.DateFilter("onset_on", "lte")
    ordering = Ordering(fields=["onset_on", "created_at"])

    def of_relatedness(self, qs: Any, name: str, value: str) -> QuerySet:
        return qs.related(value)

    def of_second_rater(self, qs: Any, name: str, value: bool) -> QuerySet:
        lacking = AdverseEvent.objects.needing_second_rater().values("pk")
        return qs.filter(pk__in=lacking) if value else qs.exclude(pk__in=lacking)


class AdverseEventViewSet(PatientRowsViewSet):
    queryset = AdverseEvent.objects.graded().for_pages().order_by("-onset_on", "-pk")
    serializer_class = AdverseEventSerializer
    filterset_class = AdverseEventFilters
    http_method_names = ["get", "head", "post"]
    acts: ClassVar = {
        "list": Act.READ_PLANS,
        "retrieve": Act.READ_PLANS,
        "create": Act.REPORT_HARM,
        "amend": Act.REPORT_HARM,
        "rate": Act.RATE_HARM,
        "close": Act.RATE_HARM,
        "reopen": Act.RATE_HARM,
        "take_back": Act.RATE_HARM,
    }

    def create(self, request: Request) -> Response:
        """Put an event on the ledger; a procedure is what it is suspected of."""
        made = adverse_events.open_event(by=self.caller, **self.checked(request))
        return self.shown(made, code=status.HTTP_201_CREATED)

    @extend_schema(responses={200: AdverseEventSerializer})
    @action(detail=True, methods=["post"], serializer_class=AmendSerializer)
    def amend(self, request: Request, pk: str) -> Response:
        """Correct or complete what was said of it, while it is open."""
        return self.carried_out(request, adverse_events.amend, changing=True)

    @extend_schema(responses={200: AdverseEventSerializer})
    @action(detail=True, methods=["post"], serializer_class=RateSerializer)
    def rate(self, request: Request, pk: str) -> Response:
        """Say how severe it is and how likely the treatment caused it."""
        return self.carried_out(request, adverse_events.rate)

    @extend_schema(responses={200: AdverseEventSerializer})
    @action(detail=True, methods=["post"], serializer_class=CloseSerializer)
    def close(self, request: Request, pk: str) -> Response:
        """Say how it ended; only what a clinician has rated."""
        return self.carried_out(request, adverse_events.close)

    @extend_schema(responses={200: AdverseEventSerializer})
    @action(detail=True, methods=["post"], serializer_class=ReasonSerializer)
    def reopen(self, request: Request, pk: str) -> Response:
        """It was not over."""
        return self.carried_out(request, adverse_events.reopen)

    @extend_schema(responses={200: AdverseEventSerializer})
    @action(
        detail=True,
        methods=["post"],
        url_path="take-back",
        serializer_class=ReasonSerializer,
    )
    def take_back(self, request: Request, pk: str) -> Response:
        """It was entered in error; it stays on record with the reason."""
        return self.carried_out(request, adverse_events.take_back)

    def carried_out(
        self, request: Request, verb: Any, *, changing: bool = False
    ) -> Response:
        event = self.get_object()
        given = self.checked(request, changing=event if changing else None)
        verb(event, by=self.caller, **given)
        return self.shown(event, AdverseEventSerializer)
