"""How groups of patients do, for programs: the page's figures at every day."""

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework import serializers as drf
from rest_framework.request import Request
from rest_framework.response import Response

from clinic import api_filters, audit
from clinic.access import Act
from clinic.api_views import ClinicView
from outcomes.dashboards import statistics
from outcomes.dashboards.figures import as_json, choices, funnel, missing, population
from outcomes.dashboards.figures.choices import ADDED
from outcomes.dashboards.figures.dimensions import ALL, DIMENSIONS
from outcomes.dashboards.population import serializers


class CohortQuerySerializer(drf.Serializer):
    measure = drf.CharField(
        required=False, help_text="The key of a measure; the clinic's first one else."
    )
    by = drf.ChoiceField(
        choices=[ALL, *DIMENSIONS], default="treatment", help_text="What groups are."
    )
    rule = drf.ChoiceField(
        choices=list(statistics.RULES),
        default=statistics.DEFAULT_RULE.key,
        help_text="When somebody counts as improved.",
    )
    day = drf.IntegerField(
        required=False,
        help_text="The canonical day that providers, or those who did not answer, are "
        "told at; a year or the last there is else.",
    )
    baseline_from = drf.FloatField(
        required=False, help_text="Only those who started at or above this value."
    )
    added = drf.ChoiceField(
        choices=list(ADDED),
        required=False,
        help_text="What becomes of who had more treatment before the answer: they "
        "count, are left out (without), or count as not improved (failed).",
    )
    until = drf.DateField(
        required=False, help_text="Only courses that began by this day."
    )

    def get_fields(self) -> dict[str, Any]:
        """Those whose names are no names of Python, and one for each dimension."""
        own = super().get_fields()
        own["from"] = drf.DateField(
            required=False, help_text="Only courses that began on this day or later."
        )
        for key, dimension in DIMENSIONS.items():
            own[key] = drf.CharField(
                required=False,
                help_text=f"Only one group of {dimension.by}; none: {dimension.none}.",
            )
        return own


class FiguresView(ClinicView):
    """What the page of the same name shows, asked by the same names."""

    def asked(self) -> dict[str, str]:
        api_filters.refuse_unknown(self.request, choices.NAMES)
        return dict(self.request.query_params.dict())

    def note(self, action: str, asked: dict[str, str]) -> None:
        audit.record(by=self.caller, action=action, about=self.clinic, asked=asked)


class CohortView(FiguresView):
    acts: ClassVar = {"get": Act.READ_COHORT}

    @extend_schema(
        parameters=[CohortQuerySerializer], responses=serializers.CohortSerializer
    )
    def get(self, request: Request) -> Response:
        """How groups did on a measure: mean, change, improved and worse, who missed."""
        asked = self.asked()
        found = population.read(self.caller, asked, every_day=True)
        self.note("cohort.read", asked)
        return Response(as_json.of(found))


class ProvidersView(FiguresView):
    acts: ClassVar = {"get": Act.READ_ANSWERS}

    @extend_schema(
        parameters=[CohortQuerySerializer], responses=serializers.ProvidersSerializer
    )
    def get(self, request: Request) -> Response:
        """Providers beside each other, with the limits that chance alone explains."""
        asked = self.asked()
        found = funnel.read(self.caller, population.read(self.caller, asked))
        self.note("cohort.read", asked)
        return Response(as_json.of_providers(found))


class MissingView(FiguresView):
    acts: ClassVar = {"get": Act.READ_ANSWERS}

    @extend_schema(
        parameters=[CohortQuerySerializer], responses=serializers.MissingSerializer
    )
    def get(self, request: Request) -> Response:
        """Who answered and who did not, by what is known of both."""
        asked = self.asked()
        found = missing.read(self.caller, asked)
        self.note("missing.read", asked)
        return Response(as_json.of_missing(found))
