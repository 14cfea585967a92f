from django.urls import path

from generator import edit_views, views

app_name = "generator"
urlpatterns = [
    path("create/", views.brief, name="brief"),
    path("tracks/<uuid:track_id>/edit/", edit_views.edit, name="edit"),
    path("jobs/<uuid:job_id>/", views.job, name="job"),
    path("jobs/<uuid:job_id>/cancel/", views.cancel, name="cancel"),
]
