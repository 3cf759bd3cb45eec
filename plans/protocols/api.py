"""Protocols over the API."""

from typing import ClassVar

import django_filters
from rest_framework import serializers

from clinic.access import Act
from clinic.api_fields import StrictSerializer
from clinic.api_views import ClinicViewSet
from plans.models import Modality, Protocol, ProtocolStep, Timepoint


class StepSerializer(serializers.ModelSerializer):
    class Meta:
        model = ProtocolStep
        fields = ["position", "title", "modality", "offset_days", "is_index", "detail"]
        read_only_fields = fields


class TimepointSerializer(serializers.ModelSerializer):
    class Meta:
        model = Timepoint
        fields = [
            "key",
            "label",
            "offset_days",
            "open_day",
            "close_day",
            "ask_day",
            "who",
            "is_baseline",
            "is_safety",
            "purpose",
        ]
        read_only_fields = fields


class ProtocolSerializer(StrictSerializer, serializers.ModelSerializer):
    steps = StepSerializer(many=True, read_only=True)
    timepoints = TimepointSerializer(many=True, read_only=True)
    sources = serializers.ListField(child=serializers.CharField(), read_only=True)

    class Meta:
        model = Protocol
        fields = [
            "id",
            "key",
            "version",
            "title",
            "modality",
            "summary",
            "anchor",
            "sources",
            "steps",
            "timepoints",
        ]
        read_only_fields = fields


class ProtocolFilters(django_filters.FilterSet):
    key = django_filters.CharFilter()
    modality = django_filters.ChoiceFilter(choices=Modality.choices)


class ProtocolViewSet(ClinicViewSet):
    queryset = Protocol.objects.prefetch_related("steps", "timepoints").order_by(
        "modality", "title", "-version", "pk"
    )
    serializer_class = ProtocolSerializer
    filterset_class = ProtocolFilters
    acts: ClassVar = {"list": Act.READ_PLANS, "retrieve": Act.READ_PLANS}
