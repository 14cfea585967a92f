from django.urls import path

from generator.api import CancelView, EditsView, GenerationsView, GenerationView

urlpatterns = [
    path("generations/", GenerationsView.as_view(), name="api-generations"),
    path("generations/edits/", EditsView.as_view(), name="api-generation-edits"),
    path("generations/<uuid:job_id>/", GenerationView.as_view(), name="api-generation"),
    path("generations/<uuid:job_id>/cancel/", CancelView.as_view(), name="api-generation-cancel"),
]
