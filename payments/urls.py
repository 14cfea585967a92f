from django.urls import path

from payments import views, webhook

app_name = "payments"

urlpatterns = [
    path("tracks/<uuid:track_id>/buy/", views.buy_track, name="buy"),
    path("orders/<uuid:order_id>/", views.show_order, name="order"),
    path("orders/<uuid:order_id>/return/", views.return_from_checkout, name="return"),
    path("orders/<uuid:order_id>/cancel/", views.cancel, name="cancel"),
    path("webhooks/stripe/", webhook.receive_event, name="webhook"),
]
