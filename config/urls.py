from allauth.account import views as account
from django.urls import include, path

handler500 = "clinic.views.server_error"
urlpatterns = [
    path("sign-in/", account.login, name="account_login"),
    path("sign-out/", account.logout, name="account_logout"),
    # Says that there is no sign-up; the sign-in view needs the name to exist.
    path("sign-up/", account.signup, name="account_signup"),
    path("", include("clinic.urls")),
    path("", include("patients.urls")),
    path("", include("plans.urls")),
    path("", include("outcomes.urls")),
    path("api/", include("config.api_urls")),
]
