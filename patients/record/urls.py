from django.urls import URLPattern, path

from patients.record.views import asking, caregivers, consents, identity, lists, merging

urlpatterns: list[URLPattern] = [
    path("patients/", lists.patients, name="list"),
    path("patients/new/", identity.register, name="register"),
    path("patients/<uuid:patient_id>/edit/", identity.edit, name="edit"),
    path(
        "patients/<uuid:patient_id>/caregivers/", caregivers.listed, name="caregivers"
    ),
    path("caregivers/<uuid:caregiver_id>/", caregivers.change, name="change_caregiver"),
    path("patients/<uuid:patient_id>/consents/", consents.of_patient, name="consents"),
    path("patients/<uuid:patient_id>/asking/", asking.of_patient, name="asking"),
    path("patients/<uuid:patient_id>/merge/", merging.merge, name="merge"),
    path("patients/<uuid:patient_id>/unmerge/", merging.unmerge, name="unmerge"),
]
