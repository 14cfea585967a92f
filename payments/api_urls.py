from django.urls import path

from payments import api, billing_api

urlpatterns = [
    path("orders/", api.OrderList.as_view(), name="api-orders"),
    path("orders/<uuid:order_id>/", api.OrderDetail.as_view(), name="api-order"),
    path("billing/", billing_api.BillingDetails.as_view(), name="api-billing"),
    path("invoices/", billing_api.InvoiceList.as_view(), name="api-invoices"),
    path("invoices/<int:invoice_id>/invoice.pdf", billing_api.InvoicePaper.as_view(), name="api-invoice-paper"),
]
