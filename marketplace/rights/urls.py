from django.urls import path

from marketplace.rights import views
from marketplace.rights.file_views import verify_file

app_name = "rights"

urlpatterns = [
    path("library/", views.show_library, name="library"),
    path("tracks/<uuid:track_id>/files/<path:name>", views.download, name="download"),
    path("tracks/<uuid:track_id>/certificate.<str:kind>", views.show_certificate, name="certificate"),
    path("verify/", views.verify, name="verify"),
    path("verify/file/", verify_file, name="verify-file"),
    path("verify/keys.json", views.show_keys, name="keys"),
    path("verify/register-head.json", views.show_head, name="register-head"),
]
