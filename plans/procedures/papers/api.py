"""The passport and the note of an intervention over the API."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import renderers, serializers
from rest_framework.decorators import action
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from clinic.api_views import PatientRowsViewSet
from patients.triage.api.papers import NoteRenderer
from plans.models import Intervention, LotUse, Modality
from plans.procedures import recorded
from plans.procedures.papers import note
from plans.procedures.prp import passport


class MissingFieldSerializer(serializers.Serializer):
    field = serializers.CharField(source="column")
    label = serializers.CharField()  # type: ignore[assignment]


class DueLaterSerializer(serializers.Serializer):
    field = serializers.CharField(source="field.column")
    label = serializers.CharField(source="field.label")  # type: ignore[assignment]
    from_day = serializers.DateField(
        allow_null=True, help_text="Null: it is not done yet."
    )


class CompletenessSerializer(serializers.Serializer):
    """Of the required and recommended fields that are asked of it as it stands."""

    recorded = serializers.SerializerMethodField()
    asked = serializers.IntegerField()
    percent = serializers.IntegerField(
        allow_null=True, help_text="Rounded down; null: nothing is asked."
    )
    missing_required = MissingFieldSerializer(many=True)
    missing_recommended = MissingFieldSerializer(many=True)
    due_later = DueLaterSerializer(
        many=True, help_text="Learnt afterwards: not missing before its day."
    )

    def get_recorded(self, found: Any) -> int:
        return len(found.recorded)


class ClassSerializer(serializers.Serializer):
    key = serializers.CharField()
    title = serializers.CharField()
    letter = serializers.CharField(help_text="Empty: not classed, see why_not.")
    number = serializers.DecimalField(max_digits=14, decimal_places=4, allow_null=True)
    unit = serializers.CharField()
    working = serializers.CharField(help_text="The numbers behind it.")
    why_not = serializers.CharField(help_text="Such as `assumed`.")
    warning = serializers.CharField()


class PassportLotSerializer(serializers.ModelSerializer):
    was_expired = serializers.BooleanField(help_text="Before the day it was used.")

    class Meta:
        model = LotUse
        fields = ["kind", "name", "lot", "expires_on", "was_expired"]
        read_only_fields = fields


class PassportSerializer(serializers.Serializer):
    """What the print page says."""

    intervention = serializers.UUIDField(source="intervention.pk")
    is_performed = serializers.BooleanField()
    performed_on = serializers.DateField(
        source="intervention.performed_on", allow_null=True
    )
    number = serializers.IntegerField(allow_null=True, help_text="In the series.")
    series_of = serializers.IntegerField(allow_null=True)
    interval_days = serializers.IntegerField(
        allow_null=True, help_text="Since the PRP injection before it."
    )
    depa_code = serializers.CharField(source="classes.depa_code")
    depa = ClassSerializer(source="classes.depa", many=True)
    paw_code = serializers.CharField(source="classes.paw_code")
    paw = ClassSerializer(source="classes.paw", many=True)
    warnings = serializers.ListField(
        source="classes.warnings", child=serializers.CharField()
    )
    is_assumed = serializers.BooleanField(
        help_text="Counts are what the kit promises: never classed."
    )
    completeness = CompletenessSerializer()
    lots = PassportLotSerializer(many=True)


class ProcedureNoteSerializer(serializers.Serializer):
    text = serializers.CharField()
    completeness = CompletenessSerializer()


class PaperActs(PatientRowsViewSet):
    """Two acts for the view of interventions; its `acts` says who may."""

    @extend_schema(responses=PassportSerializer)
    @action(detail=True, methods=["get"])
    def passport(self, request: Request, pk: str) -> Response:
        """Of a PRP injection: its DEPA and PAW classes, and what is not recorded."""
        intervention = self.with_details()
        if intervention.modality != Modality.PRP:
            raise NotFound("Only a PRP injection has a passport.")
        read = passport.read(intervention, by=self.caller)
        return Response(PassportSerializer(read).data)

    @extend_schema(
        responses={
            (200, "application/json"): ProcedureNoteSerializer,
            (200, "text/plain"): OpenApiTypes.STR,
        }
    )
    @action(
        detail=True,
        methods=["get"],
        renderer_classes=[renderers.JSONRenderer, NoteRenderer],
        parameters=("format",),
    )
    def note(self, request: Request, pk: str) -> Response:
        """All that is recorded of it, as plain text for a record system."""
        written = note.write(self.with_details(), by=self.caller, form="api")
        return Response(ProcedureNoteSerializer(written).data)

    def with_details(self) -> Intervention:
        """The row of the address; one that may not be read is 404."""
        rows = recorded.with_details(Intervention.objects.visible_to(self.caller))
        related = rows.select_related(
            "plan__complaint__patient__clinic",
            "plan__complaint__patient__merged_into__clinic",
        )
        return related.get(pk=self.get_object().pk)
