from django.contrib.auth import views as auth_views
from django.urls import path

from accounts import settings_views, views

app_name = "accounts"

urlpatterns = [
    path("register/", views.register, name="register"),
    path("login/", views.LoginView.as_view(), name="login"),
    path("logout/", auth_views.LogoutView.as_view(), name="logout"),
    path("password/", views.PasswordChangeView.as_view(), name="password_change"),
    path("password/reset/", views.PasswordResetView.as_view(), name="password_reset"),
    path(
        "password/reset/sent/",
        auth_views.PasswordResetDoneView.as_view(template_name="accounts/password_reset_sent.html"),
        name="password_reset_sent",
    ),
    path("password/reset/<uidb64>/<token>/", views.PasswordResetConfirmView.as_view(), name="password_reset_confirm"),
    path("settings/", settings_views.show_settings, name="settings"),
    path("settings/company/", settings_views.save_company, name="save_company"),
    path("settings/tokens/", settings_views.create_token, name="create_token"),
    path("settings/tokens/<int:token_id>/revoke/", settings_views.end_token, name="revoke_token"),
]
