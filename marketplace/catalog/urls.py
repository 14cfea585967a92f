from django.urls import path

from marketplace.catalog import views

app_name = "catalog"

urlpatterns = [
    path("tracks/", views.list_tracks, name="list"),
    path("tracks/<uuid:track_id>/", views.show_track, name="detail"),
    path("tracks/<uuid:track_id>/preview.mp3", views.send_preview, name="preview"),
]
