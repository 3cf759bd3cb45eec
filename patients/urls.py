from patients.appointments import urls as appointments
from patients.record import urls as record
from patients.record.imports import urls as imports
from patients.triage import urls as triage

app_name = "patients"
urlpatterns = (
    record.urlpatterns
    + imports.urlpatterns
    + appointments.urlpatterns
    + triage.urlpatterns
)
