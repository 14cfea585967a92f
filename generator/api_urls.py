from django.urls import path

from generator.api import CancelView, GenerationsView, GenerationView

urlpatterns = [
    path("generations/", GenerationsView.as_view(), name="api-generations"),
    path("generations/<uuid:job_id>/", GenerationView.as_view(), name="api-generation"),
    path("generations/<uuid:job_id>/cancel/", CancelView.as_view(), name="api-generation-cancel"),
]
