"""Letters that wait to be printed, over the API; the sheets themselves are a page."""

from typing import ClassVar

from django.db.models import QuerySet
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from clinic import audit
from clinic.access import Act
from clinic.api_views import ClinicViewSet
from clinic.models import Language
from outcomes.follow_ups.channels import letter
from outcomes.models import Message
from outcomes.models.messages import Kind


class WaitingLetterSerializer(serializers.Serializer):
    id = serializers.UUIDField(source="message.pk")
    patient = serializers.UUIDField(source="person.pk")
    kind = serializers.ChoiceField(source="message.kind", choices=Kind.choices)
    language = serializers.ChoiceField(choices=Language.choices)
    address = serializers.CharField(help_text="Empty: none, or no consent to letters.")
    waits_since = serializers.DateTimeField(source="message.created_at")
    objection = serializers.CharField(
        help_text="Why it is not to go just now; empty where it is."
    )


class LetterViewSet(ClinicViewSet):
    """Longest waiting first."""

    queryset = Message.objects.all()
    serializer_class = WaitingLetterSerializer
    acts: ClassVar = {"list": Act.SEND_LINKS, "retrieve": Act.SEND_LINKS}

    def get_queryset(self) -> QuerySet:
        return letter.waiting(self.request.user)

    def list(self, request: Request) -> Response:
        """Who waits for a letter, to which address, and whose is not to go."""
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        found = letter.read(page or ())
        audit.record(
            by=self.caller,
            action="letters.listed",
            about=self.clinic,
            patients=[one.person.pk for one in found],
        )
        shown = WaitingLetterSerializer(found, many=True)
        return self.get_paginated_response(shown.data)

    def retrieve(self, request: Request, pk: str) -> Response:
        """One that waits."""
        message = self.get_object()
        (found,) = letter.read([message])
        audit.record(
            by=self.caller,
            action="letter.read",
            about=message,
            patients=[found.person.pk],
        )
        return Response(WaitingLetterSerializer(found).data)
