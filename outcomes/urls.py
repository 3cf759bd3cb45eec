from outcomes.dashboards import urls as dashboards
from outcomes.follow_ups import urls as follow_ups
from outcomes.survey import urls as survey

app_name = "outcomes"
urlpatterns = dashboards.urlpatterns + follow_ups.urlpatterns + survey.urlpatterns
