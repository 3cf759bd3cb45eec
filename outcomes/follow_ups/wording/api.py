"""The wording of messages over the API."""

from typing import Any, ClassVar

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from clinic import api_filters
from clinic.access import Act
from clinic.api_fields import StrictSerializer
from clinic.api_views import ClinicView
from clinic.models import Language
from outcomes.follow_ups.wording import defaults, editing, rungs, texts
from outcomes.follow_ups.wording.defaults import Key
from outcomes.models.messages import Channel, Kind, Wording


class WordingSerializer(serializers.Serializer):
    channel = serializers.ChoiceField(choices=Channel.choices)
    kind = serializers.CharField(
        help_text=f"{', '.join(Kind.values)}, or of one rung, such as reminder-7."
    )
    language = serializers.ChoiceField(choices=Language.choices)
    subject = serializers.CharField(help_text="Empty for text messages.")
    body = serializers.CharField()
    is_own = serializers.BooleanField(help_text="False: these are our words.")
    seen = serializers.CharField(
        help_text="Names the words as they were read; give it back with a change."
    )
    objections = serializers.DictField(
        child=serializers.ListField(child=serializers.CharField()),
        help_text="By field, what stands against them now.",
    )


class NewWordingSerializer(StrictSerializer):
    subject = serializers.CharField(
        max_length=texts.LONGEST_SUBJECT, required=False, allow_blank=True
    )
    body = serializers.CharField(max_length=texts.LONGEST_BODY, required=False)
    seen = serializers.CharField(allow_blank=True, max_length=40)


class WordingsView(ClinicView):
    acts: ClassVar = {"get": Act.WRITE_WORDING}

    @extend_schema(
        operation_id="wordings_list",
        responses=WordingSerializer(many=True),
        tags=["wordings"],
    )
    def get(self, request: Request) -> Response:
        """The words of every message, by channel and language: the clinic's or ours."""
        api_filters.refuse_unknown(request, ())
        own = {
            (row.channel, row.kind, row.language): row
            for row in Wording.objects.visible_to(self.caller)
        }
        of_rungs = [key for key in own if key not in defaults.load().texts]
        keys = [*defaults.load().texts, *of_rungs]
        return Response([told(self, key, own.get(key)) for key in keys])


class WordingView(ClinicView):
    http_method_names = ["get", "head", "patch"]
    acts: ClassVar = {"get": Act.WRITE_WORDING, "patch": Act.WRITE_WORDING}

    @extend_schema(
        operation_id="wordings_retrieve",
        responses=WordingSerializer,
        tags=["wordings"],
    )
    def get(self, request: Request, **named: str) -> Response:
        """The words of one message."""
        api_filters.refuse_unknown(request, ())
        key = known(**named)
        return Response(told(self, key, editing.find(self.clinic, key)))

    @extend_schema(
        operation_id="wordings_update",
        request=NewWordingSerializer,
        responses=WordingSerializer,
        tags=["wordings"],
    )
    def patch(self, request: Request, **named: str) -> Response:
        """Write the clinic's own; words that tell of a treatment are refused."""
        api_filters.refuse_unknown(request, ())
        key = known(**named)
        asked = NewWordingSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        row = editing.find(self.clinic, key)
        row = row or editing.in_its_place(self.clinic, key)
        standing = editing.text_of(row, key)
        words = standing.fields | asked.validated_data
        saved = editing.save(self.clinic, key=key, by=self.caller, **words)
        return Response(told(self, key, saved))


def known(channel: str, kind: str, language: str) -> Key:
    key = (channel, kind, language)
    if not rungs.sort_of(kind) or rungs.whole(key) not in defaults.load().texts:
        raise Http404
    return key


def told(view: ClinicView, key: Key, row: Wording | None) -> dict[str, Any]:
    channel, kind, language = key
    text = editing.text_of(row or editing.in_its_place(view.clinic, key), key)
    objections: dict[str, list[str]] = {}
    for one in editing.objections(view.clinic, key, text):
        objections.setdefault(one.field, []).append(one.reason)
    return {
        "channel": channel,
        "kind": kind,
        "language": language,
        **text.fields,
        "is_own": row is not None,
        "seen": editing.stamp(row),
        "objections": objections,
    }
