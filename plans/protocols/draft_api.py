"""Drafts of protocols over the API."""

from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from clinic.access import Act
from clinic.api_fields import NothingSerializer, StrictSerializer, VisibleField
from clinic.api_views import ClinicViewSet
from plans.models import Protocol, ProtocolDraft
from plans.protocols import checks, drafts
from plans.protocols.api import ProtocolSerializer


class DraftSerializer(StrictSerializer, serializers.ModelSerializer):
    """With all that must be put right before it can be published."""

    protocol = VisibleField(
        Protocol, source="based_on", required=False, allow_null=True
    )
    title = serializers.CharField(
        write_only=True, required=False, help_text="Of a protocol that is new."
    )
    content = serializers.JSONField(read_only=True)
    problems = serializers.SerializerMethodField()
    warnings = serializers.SerializerMethodField()

    class Meta:
        model = ProtocolDraft
        fields = [
            "id",
            "key",
            "protocol",
            "title",
            "content",
            "problems",
            "warnings",
            "revision",
            "changed_at",
        ]
        read_only_fields = ["key", "revision", "changed_at"]

    def get_problems(self, draft: ProtocolDraft) -> list[str]:
        return [str(problem) for problem in checks.problems(drafts.read(draft))]

    def get_warnings(self, draft: ProtocolDraft) -> list[str]:
        return checks.warnings(drafts.read(draft).definition)


class SaveSerializer(StrictSerializer):
    content = serializers.JSONField(
        help_text="The whole protocol, as an earlier answer has it."
    )
    revision = serializers.IntegerField(min_value=1, max_value=2**31 - 1)


class PublishSerializer(StrictSerializer):
    change_note = serializers.CharField(max_length=drafts.NOTE_LENGTH)
    revision = serializers.IntegerField(
        min_value=1,
        max_value=2**31 - 1,
        required=False,
        help_text="The one that was looked at; a later one is then not published.",
    )


class DraftViewSet(ClinicViewSet):
    queryset = ProtocolDraft.objects.select_related("based_on").order_by("key", "pk")
    serializer_class = DraftSerializer
    http_method_names = ["get", "head", "post"]
    acts: ClassVar = {
        "list": Act.MANAGE_PROTOCOLS,
        "retrieve": Act.MANAGE_PROTOCOLS,
        "create": Act.MANAGE_PROTOCOLS,
        "save": Act.MANAGE_PROTOCOLS,
        "publish": Act.MANAGE_PROTOCOLS,
        "discard": Act.MANAGE_PROTOCOLS,
    }

    def create(self, request: Request) -> Response:
        """Begin a draft of a protocol's next version, or of a new protocol."""
        given = self.checked(request)
        protocol, title = given.get("based_on"), given.get("title", "")
        if protocol is not None and title:
            words = (
                "Leave it out; the draft begins with the title that the version has."
            )
            raise ValidationError({"title": words})
        draft = drafts.begin(protocol, by=self.caller, title=title)
        return self.shown(draft, code=status.HTTP_201_CREATED)

    @extend_schema(responses=DraftSerializer)
    @action(detail=True, methods=["post"], serializer_class=SaveSerializer)
    def save(self, request: Request, pk: str) -> Response:
        """Keep a new content, also one with faults; `problems` then names them."""
        draft = self.get_object()
        given: dict[str, Any] = self.checked(request)
        drafts.save(draft, given["content"], revision=given["revision"], by=self.caller)
        return self.shown(draft, DraftSerializer)

    @extend_schema(responses=ProtocolSerializer)
    @action(detail=True, methods=["post"], serializer_class=PublishSerializer)
    def publish(self, request: Request, pk: str) -> Response:
        """Make it the next version; plans that run keep theirs."""
        draft = self.get_object()
        protocol = drafts.publish(draft, by=self.caller, **self.checked(request))
        context = self.get_serializer_context()
        return Response(
            ProtocolSerializer(protocol, context=context).data,
            status=status.HTTP_201_CREATED,
        )

    @extend_schema(responses={204: None})
    @action(detail=True, methods=["post"], serializer_class=NothingSerializer)
    def discard(self, request: Request, pk: str) -> Response:
        """Throw the draft away; what is published stays."""
        draft = self.get_object()
        self.checked(request)
        drafts.discard(draft, by=self.caller)
        return Response(status=status.HTTP_204_NO_CONTENT)
