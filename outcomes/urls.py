from outcomes.dashboards import urls as dashboards
from outcomes.follow_ups import urls as follow_ups
from outcomes.intake import urls as intake
from outcomes.plan_pages import urls as plan_pages
from outcomes.survey import urls as survey

app_name = "outcomes"
urlpatterns = (
    dashboards.urlpatterns
    + follow_ups.urlpatterns
    + intake.urlpatterns
    + plan_pages.urlpatterns
    + survey.urlpatterns
)
