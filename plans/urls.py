from plans.course import urls as course
from plans.harm import urls as harm
from plans.procedures import urls as procedures
from plans.procedures.papers import urls as papers
from plans.protocols import urls as protocols
from plans.reports import urls as reports

app_name = "plans"
urlpatterns = [
    *protocols.urlpatterns,
    *course.urlpatterns,
    *procedures.urlpatterns,
    *papers.urlpatterns,
    *harm.urlpatterns,
    *reports.urlpatterns,
]
