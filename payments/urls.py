from django.urls import path

from payments import billing_views, views, webhook

app_name = "payments"

urlpatterns = [
    path("tracks/<uuid:track_id>/buy/", views.buy_track, name="buy"),
    path("orders/<uuid:order_id>/", views.show_order, name="order"),
    path("orders/<uuid:order_id>/return/", views.return_from_checkout, name="return"),
    path("orders/<uuid:order_id>/cancel/", views.cancel, name="cancel"),
    path("billing/", billing_views.show_billing, name="billing"),
    path("invoices/<int:invoice_id>/invoice.pdf", billing_views.download_invoice, name="invoice"),
    path("webhooks/stripe/", webhook.receive_event, name="webhook"),
]
