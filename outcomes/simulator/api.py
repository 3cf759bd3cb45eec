"""What a protocol would send to a pretend patient, over the API; nothing is kept."""

from typing import Any, ClassVar

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from clinic.access import Act
from clinic.api_views import ClinicViewSet
from clinic.models import Language
from outcomes.simulator import page, staging
from outcomes.simulator.forms import ANSWERS, REACHES, SimulationForm, defaults
from outcomes.simulator.playing import What
from outcomes.simulator.staging import Play
from plans.models import Protocol


class SimulatedEventSerializer(serializers.Serializer):
    at = serializers.DateTimeField()
    what = serializers.ChoiceField(choices=[what.value for what in What])
    in_words = serializers.CharField()
    timepoints = serializers.ListField(child=serializers.CharField())
    kind = serializers.CharField()
    channel = serializers.CharField()
    rung = serializers.CharField()


class SimulatedWindowSerializer(serializers.Serializer):
    timepoint = serializers.CharField(source="one.key")
    opens_on = serializers.DateField(source="one.opens_on")
    due_on = serializers.DateField(source="one.due_on")
    closes_on = serializers.DateField(source="one.closes_on")
    asked_at = serializers.DateTimeField(source="asked", allow_null=True)
    is_missed = serializers.BooleanField()


class SimulationSerializer(serializers.Serializer):
    events = SimulatedEventSerializer(many=True)
    windows = SimulatedWindowSerializer(many=True)


def _parameters() -> list[OpenApiParameter]:
    """What the page's form takes; each has what stands in the form at first."""
    types = {"started_on": OpenApiTypes.DATE, "procedure_on": OpenApiTypes.DATE}
    enums: dict[str, list[str]] = {
        "reach": [*REACHES],
        "answers": [*ANSWERS],
        "language": [*Language.values],
    }
    fields = {
        name: each
        for name, each in SimulationForm.base_fields.items()
        # What would move is the difference of two simulations.
        if name != "moves_by"
    }
    return [
        OpenApiParameter(
            name,
            types.get(name, str),
            description=str(each.label or ""),
            enum=enums.get(name),
        )
        for name, each in fields.items()
    ]


PARAMETERS = _parameters()


class SimulationViewSet(ClinicViewSet):
    queryset = Protocol.objects.prefetch_related("timepoints", "rungs", "steps")
    serializer_class = SimulationSerializer
    acts: ClassVar = {"simulate": Act.READ_PLANS}
    parameters = tuple(one.name for one in PARAMETERS)

    @extend_schema(parameters=PARAMETERS, responses=SimulationSerializer)
    @action(detail=True, methods=["get"])
    def simulate(self, request: Request, pk: str) -> Response:
        """Every message, call and window, as the engine would have it."""
        protocol = self.get_object()
        given = defaults(protocol, self.clinic) | request.query_params.dict()
        form = SimulationForm(given, protocol=protocol, clinic=self.clinic)
        if not form.is_valid():
            raise serializers.ValidationError(
                {name: [str(one) for one in said] for name, said in form.errors.items()}
            )
        play = staging.simulate(self.clinic, protocol, form.pretended)
        shown = {"events": events(play), "windows": page.windows(play)}
        return Response(SimulationSerializer(shown).data)


def events(play: Play) -> list[dict[str, Any]]:
    return [
        {
            "at": event.at,
            "what": event.what.value,
            "in_words": page.words(event),
            "timepoints": event.keys,
            "kind": event.kind,
            "channel": event.channel,
            "rung": event.rung,
        }
        for event in play.events
    ]
