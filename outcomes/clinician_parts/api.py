"""The clinic's part of a follow-up over the API: what is to be found, and what was."""

from typing import Any, ClassVar

from django.core.exceptions import ValidationError as InvalidRow
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from clinic import audit, clock
from clinic.access import Act
from clinic.api_fields import StrictSerializer
from clinic.api_views import PatientRowsViewSet
from outcomes.clinician_parts import block_response, recording, revisions, sheet
from outcomes.clinician_parts.catalogue import How, Part
from outcomes.clinician_parts.sheet import Sheet
from outcomes.models import FollowUp

# What a body holds beside the values; other faults are of one of them.
BESIDE = ("examined_on", "read_at", "reason")


class KnownSerializer(serializers.Serializer):
    part = serializers.CharField()
    on = serializers.DateField()
    words = serializers.CharField()
    value = serializers.DecimalField(
        max_digits=12, decimal_places=6, allow_null=True, normalize_output=True
    )


class PartStepSerializer(serializers.Serializer):
    value = serializers.IntegerField()
    label = serializers.CharField()  # type: ignore[assignment]


class PartSerializer(serializers.Serializer):
    part = serializers.CharField(help_text="Its name among the `values`.")
    name = serializers.CharField()
    how = serializers.ChoiceField(choices=[how.value for how in How])
    unit = serializers.CharField()
    low = serializers.DecimalField(max_digits=8, decimal_places=2, allow_null=True)
    high = serializers.DecimalField(max_digits=8, decimal_places=2, allow_null=True)
    steps = PartStepSerializer(many=True, help_text="Empty where it is a number.")
    is_required = serializers.BooleanField()


class BlockResponseSerializer(serializers.Serializer):
    before = serializers.DecimalField(max_digits=4, decimal_places=1, allow_null=True)
    after = serializers.DecimalField(max_digits=4, decimal_places=1)
    percent = serializers.DecimalField(
        max_digits=6,
        decimal_places=1,
        allow_null=True,
        help_text="Of the pain before; null where that was 0 or is not known.",
    )
    words = serializers.CharField()


class ExaminationSheetSerializer(serializers.Serializer):
    follow_up = serializers.UUIDField()
    patient = serializers.UUIDField()
    complaint = serializers.UUIDField()
    who = serializers.CharField()
    opens_on = serializers.DateField()
    closes_on = serializers.DateField()
    state = serializers.ChoiceField(choices=FollowUp.State.choices)
    state_reason = serializers.CharField()
    answered_at = serializers.DateTimeField(allow_null=True)
    examined_at = serializers.DateTimeField(allow_null=True)
    examined_by = serializers.UUIDField(
        allow_null=True, help_text="Null too where all of it stood in the record."
    )
    refusal = serializers.CharField(help_text="Why nothing is taken; empty: it is.")
    known = KnownSerializer(many=True)
    lacking = serializers.ListField(
        child=serializers.CharField(), help_text="To be recorded elsewhere first."
    )
    asked = PartSerializer(many=True)
    block_response = BlockResponseSerializer(allow_null=True)


class ExaminationSerializer(StrictSerializer):
    """What was found, each by the name of its part; the record's own is left out."""

    examined_on = serializers.DateField()
    read_at = serializers.TimeField(
        required=False, help_text="Needed with the pain after a block."
    )
    reason = serializers.CharField(
        required=False,
        allow_blank=True,
        max_length=recording.REASON_LENGTH,
        help_text="Needed to correct what was recorded before.",
    )
    values = serializers.DictField(
        child=serializers.DecimalField(max_digits=8, decimal_places=2)
    )


class FollowUpExaminationViewSet(PatientRowsViewSet):
    queryset = FollowUp.objects.select_related(
        *("patient__clinic", "patient__merged_into__clinic", "examined_by"),
        *("episode__complaint__patient__clinic", "episode__plan__protocol"),
    )
    serializer_class = ExaminationSerializer
    http_method_names = ["get", "head", "post"]
    acts: ClassVar = {
        "examination": Act.RECORD_FINDINGS,
        "examine": Act.RECORD_FINDINGS,
    }

    @extend_schema(responses=ExaminationSheetSerializer)
    @action(detail=True, methods=["get"])
    def examination(self, request: Request, pk: str) -> Response:
        """What the clinic is to find at this time point, and what the record has."""
        follow_up = self.get_object()
        audit.record(by=self.caller, action="examination.read", about=follow_up)
        return Response(ExaminationSheetSerializer(shown(follow_up)).data)

    @extend_schema(
        request=ExaminationSerializer, responses={201: ExaminationSheetSerializer}
    )
    @examination.mapping.post
    def examine(self, request: Request, pk: str) -> Response:
        """Keep what was found; the second part of two completes the follow-up."""
        follow_up = self.get_object()
        given = self.checked(request)
        try:
            recording.record(follow_up, by=self.caller, **given)
        except InvalidRow as error:
            raise nested(error) or error from error
        fresh = self.get_queryset().get(pk=follow_up.pk)
        return Response(
            ExaminationSheetSerializer(shown(fresh)).data,
            status=status.HTTP_201_CREATED,
        )


def shown(follow_up: FollowUp) -> dict[str, Any]:
    today = clock.today(follow_up.patient.kept.time_zone)
    found = sheet.of(follow_up, today)
    kept = revisions.of(follow_up)
    return {
        "follow_up": follow_up.pk,
        "patient": follow_up.patient.kept.pk,
        "complaint": follow_up.episode.complaint_id,
        "who": follow_up.who,
        "opens_on": follow_up.opens_on,
        "closes_on": follow_up.closes_on,
        "state": follow_up.state,
        "state_reason": follow_up.state_reason,
        "answered_at": follow_up.answered_at,
        "examined_at": follow_up.examined_at,
        "examined_by": follow_up.examined_by_id,
        "refusal": recording.refusal(follow_up, today),
        "known": known_in(found),
        "lacking": [part.key for part in found.lacking],
        "asked": [asked(part) for part in found.asked],
        "block_response": block_response.of(found, kept[0] if kept else None),
    }


def known_in(found: Sheet) -> list[dict[str, Any]]:
    return [
        {"part": part.key, "on": known.on, "words": known.words, "value": known.value}
        for part, known in found.told
    ]


def asked(part: Part) -> dict[str, Any]:
    steps = {} if part.how == How.NUMBER else part.steps
    return {
        "part": part.key,
        "name": part.name,
        "how": part.how,
        "unit": part.unit,
        "low": part.low,
        "high": part.high,
        "steps": [{"value": value, "label": words} for value, words in steps.items()],
        "is_required": part.is_required,
    }


def nested(error: InvalidRow) -> serializers.ValidationError | None:
    """The verb's faults of values, where the body has them."""
    if not hasattr(error, "error_dict"):
        return None
    faults = error.message_dict
    said: dict[str, Any] = {name: faults[name] for name in BESIDE if name in faults}
    values = {name: words for name, words in faults.items() if name not in BESIDE}
    if values:
        said["values"] = values
    return serializers.ValidationError(said)
