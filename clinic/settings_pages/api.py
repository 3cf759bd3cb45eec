"""A clinic's settings and its closed days over the API."""

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from clinic import api_filters, clinic_settings, closed_days
from clinic.access import Act
from clinic.api_fields import NothingSerializer, StrictSerializer, VisibleField
from clinic.api_views import ClinicView, ClinicViewSet
from clinic.models import Clinic, ClosedDay, Location


class ClinicSettingsSerializer(StrictSerializer, serializers.ModelSerializer):
    seen = serializers.CharField(
        required=False,
        max_length=64,
        help_text="Names the settings as they were read; give it back with a change.",
    )

    class Meta:
        model = Clinic
        fields = [*clinic_settings.FIELDS, "seen"]

    def to_representation(self, instance: Clinic) -> dict[str, Any]:
        instance.seen = clinic_settings.stamp(instance)  # type: ignore[attr-defined]
        return super().to_representation(instance)


class ClinicSettingsView(ClinicView):
    http_method_names = ["get", "head", "patch"]
    acts: ClassVar = {"get": Act.MANAGE_CLINIC, "patch": Act.MANAGE_CLINIC}

    @extend_schema(
        operation_id="settings_retrieve",
        responses=ClinicSettingsSerializer,
        tags=["settings"],
    )
    def get(self, request: Request) -> Response:
        """When and under which name patients are written to."""
        api_filters.refuse_unknown(request, ())
        return Response(ClinicSettingsSerializer(self.clinic).data)

    @extend_schema(
        operation_id="settings_update",
        request=ClinicSettingsSerializer,
        responses=ClinicSettingsSerializer,
        tags=["settings"],
    )
    def patch(self, request: Request) -> Response:
        """Change some of them; what is planned follows at once."""
        api_filters.refuse_unknown(request, ())
        asked = ClinicSettingsSerializer(self.clinic, data=request.data, partial=True)
        asked.is_valid(raise_exception=True)
        changed = clinic_settings.update(
            self.clinic, by=self.caller, **asked.validated_data
        )
        return Response(ClinicSettingsSerializer(changed).data)


class ClosedDaySerializer(StrictSerializer, serializers.ModelSerializer):
    class Meta:
        model = ClosedDay
        fields = ["id", "day", "location", "name"]
        read_only_fields = fields


class ClosedDaysSerializer(StrictSerializer):
    first_on = serializers.DateField()
    last_on = serializers.DateField(required=False, help_text="The same without it.")
    location = VisibleField(
        Location, required=False, allow_null=True, help_text="The whole clinic: null."
    )
    name = serializers.CharField(max_length=80, required=False, allow_blank=True)


class ClosedDayViewSet(ClinicViewSet):
    """Days on which nothing but safety checks is sent, in their order."""

    queryset = ClosedDay.objects.order_by("day", "pk")
    serializer_class = ClosedDaySerializer
    http_method_names = ["get", "head", "post"]
    acts: ClassVar = {
        "list": Act.MANAGE_CLINIC,
        "retrieve": Act.MANAGE_CLINIC,
        "create": Act.MANAGE_CLINIC,
        "remove": Act.MANAGE_CLINIC,
    }

    @extend_schema(
        request=ClosedDaysSerializer, responses={201: ClosedDaySerializer(many=True)}
    )
    def create(self, request: Request) -> Response:
        """Close a day or a range; what is closed already stays and is not named."""
        asked = self.checked(request, ClosedDaysSerializer)
        added = closed_days.add(self.clinic, by=self.caller, **asked)
        return Response(
            ClosedDaySerializer(added, many=True).data, status=status.HTTP_201_CREATED
        )

    @extend_schema(responses={204: None})
    @action(detail=True, methods=["post"], serializer_class=NothingSerializer)
    def remove(self, request: Request, pk: str) -> Response:
        """Open it again; a day that is over stays on record."""
        day = self.get_object()
        self.checked(request)
        closed_days.remove(day, by=self.caller)
        return Response(status=status.HTTP_204_NO_CONTENT)
