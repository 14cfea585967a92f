from django.urls import path

from generator import views

app_name = "generator"
urlpatterns = [
    path("create/", views.brief, name="brief"),
    path("jobs/<uuid:job_id>/", views.job, name="job"),
    path("jobs/<uuid:job_id>/cancel/", views.cancel, name="cancel"),
]
