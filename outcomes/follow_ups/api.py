"""Courses of treatment over the API: their day 0, and whether patients are asked."""

from typing import ClassVar

import django_filters
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from clinic.access import Act
from clinic.api_fields import NothingSerializer, ReasonSerializer, StrictSerializer
from clinic.api_views import PatientRowsViewSet
from outcomes.follow_ups.planning import ending
from outcomes.models import Episode
from patients.record.filters import OfPatient


class EpisodeSerializer(StrictSerializer, serializers.ModelSerializer):
    class Meta:
        model = Episode
        fields = [
            "id",
            "patient",
            "complaint",
            "plan",
            "course",
            "anchor",
            "anchor_intervention",
            "anchor_on",
            "series_began_on",
            "is_provisional",
            "status",
            "ended_by",
            "end_reason",
        ]
        read_only_fields = fields


class EpisodeFilters(django_filters.FilterSet):
    patient = OfPatient()
    complaint = django_filters.UUIDFilter()
    plan = django_filters.UUIDFilter()
    status = django_filters.ChoiceFilter(choices=Episode.Status.choices)


class EpisodeViewSet(PatientRowsViewSet):
    queryset = Episode.objects.select_related("plan").order_by("anchor_on", "pk")
    serializer_class = EpisodeSerializer
    filterset_class = EpisodeFilters
    http_method_names = ["get", "head", "post"]
    acts: ClassVar = {
        "list": Act.READ_PLANS,
        "retrieve": Act.READ_PLANS,
        "end": Act.WRITE_PLANS,
        "resume": Act.WRITE_PLANS,
    }

    @extend_schema(responses=EpisodeSerializer)
    @action(detail=True, methods=["post"], serializer_class=ReasonSerializer)
    def end(self, request: Request, pk: str) -> Response:
        """Ask no more about this plan; its treatment is not touched."""
        episode = self.get_object()
        ending.end_follow_up(episode.plan, by=self.caller, **self.checked(request))
        return self.shown(episode, EpisodeSerializer)

    @extend_schema(responses=EpisodeSerializer)
    @action(detail=True, methods=["post"], serializer_class=NothingSerializer)
    def resume(self, request: Request, pk: str) -> Response:
        """Ask again what is not over yet."""
        episode = self.get_object()
        self.checked(request)
        ending.resume_follow_up(episode.plan, by=self.caller)
        return self.shown(episode, EpisodeSerializer)
