from django.urls import path

from marketplace.rights import api, rights_api

urlpatterns = [
    path("library/", api.Library.as_view(), name="api-library"),
    path("tracks/<uuid:track_id>/certificate/", api.CertificateView.as_view(), name="api-certificate"),
    path("tracks/<uuid:track_id>/files/<path:name>", api.FileDownload.as_view(), name="api-track-file"),
    path("tracks/<uuid:track_id>/links/", rights_api.LinksView.as_view(), name="api-links"),
    path("tracks/<uuid:track_id>/links/<uuid:link_id>/", rights_api.LinkView.as_view(), name="api-link"),
    path("tracks/<uuid:track_id>/dispute-pack/", rights_api.DisputePackView.as_view(), name="api-dispute-pack"),
    path("tracks/<uuid:track_id>/recipe/", rights_api.RecipeView.as_view(), name="api-recipe"),
    path("tracks/<uuid:track_id>/originality/", rights_api.OriginalityView.as_view(), name="api-originality"),
    path("verify/<str:copyright_id>/", rights_api.VerifyView.as_view(), name="api-verify"),
]
