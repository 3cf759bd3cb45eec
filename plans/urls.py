from plans.course import urls as course
from plans.protocols import urls as protocols

app_name = "plans"
urlpatterns = protocols.urlpatterns + course.urlpatterns
