from django.urls import path

from plans.reports import views

urlpatterns = [
    path("plans/", views.plans, name="list"),
    path("interventions/", views.interventions, name="interventions"),
    path("reports/", views.reports, name="reports"),
    path("reports/plans.csv", views.reports_file, name="reports_file"),
    path("reports/complaints/", views.complaints, name="report_complaints"),
]
