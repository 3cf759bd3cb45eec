from outcomes.alerts import urls as alerts
from outcomes.answer_pages import urls as answer_pages
from outcomes.baselines import urls as baselines
from outcomes.clinician_parts import urls as clinician_parts
from outcomes.dashboards import urls as dashboards
from outcomes.follow_ups import urls as follow_ups
from outcomes.follow_ups.guard import urls as guard
from outcomes.follow_ups.wording import urls as wording
from outcomes.harm_pages import urls as harm_pages
from outcomes.in_clinic import urls as in_clinic
from outcomes.intake import urls as intake
from outcomes.own_instruments import urls as own_instruments
from outcomes.own_page import urls as own_page
from outcomes.plan_pages import urls as plan_pages
from outcomes.recall import urls as recall
from outcomes.sheets import urls as sheets
from outcomes.simulator import urls as simulator
from outcomes.survey import urls as survey

app_name = "outcomes"
urlpatterns = (
    alerts.urlpatterns
    + answer_pages.urlpatterns
    + baselines.urlpatterns
    + clinician_parts.urlpatterns
    + dashboards.urlpatterns
    + follow_ups.urlpatterns
    + guard.urlpatterns
    + harm_pages.urlpatterns
    + in_clinic.urlpatterns
    + intake.urlpatterns
    + own_page.urlpatterns
    + own_instruments.urlpatterns
    + plan_pages.urlpatterns
    + recall.urlpatterns
    + sheets.urlpatterns
    + simulator.urlpatterns
    + survey.urlpatterns
    + wording.urlpatterns
)
