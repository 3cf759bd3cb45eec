"""What can be recorded, for programs: every finding with what it takes."""

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from clinic import api_filters
from clinic.access import Act
from clinic.api_fields import StrictSerializer
from clinic.api_views import ClinicView
from patients.catalogue import findings, places, release
from patients.catalogue.findings import Definition, Kind


class OptionSerializer(serializers.Serializer):
    key = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    is_abnormal = serializers.BooleanField()


class DefinitionSerializer(serializers.Serializer):
    key = serializers.CharField()
    block = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    kind = serializers.ChoiceField(choices=[kind.value for kind in Kind])
    sides = serializers.ListField(child=serializers.CharField())
    asks_since = serializers.BooleanField(help_text="Takes `since_on`.")
    options = OptionSerializer(many=True)
    low = serializers.FloatField(allow_null=True)
    high = serializers.FloatField(allow_null=True)
    unit = serializers.CharField()
    normal = serializers.CharField(help_text='What "all normal" records; may be empty.')
    path = serializers.CharField()


class CatalogueSerializer(serializers.Serializer):
    version = serializers.CharField()
    blocks = serializers.DictField(child=serializers.CharField())
    findings = DefinitionSerializer(many=True)


class CatalogueQuerySerializer(StrictSerializer):
    pain_site = serializers.ChoiceField(
        choices=places.site_choices(),
        required=False,
        help_text="Only what is asked where it hurts there.",
    )


class CatalogueView(ClinicView):
    acts: ClassVar = {"get": Act.READ_CLINICAL}

    @extend_schema(parameters=[CatalogueQuerySerializer], responses=CatalogueSerializer)
    def get(self, request: Request) -> Response:
        """Each finding that an evaluation can hold, in the order of the page."""
        query = CatalogueQuerySerializer(data=request.query_params.dict())
        api_filters.refuse_unknown(request, set(query.fields))
        query.is_valid(raise_exception=True)
        site = query.validated_data.get("pain_site")
        asked = findings.of_site(site) if site else findings.definitions().values()
        return Response(
            {
                "version": release.version(),
                "blocks": findings.BLOCKS,
                "findings": [_definition_json(each) for each in asked],
            }
        )


def _definition_json(definition: Definition) -> dict[str, Any]:
    return {
        "key": definition.key,
        "block": definition.block,
        "label": definition.label,
        "kind": definition.kind.value,
        "sides": list(definition.sides),
        "asks_since": definition.asks_since,
        "options": [
            {
                "key": option.key,
                "label": option.label,
                "is_abnormal": option.is_abnormal,
            }
            for option in definition.options.values()
        ],
        "low": definition.low,
        "high": definition.high,
        "unit": definition.unit,
        "normal": definition.normal,
        "path": definition.path,
    }
