from csp.decorators import csp_update
from django.contrib.auth.decorators import login_required
from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from clinic.settings_pages.api import ClinicSettingsView
from config import api
from outcomes.dashboards.capture.api import CaptureFollowUpsViewSet, CaptureView
from outcomes.dashboards.home.api import TodayView
from outcomes.dashboards.own_change.api import ImportantChangeView
from outcomes.dashboards.population.api import (
    CohortView,
    MissingView,
    ProvidersView,
)
from outcomes.dashboards.sources.api import SourceComplaintsViewSet, SourcesReportView
from outcomes.follow_ups.wording.api import WordingsView, WordingView
from outcomes.harm_pages.api import DenominatorsView
from outcomes.recall.api import RecallViewSet
from patients.catalogue.api import CatalogueView
from plans.reports.api import PlanReportView

app_name = "api"
docs_page = SpectacularSwaggerSplitView.as_view(
    url_name="api:schema", template_name="clinic/api_docs.html"
)
# Its style sheet carries its icons; scripts and styles stay as strict as elsewhere.
with_data_images = csp_update({"img-src": ["data:"]})

urlpatterns = [
    path("v1/", api.ContentsView.as_view(), name="contents"),
    # Before the router, which would read the word as an id.
    path(
        "v1/adverse-events/denominators/",
        DenominatorsView.as_view(),
        name="adverse-event-denominators",
    ),
    path("v1/", include(api.router.urls)),
    path("v1/", include(api.parts.urls)),
    path("v1/catalogue/", CatalogueView.as_view(), name="catalogue"),
    path("v1/outcomes/cohort/", CohortView.as_view(), name="cohort"),
    path("v1/outcomes/missing/", MissingView.as_view(), name="missing"),
    path("v1/outcomes/providers/", ProvidersView.as_view(), name="providers"),
    path("v1/outcomes/capture/", CaptureView.as_view(), name="capture"),
    path(
        "v1/outcomes/capture/follow-ups/",
        CaptureFollowUpsViewSet.as_view({"get": "list"}),
        name="capture-follow-ups",
    ),
    path(
        "v1/outcomes/important-change/",
        ImportantChangeView.as_view(),
        name="important-change",
    ),
    path("v1/outcomes/sources/", SourcesReportView.as_view(), name="sources-report"),
    path(
        "v1/outcomes/sources/complaints/",
        SourceComplaintsViewSet.as_view({"get": "list"}),
        name="sources-report-complaints",
    ),
    path("v1/settings/", ClinicSettingsView.as_view(), name="settings"),
    path("v1/wordings/", WordingsView.as_view(), name="wordings"),
    path(
        "v1/wordings/<slug:channel>/<slug:kind>/<slug:language>/",
        WordingView.as_view(),
        name="wording",
    ),
    path("v1/today/", TodayView.as_view(), name="today"),
    path("v1/recall/", RecallViewSet.as_view({"get": "list"}), name="recall"),
    path(
        "v1/recall/contacts/",
        RecallViewSet.as_view({"post": "contacts"}),
        name="recall-contacts",
    ),
    path("v1/reports/plans/", PlanReportView.as_view(), name="plan-report"),
    path("schema/", SpectacularAPIView.as_view(), name="schema"),
    path("docs/", login_required(with_data_images(docs_page)), name="docs"),
]
