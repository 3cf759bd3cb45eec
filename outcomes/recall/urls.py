from django.urls import path

from outcomes.recall import views

urlpatterns = [
    path("recall/", views.recall, name="recall"),
    path("recall/contacts/", views.recall_contacts, name="recall_contacts"),
]
