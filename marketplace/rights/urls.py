from django.urls import path

from marketplace.rights import offer_views, rights_views, views
from marketplace.rights.file_views import verify_file

app_name = "rights"

urlpatterns = [
    path("library/", views.show_library, name="library"),
    path("tracks/<uuid:track_id>/files/<path:name>", views.download, name="download"),
    path("tracks/<uuid:track_id>/certificate.<str:kind>", views.show_certificate, name="certificate"),
    path("tracks/<uuid:track_id>/recipe.json", rights_views.send_recipe, name="recipe"),
    path("tracks/<uuid:track_id>/dispute-pack.zip", rights_views.send_dispute_pack, name="dispute-pack"),
    path("tracks/<uuid:track_id>/rights/", rights_views.show_rights, name="rights"),
    path("tracks/<uuid:track_id>/rights/naming/", rights_views.save_naming, name="naming"),
    path("tracks/<uuid:track_id>/rights/links/", rights_views.create_link, name="create-link"),
    path("tracks/<uuid:track_id>/rights/links/<uuid:link_id>/revoke/", rights_views.revoke_link, name="revoke-link"),
    path("tracks/<uuid:track_id>/rights/offer/", rights_views.create_offer, name="create-offer"),
    path("tracks/<uuid:track_id>/rights/offer/withdraw/", rights_views.end_offer, name="withdraw-offer"),
    path("links/<str:token>/<str:name>", rights_views.open_link, name="link"),
    path("offers/<str:token>/", offer_views.show_offer, name="offer"),
    path("offers/<str:token>/accept/", offer_views.accept, name="accept-offer"),
    path("offers/<str:token>/decline/", offer_views.decline, name="decline-offer"),
    path("verify/", views.verify, name="verify"),
    path("verify/file/", verify_file, name="verify-file"),
    path("verify/keys.json", views.show_keys, name="keys"),
    path("verify/register-head.json", views.show_head, name="register-head"),
    path("verify/verify_offline.py", views.show_script, name="verify-script"),
]
