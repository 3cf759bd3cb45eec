"""The worklist, calls and tasks of staff over the API."""

from typing import Any, ClassVar

import django_filters
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from clinic import clock
from clinic.access import Act
from clinic.api_fields import StrictSerializer
from clinic.api_filters import Ordering
from clinic.api_views import PatientRowsViewSet
from clinic.models import User
from outcomes.api import FollowUpSerializer
from outcomes.follow_ups.worklist import assignments, calls, filters, listing
from outcomes.models import ContactAttempt, FollowUp, StaffTask
from patients.record.filters import OfPatient

OUTCOMES = [(each.value, each.label) for each in calls.SAID]
STOPS = [calls.PLAN, calls.EVERYTHING]


class StaffTaskSerializer(StrictSerializer, serializers.ModelSerializer):
    class Meta:
        model = StaffTask
        fields = [
            "id",
            "patient",
            "follow_up",
            "kind",
            "reason",
            "due_on",
            "closes_on",
            "state",
            "assigned_to",
            "ended_at",
            "ended_by",
            "end_reason",
        ]
        read_only_fields = fields


class StaffTaskFilters(django_filters.FilterSet):
    patient = OfPatient()
    follow_up = django_filters.UUIDFilter()
    kind = django_filters.ChoiceFilter(choices=StaffTask.Kind.choices)
    state = django_filters.ChoiceFilter(choices=StaffTask.State.choices)
    reason = django_filters.ChoiceFilter(choices=StaffTask.Reason.choices)
    assigned_to = django_filters.UUIDFilter()
    is_assigned = django_filters.BooleanFilter(
        "assigned_to", lookup_expr="isnull", exclude=True
    )
    due_until = django_filters.DateFilter("due_on", "lte")
    ordering = Ordering(fields=["due_on", "closes_on"])


class StaffTaskViewSet(PatientRowsViewSet):
    queryset = StaffTask.objects.order_by("closes_on", "pk")
    serializer_class = StaffTaskSerializer
    filterset_class = StaffTaskFilters
    acts: ClassVar = {"list": Act.READ_FOLLOW_UPS, "retrieve": Act.READ_FOLLOW_UPS}


class CallSerializer(StrictSerializer):
    """`last_call` is the last one that the caller knows of, so that none is doubled."""

    outcome = serializers.ChoiceField(choices=OUTCOMES)
    last_call = serializers.UUIDField(required=False, allow_null=True)
    note = serializers.CharField(required=False, allow_blank=True, max_length=300)
    call_again_on = serializers.DateField(required=False, allow_null=True)


class RefusalSerializer(StrictSerializer):
    """What is to stop: the questions about this plan, or everything."""

    stop = serializers.ChoiceField(choices=STOPS)
    last_call = serializers.UUIDField(required=False, allow_null=True)
    note = serializers.CharField(required=False, allow_blank=True, max_length=300)


class AssigneeField(serializers.PrimaryKeyRelatedField):
    """Somebody who calls patients in the caller's clinic."""

    default_error_messages = {"does_not_exist": "There is no such person here."}

    def get_queryset(self) -> Any:
        user = self.context["request"].user
        return assignments.people(user.membership.clinic)


class AssignmentSerializer(StrictSerializer):
    to = AssigneeField(
        allow_null=True,
        queryset=User.objects.none(),
        pk_field=serializers.UUIDField(format="hex_verbose"),
        help_text="Null: nobody.",
    )


class ContactAttemptSerializer(serializers.ModelSerializer):
    class Meta:
        model = ContactAttempt
        fields = ["id", "patient", "follow_up", "task", "outcome", "note", "at", "by"]
        read_only_fields = fields


class WorklistFilters(django_filters.FilterSet):
    show = django_filters.ChoiceFilter(
        choices=[(each.value, each.label) for each in filters.Filter],
        method="of_part",
        help_text="A part of the worklist; what closes first stands first.",
    )

    def of_part(self, queryset: Any, name: str, value: str) -> Any:
        user = self.request.user
        today = clock.today(user.membership.clinic.zone)
        wanted = listing.found(user, filters.Filter(value), today)
        return queryset.filter(pk__in=wanted.order_by().values("pk"))


ROWS = FollowUp.objects.select_related(
    *("clinic", "request", "patient__clinic", "patient__merged_into__clinic"),
    *("episode__plan", "episode__complaint"),
).order_by("closes_on", "pk")


class WorklistViewSet(PatientRowsViewSet):
    """Follow-ups that are not final, of patients who are still asked."""

    queryset = ROWS
    serializer_class = FollowUpSerializer
    filterset_class = WorklistFilters
    acts: ClassVar = {"list": Act.READ_FOLLOW_UPS, "retrieve": Act.READ_FOLLOW_UPS}

    def get_queryset(self) -> Any:
        live = listing.rows(self.caller).order_by().values("pk")
        return super().get_queryset().filter(pk__in=live)


class FollowUpWorkViewSet(PatientRowsViewSet):
    """What staff do about follow-ups; the rows themselves are at the same address."""

    queryset = ROWS
    serializer_class = FollowUpSerializer
    http_method_names = ["post"]
    acts: ClassVar = {
        "call": Act.CALL_PATIENTS,
        "refuse": Act.CALL_PATIENTS,
        "assign": Act.CALL_PATIENTS,
    }

    @extend_schema(request=CallSerializer, responses={201: ContactAttemptSerializer})
    @action(detail=True, methods=["post"], serializer_class=CallSerializer)
    def call(self, request: Request, pk: str) -> Response:
        """Log a call that reached nobody, or that is to be made again."""
        attempt = calls.log(self.get_object(), by=self.caller, **self._said(request))
        return self._logged(attempt)

    @extend_schema(request=RefusalSerializer, responses={201: ContactAttemptSerializer})
    @action(detail=True, methods=["post"], serializer_class=RefusalSerializer)
    def refuse(self, request: Request, pk: str) -> Response:
        """The patient said on the phone that they want to be asked no more."""
        attempt = calls.refuse(self.get_object(), by=self.caller, **self._said(request))
        return self._logged(attempt)

    @extend_schema(
        request=AssignmentSerializer, responses=StaffTaskSerializer(many=True)
    )
    @action(
        detail=True,
        methods=["post"],
        serializer_class=AssignmentSerializer,
        pagination_class=None,
    )
    def assign(self, request: Request, pk: str) -> Response:
        """Give what is open for it to somebody; a call is made where nothing is."""
        follow_up = self.get_object()
        given = self.checked(request)
        assignments.assign(follow_up, by=self.caller, to=given["to"])
        tasks = listing.tasks_of(self.caller, [follow_up.pk]).get(follow_up.pk, [])
        return Response(StaffTaskSerializer(tasks, many=True).data)

    def _said(self, request: Request) -> dict[str, Any]:
        given = self.checked(request)
        last = given.pop("last_call", None)
        return {**given, "seen": str(last or calls.NOTHING_SEEN)}

    def _logged(self, attempt: ContactAttempt) -> Response:
        shown = ContactAttemptSerializer(attempt).data
        return Response(shown, status=status.HTTP_201_CREATED)
