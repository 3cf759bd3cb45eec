from patients.record import urls as record
from patients.triage import urls as triage

app_name = "patients"
urlpatterns = record.urlpatterns + triage.urlpatterns
