"""How many procedures had an adverse event, of how many, over the API."""

from typing import ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from clinic import api_filters, audit
from clinic.access import Act
from clinic.api_views import ClinicView
from outcomes.harm_pages import denominators
from outcomes.harm_pages.denominators import Share
from plans.models import Modality


class HarmShareSerializer(serializers.Serializer):
    """Of `n` procedures `count` had it, whatever its grade and cause."""

    category = serializers.CharField(source="key", help_text="Empty: any event.")
    label = serializers.CharField()  # type: ignore[assignment]
    count = serializers.IntegerField(help_text="Procedures with at least one.")
    n = serializers.IntegerField(help_text="Procedures performed.")
    percent = serializers.SerializerMethodField(
        help_text="count of n in %; null where n is below 10."
    )
    ci = serializers.SerializerMethodField(
        help_text="Wilson interval at 95 %, both bounds in %; null where n is below 10."
    )

    def get_percent(self, share: Share) -> float | None:
        return None if share.is_too_few else share.percent

    def get_ci(self, share: Share) -> list[float] | None:
        return None if share.is_too_few else list(share.interval)


class HarmOfModalitySerializer(serializers.Serializer):
    modality = serializers.ChoiceField(source="key", choices=Modality.choices)
    label = serializers.CharField()  # type: ignore[assignment]
    any_event = HarmShareSerializer()
    shares = HarmShareSerializer(many=True, help_text="By category, the most first.")


class DenominatorsSerializer(serializers.Serializer):
    modalities = HarmOfModalitySerializer(
        many=True, help_text="Those with events first."
    )
    unlinked = serializers.IntegerField(
        help_text="Events that name no procedure; they stand in no row."
    )
    not_performed = serializers.IntegerField(
        help_text="Events of what was planned, cancelled or taken back; in no row."
    )


class SinceSerializer(serializers.Serializer):
    since = serializers.DateField(
        required=False,
        help_text="Only procedures performed, and unlinked events begun, from then on.",
    )


class DenominatorsView(ClinicView):
    acts: ClassVar = {"get": Act.READ_PLANS}

    @extend_schema(parameters=[SinceSerializer], responses=DenominatorsSerializer)
    def get(self, request: Request) -> Response:
        """Adverse events by modality and category against the procedures performed.

        What nobody entered is not in it: a rate of what is known.
        """
        query = SinceSerializer(data=request.query_params.dict())
        api_filters.refuse_unknown(request, set(query.fields))
        query.is_valid(raise_exception=True)
        since = query.validated_data.get("since")
        found = denominators.of_clinic(self.caller, since)
        audit.record(
            by=self.caller,
            action="adverse_events.counted",
            about=self.clinic,
            asked={"since": since.isoformat()} if since else {},
        )
        return Response(DenominatorsSerializer(found).data)
