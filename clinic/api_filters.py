"""Filters of the API's lists: what is asked for is either understood or refused."""

from collections.abc import Collection
from typing import TYPE_CHECKING, Any

import django_filters
from django.db.models import QuerySet
from django_filters.rest_framework import DjangoFilterBackend
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request

if TYPE_CHECKING:
    from rest_framework.views import APIView


def refuse_unknown(request: Request, known: Collection[str]) -> None:
    """400 for a query parameter that would otherwise be ignored without a word."""
    unknown = [name for name in request.query_params if name not in known]
    if unknown:
        taken = ", ".join(sorted(known)) or "none"
        raise ValidationError(
            {
                name: [f"There is no such parameter; the ones here are: {taken}."]
                for name in unknown
            }
        )


class StrictFilterBackend(DjangoFilterBackend):
    def filter_queryset(
        self, request: Request, queryset: QuerySet, view: "APIView"
    ) -> QuerySet:
        # One row is named by its address; a filter on it would only mislead.
        if getattr(view, "detail", False):
            refuse_unknown(request, getattr(view, "parameters", ()))
            return queryset
        refuse_unknown(request, self.known_parameters(queryset, view))
        return super().filter_queryset(request, queryset, view)

    def known_parameters(self, queryset: QuerySet, view: Any) -> set[str]:
        filterset = self.get_filterset_class(view, queryset)
        known = set(filterset.base_filters) if filterset else set()
        if view.paginator is not None:
            known |= {
                view.paginator.page_query_param,
                view.paginator.page_size_query_param,
            }
        return known


class Ordering(django_filters.OrderingFilter):
    """Ends with the key, so that no row is on two pages or on none."""

    def filter(self, qs: QuerySet, value: Any) -> QuerySet:
        ordered = super().filter(qs, value)
        return ordered.order_by(*ordered.query.order_by, "pk") if value else ordered
