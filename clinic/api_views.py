"""What every view of the API's rows does: own clinic, known fields, read on record."""

from collections.abc import Sequence
from typing import Any, ClassVar, cast

from django.db.models import Model, QuerySet
from rest_framework import status
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView
from rest_framework.viewsets import GenericViewSet

from clinic import access, api_filters, api_schema, audit
from clinic.models import Clinic, Membership, User


class ClinicView(APIView):
    """Answers a member of staff at work in a clinic; `acts` says who may do what."""

    acts: ClassVar[dict[str, access.Act]] = {}
    # PUT and DELETE exist nowhere: rows are changed by verbs and never deleted.
    http_method_names = ["get", "head"]
    schema = api_schema.ApiSchema()

    @property
    def caller(self) -> User:
        return cast(User, self.request.user)

    @property
    def clinic(self) -> Clinic:
        """Where the caller works; whoever holds an act is a member somewhere."""
        return cast(Membership, self.caller.membership).clinic


class ClinicViewSet(GenericViewSet, ClinicView):
    """Rows of the caller's clinic, never reached but through `visible_to`."""

    # What an act takes in its address; said where the act is.
    parameters: ClassVar[Sequence[str]] = ()

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if request.method not in SAFE_METHODS:
            api_filters.refuse_unknown(request, self.parameters)

    def get_queryset(self) -> QuerySet:
        rows: Any = super().get_queryset()
        return rows.visible_to(self.request.user)

    def list(self, request: Request) -> Response:
        """One page of the rows."""
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        self.note_list(page or ())
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    def retrieve(self, request: Request, pk: str) -> Response:
        """One row."""
        row = self.get_object()
        self.note_read(row)
        return Response(self.get_serializer(row).data)

    def note_list(self, rows: Sequence[Any]) -> None:
        """Reference content is nobody's secret; patients' rows are put on record."""

    def note_read(self, row: Any) -> None:
        """The same for one row."""

    def checked(
        self, request: Request, serializer: Any = None, *, changing: Model | None = None
    ) -> dict[str, Any]:
        """What the body asks for, each field validated; a part of them for a change."""
        chosen = serializer or self.get_serializer_class()
        serializer = chosen(
            changing,
            data=request.data,
            partial=changing is not None,
            context=self.get_serializer_context(),
        )
        serializer.is_valid(raise_exception=True)
        return serializer.validated_data

    def shown(
        self, row: Model, serializer: Any = None, code: int = status.HTTP_200_OK
    ) -> Response:
        """The row as a later GET gives it, read afresh with all that it needs."""
        fresh = self.get_queryset().get(pk=row.pk)
        chosen = serializer or self.get_serializer_class()
        return Response(
            chosen(fresh, context=self.get_serializer_context()).data, status=code
        )


class PatientRowsViewSet(ClinicViewSet):
    """Rows about patients: whose were shown to whom is kept."""

    def note_list(self, rows: Sequence[Any]) -> None:
        audit.record(
            by=self.caller,
            action=f"{self.row_name(plural=True)}.listed",
            about=self.clinic,
            patients=[row.audit_subject for row in rows],
        )

    def note_read(self, row: Any) -> None:
        audit.record(by=self.caller, action=f"{self.row_name()}.read", about=row)

    def row_name(self, *, plural: bool = False) -> str:
        named = self.get_queryset().model._meta
        name = named.verbose_name_plural if plural else named.verbose_name
        return str(name).replace(" ", "_")
