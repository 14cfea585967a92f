from django.urls import path

from marketplace.rights import api

urlpatterns = [
    path("library/", api.Library.as_view(), name="api-library"),
    path("tracks/<uuid:track_id>/certificate/", api.CertificateView.as_view(), name="api-certificate"),
    path("tracks/<uuid:track_id>/files/<path:name>", api.FileDownload.as_view(), name="api-track-file"),
]
