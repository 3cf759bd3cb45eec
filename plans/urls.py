from plans.course import urls as course
from plans.harm import urls as harm
from plans.protocols import urls as protocols

app_name = "plans"
urlpatterns = protocols.urlpatterns + course.urlpatterns + harm.urlpatterns
