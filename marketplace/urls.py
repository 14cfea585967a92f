"""Every address of the site, in one place; but for `/healthz` and `/readyz`, which `health` answers before."""

from django.contrib import admin
from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView

from marketplace import pages

handler400 = "marketplace.pages.bad_request"
handler403 = "marketplace.pages.permission_denied"
handler404 = "marketplace.pages.page_not_found"
handler500 = "marketplace.pages.server_error"

urlpatterns = [
    path("", pages.landing, name="landing"),
    path("accounts/", include("accounts.urls")),
    path("", include("marketplace.catalog.urls")),
    path("", include("marketplace.rights.urls")),
    path("", include("generator.urls")),
    path("", include("payments.urls")),
    path("api/v1/", include("marketplace.catalog.api_urls")),
    path("api/v1/", include("marketplace.rights.api_urls")),
    path("api/v1/", include("generator.api_urls")),
    path("api/v1/", include("payments.api_urls")),
    path("api/schema/", SpectacularAPIView.as_view(), name="schema"),
    path("admin/", admin.site.urls),
]
