from outcomes.baselines import urls as baselines
from outcomes.dashboards import urls as dashboards
from outcomes.follow_ups import urls as follow_ups
from outcomes.intake import urls as intake
from outcomes.survey import urls as survey

app_name = "outcomes"
urlpatterns = (
    baselines.urlpatterns
    + dashboards.urlpatterns
    + follow_ups.urlpatterns
    + intake.urlpatterns
    + survey.urlpatterns
)
