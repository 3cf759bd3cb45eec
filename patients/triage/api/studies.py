"""Studies and their attached reports over the API."""

from typing import Any, ClassVar

import django_filters
from django.db.models import Q, QuerySet
from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.exceptions import NotFound
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from clinic import clock, uploads
from clinic.access import Act
from clinic.api_fields import StrictSerializer, VisibleField
from clinic.api_filters import Ordering
from clinic.api_parsers import TooLargeError
from clinic.api_views import PatientRowsViewSet
from clinic.models import User
from patients.catalogue import study_words
from patients.models import Complaint, Side, Study, StudyFile
from patients.record.filters import OfPatient
from patients.triage import reasons, studies, study_checks
from patients.triage.study_files import attaching, file_types
from patients.triage.views import files

REGIONS = list(study_words.regions())


class OwnerField(serializers.PrimaryKeyRelatedField):
    """Somebody who enters studies in the caller's clinic."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs["queryset"] = User.objects.all()
        kwargs["pk_field"] = serializers.UUIDField(format="hex_verbose")
        kwargs["error_messages"] = {
            "does_not_exist": "Nobody in your clinic who enters studies has this id."
        }
        super().__init__(**kwargs)

    def get_queryset(self) -> QuerySet:
        return study_checks.owners(self.context["request"].user.membership.clinic)


class StudyFileSerializer(serializers.ModelSerializer):
    uploaded_by: serializers.Field = serializers.StringRelatedField()

    class Meta:
        model = StudyFile
        fields = [
            "id",
            "study",
            "name",
            "content_type",
            "size",
            "sha256",
            "uploaded_by",
            "created_at",
        ]
        read_only_fields = fields


class StudySerializer(StrictSerializer, serializers.ModelSerializer):
    patient = serializers.UUIDField(source="complaint.patient_id", read_only=True)
    complaint = VisibleField(Complaint)
    region = serializers.ChoiceField(choices=REGIONS)
    owner = OwnerField(required=False, help_text="The caller if left out.")
    ordered_on = serializers.DateField(required=False, help_text="Today if left out.")
    ordered_by: serializers.Field = serializers.StringRelatedField()
    reviewed_by: serializers.Field = serializers.StringRelatedField()
    levels = serializers.ListField(child=serializers.CharField(), read_only=True)
    results = serializers.ListField(child=serializers.CharField(), read_only=True)
    is_overdue = serializers.BooleanField(read_only=True)
    files = StudyFileSerializer(many=True, read_only=True)

    class Meta:
        model = Study
        fields = [
            "id",
            "patient",
            "complaint",
            "kind",
            "region",
            "side",
            "priority",
            "reason",
            "owner",
            "state",
            "revision",
            "due_on",
            "is_overdue",
            "ordered_on",
            "ordered_by",
            "scheduled_for",
            "performed_on",
            "received_on",
            "reviewed_at",
            "reviewed_by",
            "results",
            "levels",
            "report",
            "cancel_reason",
            "files",
            "created_at",
        ]
        read_only_fields = [
            "state",
            "revision",
            "due_on",
            "scheduled_for",
            "performed_on",
            "received_on",
            "reviewed_at",
            "report",
            "cancel_reason",
        ]


class ActSerializer(StrictSerializer):
    seen = serializers.IntegerField(
        required=False,
        min_value=0,
        help_text="The revision that was looked at; another one is refused.",
    )


class ScheduleSerializer(ActSerializer):
    scheduled_for = serializers.DateField()


class DoneSerializer(ActSerializer):
    performed_on = serializers.DateField()


class ResultFields(StrictSerializer):
    results = serializers.ListField(
        child=serializers.CharField(max_length=40),
        required=False,
        help_text="Keys of the fixed words for this kind of study.",
    )
    levels = serializers.ListField(
        child=serializers.CharField(max_length=10), required=False
    )
    side = serializers.ChoiceField(choices=Side.choices, required=False)
    report = serializers.CharField(
        required=False, allow_blank=True, max_length=study_checks.REPORT_LENGTH
    )
    received_on = serializers.DateField(required=False, help_text="Today if left out.")


class ResultSerializer(ActSerializer, ResultFields):
    performed_on = serializers.DateField(required=False)


class BroughtSerializer(ResultFields):
    complaint = VisibleField(Complaint)
    kind = serializers.ChoiceField(choices=Study.Kind.choices)
    region = serializers.ChoiceField(choices=REGIONS)
    performed_on = serializers.DateField()
    owner = OwnerField(required=False, help_text="The caller if left out.")


class StudyReasonSerializer(ActSerializer):
    reason = serializers.CharField(max_length=reasons.LENGTH)


class OwnerSerializer(ActSerializer):
    owner = OwnerField()


class UploadSerializer(StrictSerializer):
    file = serializers.FileField(
        allow_empty_file=True, help_text="A PDF, PNG, JPEG or TIFF of at most 10 MB."
    )


class StudyFilters(django_filters.FilterSet):
    patient = OfPatient("complaint__patient")
    complaint = django_filters.UUIDFilter()
    owner = django_filters.UUIDFilter()
    kind = django_filters.ChoiceFilter(choices=Study.Kind.choices)
    state = django_filters.ChoiceFilter(choices=Study.State.choices)
    priority = django_filters.ChoiceFilter(choices=Study.Priority.choices)
    is_overdue = django_filters.BooleanFilter(method="overdue")
    ordering = Ordering(fields=["due_on", "ordered_on", "performed_on"])

    def overdue(self, queryset: QuerySet, name: str, wanted: bool) -> QuerySet:
        clinic = self.request.user.membership.clinic
        late = Q(state__in=Study.OPEN, due_on__lt=clock.today(clinic.zone))
        return queryset.filter(late if wanted else ~late)


class StudyViewSet(PatientRowsViewSet):
    queryset = Study.objects.select_related(
        "complaint__patient__clinic", "ordered_by", "reviewed_by"
    ).prefetch_related("files__uploaded_by")
    serializer_class = StudySerializer
    filterset_class = StudyFilters
    http_method_names = ["get", "head", "post"]
    acts: ClassVar = {
        "list": Act.READ_CLINICAL,
        "retrieve": Act.READ_CLINICAL,
        "create": Act.RECORD_FINDINGS,
        "brought": Act.RECORD_FINDINGS,
        "schedule": Act.RECORD_FINDINGS,
        "done": Act.RECORD_FINDINGS,
        "result": Act.RECORD_FINDINGS,
        "review": Act.SIGN_EVALUATIONS,
        "cancel": Act.RECORD_FINDINGS,
        "in_error": Act.SIGN_EVALUATIONS,
        "hand_over": Act.RECORD_FINDINGS,
        "files": Act.RECORD_FINDINGS,
    }

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        if self.action == "files":
            # Before anything, the session's token among it, reads the body.
            if not uploads.is_within(request._request, file_types.MOST_BYTES):
                raise TooLargeError(" ".join(file_types.too_large().messages))
            request._request.upload_handlers = [
                uploads.InMemoryUpload(request._request)
            ]
        super().initial(request, *args, **kwargs)

    def create(self, request: Request) -> Response:
        """Order a study."""
        study = studies.order(by=self.caller, **self.checked(request))
        return self.shown(study, code=status.HTTP_201_CREATED)

    @extend_schema(responses={201: StudySerializer})
    @action(detail=False, methods=["post"], serializer_class=BroughtSerializer)
    def brought(self, request: Request) -> Response:
        """Record a study that the patient brought; it waits for review."""
        study = studies.take_in(by=self.caller, **self.checked(request))
        return self.shown(study, StudySerializer, status.HTTP_201_CREATED)

    @extend_schema(responses=StudySerializer)
    @action(detail=True, methods=["post"], serializer_class=ScheduleSerializer)
    def schedule(self, request: Request, pk: str) -> Response:
        """Book the day of the study, or another day."""
        return self.act(request, studies.schedule)

    @extend_schema(responses=StudySerializer)
    @action(detail=True, methods=["post"], serializer_class=DoneSerializer)
    def done(self, request: Request, pk: str) -> Response:
        """Record that it took place."""
        return self.act(request, studies.record_done)

    @extend_schema(responses=StudySerializer)
    @action(detail=True, methods=["post"], serializer_class=ResultSerializer)
    def result(self, request: Request, pk: str) -> Response:
        """Keep what the report says, or put it right until it is reviewed."""
        return self.act(request, studies.receive)

    @extend_schema(responses=StudySerializer)
    @action(detail=True, methods=["post"], serializer_class=ActSerializer)
    def review(self, request: Request, pk: str) -> Response:
        """Sign that the result was read; from then on it stays as it is."""
        return self.act(request, studies.review)

    @extend_schema(responses=StudySerializer)
    @action(detail=True, methods=["post"], serializer_class=StudyReasonSerializer)
    def cancel(self, request: Request, pk: str) -> Response:
        """It will not take place."""
        return self.act(request, studies.cancel)

    @extend_schema(responses=StudySerializer)
    @action(
        detail=True,
        methods=["post"],
        url_path="in-error",
        serializer_class=StudyReasonSerializer,
    )
    def in_error(self, request: Request, pk: str) -> Response:
        """Mark a result as entered in error; it is kept."""
        return self.act(request, studies.enter_in_error)

    @extend_schema(responses=StudySerializer)
    @action(
        detail=True,
        methods=["post"],
        url_path="owner",
        serializer_class=OwnerSerializer,
    )
    def hand_over(self, request: Request, pk: str) -> Response:
        """Name who sees to it from now on."""
        return self.act(request, studies.hand_over)

    @extend_schema(
        request={"multipart/form-data": UploadSerializer},
        responses={201: StudyFileSerializer, 413: OpenApiTypes.OBJECT},
    )
    @action(
        detail=True,
        methods=["post"],
        parser_classes=[MultiPartParser],
        serializer_class=UploadSerializer,
    )
    def files(self, request: Request, pk: str) -> Response:
        """Attach a report; what it is, is told by its bytes."""
        study = self.get_object()
        upload = self.checked(request)["file"]
        file = attaching.attach(
            study, by=self.caller, name=upload.name, content=upload.read()
        )
        context = self.get_serializer_context()
        shown = StudyFileSerializer(file, context=context)
        return Response(shown.data, status=status.HTTP_201_CREATED)

    def act(self, request: Request, verb: Any) -> Response:
        study = verb(self.get_object(), by=self.caller, **self.checked(request))
        return self.shown(study, StudySerializer)


class AsItIs(BaseContentNegotiation):
    """A file leaves as what it is, whatever the caller says it accepts."""

    def select_parser(self, request: Request, parsers: Any) -> Any:
        return parsers[0]

    def select_renderer(
        self, request: Request, renderers: Any, format_suffix: str | None = None
    ) -> Any:
        return renderers[0], renderers[0].media_type


class StudyFileFilters(django_filters.FilterSet):
    patient = OfPatient("study__complaint__patient")
    study = django_filters.UUIDFilter()
    ordering = Ordering(fields=["created_at"])


class StudyFileViewSet(PatientRowsViewSet):
    queryset = StudyFile.objects.select_related("study__complaint", "uploaded_by")
    serializer_class = StudyFileSerializer
    filterset_class = StudyFileFilters
    acts: ClassVar = {
        "list": Act.READ_CLINICAL,
        "retrieve": Act.READ_CLINICAL,
        "content": Act.READ_CLINICAL,
    }

    @extend_schema(responses={(200, "application/octet-stream"): OpenApiTypes.BINARY})
    @action(detail=True, content_negotiation_class=AsItIs)
    def content(self, request: Request, pk: str) -> HttpResponse:
        """The bytes as they came, as an attachment."""
        file = self.get_object()
        content = attaching.content_of(file)
        if content is None:
            raise NotFound(files.LOST)
        return files.given_out(file, content, by=self.caller)
