from django.urls import path

from marketplace.catalog import api

urlpatterns = [
    path("tracks/", api.TrackList.as_view(), name="api-tracks"),
    path("tracks/<uuid:track_id>/", api.TrackDetail.as_view(), name="api-track"),
]
