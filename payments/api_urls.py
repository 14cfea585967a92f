from django.urls import path

from payments import api

urlpatterns = [
    path("orders/", api.OrderList.as_view(), name="api-orders"),
    path("orders/<uuid:order_id>/", api.OrderDetail.as_view(), name="api-order"),
]
